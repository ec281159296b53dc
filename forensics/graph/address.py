"""Where a Neo4j server is, and as whom to speak to it; needs no driver."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Address:
    """One database of one server. `database` None is the server's default."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str | None = None

    @property
    def shown(self) -> str:
        """The address as messages show it."""
        return f"{self.uri} (database {self.database})" if self.database else self.uri
