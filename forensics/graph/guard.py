"""Refuses what a query must not do. An engine that is opened read-only still runs some of it:
`COPY … TO` wrote a file and `LOAD FROM` read one (ladybug 0.22), Neo4j reads files and calls
procedures in sessions with read access.

A query is one statement that begins as a reading one does, and in which no unsafe word stands as a
clause. As a name (`a.load`, `(copy:Account)`, `AS call`), in quotes or in a comment it may stand.
"""

from __future__ import annotations

import re

from forensics.errors import QueryError, WriteRefused
from forensics.graph.text import tokens

#: Reach outside the graph: files, other databases, extensions, procedures, settings.
_UNSAFE = re.compile(
    "ANALYZE|ATTACH|BEGIN|CALL|CHECKPOINT|COMMENT|COMMIT|COPY|EXPORT|FORCE|IMPORT|INSTALL|LOAD|"
    "ROLLBACK|UNINSTALL|UPDATE|USE"
)
_WRITES = re.compile("ALTER|CREATE|DELETE|DETACH|DROP|FOREACH|INSERT|MERGE|REMOVE|SET")
_READS = re.compile("EXPLAIN|MATCH|OPTIONAL|PROFILE|RETURN|UNWIND|WITH")

#: After these a name or an expression must follow, never a clause.
_BEFORE_NAMES = re.compile(
    r"[:$|,(\[=~<>+\-/%^&!]|AS|AND|OR|XOR|NOT|IN|IS|BY|RETURN|DISTINCT|WITH|WHERE|CASE|WHEN|THEN|"
    "ELSE|UNWIND|CONTAINS|LIMIT|SKIP"
)
#: What can stand before an operator: a name, a number, or the end of an expression.
_OPERAND = re.compile(r"(?!(?:RETURN|WITH|DISTINCT|YIELD|ALL)$)\w+|[)\]}']")

_ESCAPE = re.compile(r"\\u+([0-9a-fA-F]{4})")


def check_readonly(text: str) -> None:
    """Let a query pass that only reads the graph.

    Raises:
        WriteRefused: it has a clause that writes.
        QueryError: it is empty, not one statement, or has a clause that reaches outside.
    """
    _check_all(text, writes=False)


def check_inside(text: str) -> None:
    """Let a query pass that reads or writes the graph, and nothing outside of it.

    Raises:
        QueryError: it is empty, not one statement, or has a clause that reaches outside.
    """
    _check_all(text, writes=True)


def _check_all(text: str, *, writes: bool) -> None:
    _check(list(tokens(text)), writes)
    # Neo4j decodes \u0027 before it parses, so that an escape can end a string or spell a clause.
    decoded = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)
    if decoded != text:
        _check(list(tokens(decoded)), writes)


def _check(words: list[str], writes: bool) -> None:
    if not words:
        raise QueryError("the query is empty")
    if ";" in words[:-1]:
        raise QueryError("the query has more than one statement; run them one by one")
    for at, word in enumerate(map(str.upper, words)):
        if not writes and _WRITES.fullmatch(word) and _is_clause(words, at):
            raise WriteRefused(
                f"{word} would change the graph, which is read-only: it is derived from the case, "
                "so change the input or the labels and analyse again"
            )
        if _UNSAFE.fullmatch(word) and _is_clause(words, at):
            raise QueryError(
                f"{word} is refused: a query reads the graph and nothing else (no files, no other "
                f"databases, no procedures); where {word} is a name, write `{word.lower()}`"
            )
    first = words[0].upper()
    if not (_READS.fullmatch(first) or (writes and _WRITES.fullmatch(first))):
        raise QueryError(
            f"the query begins with '{words[0][:40]}'; a query that reads begins with MATCH, "
            "OPTIONAL MATCH, UNWIND, WITH or RETURN"
        )


def _is_clause(words: list[str], at: int) -> bool:
    """Whether the word at `at` can begin a clause; in doubt it does."""
    last, before = [";", ";", *(word.upper() for word in words[:at])][-2:]
    if before == "{":  # {call: 1} is a map, EXISTS { CALL … } is not
        return words[at + 1 : at + 2] != [":"]
    if before == "*":  # RETURN * ends there, a * load goes on
        return not _OPERAND.fullmatch(last)
    if before == ".":  # a.load is a property
        return last.isdigit() or not _OPERAND.fullmatch(last)
    return not _BEFORE_NAMES.fullmatch(before)
