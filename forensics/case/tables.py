"""The input tables: their names, columns and the Arrow schema in which the case keeps them.

Times are timestamps in microseconds, UTC. A table that can be given as events (`at`) or as a
range (`first_seen`, `last_seen`, `count`) is kept as a range: an event has both ends equal.
Each stored row ends in its source: the SHA-256 of the file and the 1-based data record.
An embedding is kept as its direction, one signed byte per dimension (`fixed_size_binary`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
WHOLE = pa.int64()
#: Stand-in for an embedding until the case knows the dimension.
EMBEDDING = pa.binary()

SOURCE = (pa.field("source_sha256", TEXT), pa.field("source_row", WHOLE))


@dataclass(frozen=True)
class InputTable:
    """One kind of input table.

    `required` and `optional` are what a source file may hold; `stored` is what the case keeps,
    without the two source columns; `choices` are the values that a column may take.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    stored: tuple[pa.Field, ...]
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """All column names that a source file may hold."""
        return self.required + self.optional

    def schema(self, dimension: int | None = None) -> pa.Schema:
        """Return the Arrow schema of the stored table, `dimension` bytes to an embedding."""
        fields = [
            pa.field(f.name, pa.binary(dimension)) if dimension and f.name == "embedding" else f
            for f in self.stored
        ]
        return pa.schema([*fields, *SOURCE])


def _fields(**types: pa.DataType) -> tuple[pa.Field, ...]:
    return tuple(pa.field(name, kind) for name, kind in types.items())


_SPAN = ("at", "first_seen", "last_seen", "count")
_SPAN_FIELDS = {"first_seen": TIME, "last_seen": TIME, "count": WHOLE}

TABLES: dict[str, InputTable] = {
    table.name: table
    for table in (
        InputTable(
            "signups",
            ("account_id", "created_at"),
            (
                "email",
                "phone",
                "name",
                "country",
                "plan",
                "organisation",
                "signup_ip",
                "device_id",
                "user_agent",
                "status",
                "status_at",
            ),
            _fields(
                account_id=TEXT,
                created_at=TIME,
                email=TEXT,
                email_raw=TEXT,
                phone=TEXT,
                phone_raw=TEXT,
                name=TEXT,
                country=TEXT,
                plan=TEXT,
                organisation=TEXT,
                signup_ip=TEXT,
                device_id=TEXT,
                user_agent=TEXT,
                status=TEXT,
                status_at=TIME,
                extra=TEXT,
            ),
            {"status": ("active", "suspended", "deleted")},
        ),
        InputTable(
            "payments",
            ("account_id", "instrument_id"),
            ("kind", "bin", "issuer_country", *_SPAN),
            _fields(
                account_id=TEXT,
                instrument_id=TEXT,
                kind=TEXT,
                bin=TEXT,
                issuer_country=TEXT,
                **_SPAN_FIELDS,
            ),
            {
                "kind": (
                    "card",
                    "prepaid",
                    "virtual",
                    "bank",
                    "wallet",
                    "crypto",
                    "invoice",
                    "other",
                )
            },
        ),
        InputTable(
            "ips",
            ("account_id", "ip"),
            ("at", "first_seen", "last_seen", "requests", "user_agent"),
            _fields(
                account_id=TEXT,
                ip=TEXT,
                first_seen=TIME,
                last_seen=TIME,
                requests=WHOLE,
                user_agent=TEXT,
            ),
        ),
        InputTable(
            "prompts",
            ("prompt_id", "account_id", "at", "embedding"),
            ("tokens_in", "tokens_out", "model"),
            _fields(
                prompt_id=TEXT,
                account_id=TEXT,
                at=TIME,
                tokens_in=WHOLE,
                tokens_out=WHOLE,
                model=TEXT,
                embedding=EMBEDDING,
            ),
        ),
        InputTable(
            "devices",
            ("account_id", "device_id"),
            _SPAN,
            _fields(account_id=TEXT, device_id=TEXT, **_SPAN_FIELDS),
        ),
        InputTable(
            "identifiers",
            ("account_id", "kind", "value"),
            _SPAN,
            _fields(account_id=TEXT, kind=TEXT, value=TEXT, **_SPAN_FIELDS),
        ),
        InputTable(
            "networks",
            ("cidr", "kind"),
            ("asn", "name"),
            _fields(cidr=TEXT, kind=TEXT, asn=WHOLE, name=TEXT),
            {
                "kind": (
                    "residential",
                    "mobile",
                    "datacenter",
                    "vpn",
                    "education",
                    "corporate",
                    "other",
                )
            },
        ),
        InputTable(
            "labels",
            ("account_id", "verdict"),
            ("operator", "reason", "by", "at"),
            _fields(account_id=TEXT, verdict=TEXT, operator=TEXT, reason=TEXT, by=TEXT, at=TIME),
            {"verdict": ("abusive", "legitimate")},
        ),
        InputTable(
            "declared",
            ("account_id", "group_id", "kind"),
            ("verified_by",),
            _fields(account_id=TEXT, group_id=TEXT, kind=TEXT, verified_by=TEXT),
            {"kind": ("organisation", "reseller", "research", "education", "internal")},
        ),
        InputTable(
            "references",
            ("name", "kind", "embedding"),
            (),
            _fields(name=TEXT, kind=TEXT, embedding=EMBEDDING),
            {"kind": ("benchmark", "default", "capability")},
        ),
        InputTable(
            "events",
            ("name", "at"),
            ("kind",),
            _fields(name=TEXT, at=TIME, kind=TEXT),
        ),
    )
}
