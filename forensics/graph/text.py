"""The words of a query, as far as they matter before an engine sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from forensics.errors import QueryError

#: What stands for anything in quotes, backticks included.
QUOTED = "'"

_TOKEN = re.compile(
    r"""(?P<space>\s+|/\*.*?\*/|//[^\r\n]*)
      | (?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`]|``)*`)
      | (?P<word>[^\W\d]\w*)
      | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<open>/\*|['"`])
      | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)


def tokens(text: str) -> Iterator[str]:
    """Give the words, numbers and signs of a query, without comments; quoted parts as `QUOTED`.

    Raises:
        QueryError: a quote or a comment is never closed.
    """
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "open":
            raise QueryError(f"the query has a {match[0]} that is never closed")
        if match.lastgroup == "quoted":
            yield QUOTED
        elif match.lastgroup != "space":
            yield match[0]


def first_statement(text: str) -> tuple[str, str] | None:
    """Split a text behind its first statement, the semicolon left out; None if none ends yet."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "open":
            return None
        if match[0] == ";":
            return text[: match.start()], text[match.end() :]
    return None


def parameters_in(text: str) -> list[str]:
    """Return the names of the parameters that a query uses, each once, in order."""
    pairs = pairwise(tokens(text))
    return list(dict.fromkeys(name for sign, name in pairs if sign == "$" and name != QUOTED))
