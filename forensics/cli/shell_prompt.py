"""Typing into the shell: several lines, history, completion."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from forensics.cli.shell import COMMANDS, next_entry
from forensics.graph.library import load_queries
from forensics.graph.schema import NODES, RELATIONSHIPS

_KEYWORDS = (
    "AND AS ASC BY CASE CONTAINS COUNT DESC DISTINCT ELSE END ENDS EXISTS IN IS LIMIT MATCH NOT "
    "NULL OPTIONAL OR ORDER RETURN SKIP STARTS THEN UNION UNWIND WHEN WHERE WITH"
)
_LAST_WORD = re.compile(r":?\w*\Z")
_INSIDE_NODE = re.compile(r"\(\s*\w*\s*:[\w|:& ]*\Z")
_INSIDE_RELATIONSHIP = re.compile(r"\[\s*\w*\s*:[\w|:& ]*\Z")
_PROPERTY = re.compile(r"(?:\w\.|[{,]\s*)\w*\Z")
_RUN = re.compile(r":run\s+\w*\Z")
_RUN_PARAMETER = re.compile(r":run\s+(\w+)\s+(?:\S+\s+)*\w*\Z")


class CypherCompleter(Completer):
    """Offers what can stand at the cursor: labels, types, properties, queries, commands."""

    def __init__(self, account_properties: Sequence[str]) -> None:
        tables = (*NODES, *RELATIONSHIPS)
        known = {name for table in tables for name in table.properties}
        self.labels = sorted(table.label for table in NODES)
        self.types = sorted(table.type for table in RELATIONSHIPS)
        self.properties = sorted(known | set(account_properties))

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterator[Completion]:
        """Give the words that begin as the one before the cursor does."""
        before = document.text_before_cursor
        match = _LAST_WORD.search(before)
        word = match[0] if match else ""
        if not before.lstrip().startswith(":"):
            word = word.lstrip(":")
        for offered in self._offered(before, word):
            if offered.lower().startswith(word.lower()) and offered != word:
                yield Completion(offered, start_position=-len(word))

    def _offered(self, before: str, word: str) -> Iterable[str]:
        line = before.lstrip()
        if _RUN.match(line):
            return load_queries()
        if run := _RUN_PARAMETER.match(line):
            query = load_queries().get(run[1])
            return [f"{p.name}=" for p in query.parameters] if query else []
        if line.startswith(":"):
            return [command.split()[0] for command in COMMANDS] if word == line else []
        if _INSIDE_NODE.search(before):
            return self.labels
        if _INSIDE_RELATIONSHIP.search(before):
            return self.types
        if _PROPERTY.search(before):
            return self.properties
        return _KEYWORDS.split() if word else []


def typed(account_properties: Sequence[str]) -> Iterator[str]:
    """Give what a person types, an entry or more at a time, until Ctrl-D.

    Ctrl-C at the prompt drops what was typed so far.
    """
    session: PromptSession[str] = PromptSession(
        "cypher> ",
        multiline=True,
        prompt_continuation=lambda width, line, soft: "... ".rjust(width),
        key_bindings=_keys(),
        completer=CypherCompleter(account_properties),
        history=history(),
    )
    while True:
        try:
            yield session.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def _keys() -> KeyBindings:
    """Enter ends an entry that is complete, and else begins another line."""
    keys = KeyBindings()

    @keys.add("enter")
    def enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        text = buffer.document.text
        if not text.strip() or next_entry(text + "\n") is not None:
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    return keys


def history() -> History:
    """Return the history of the user's shells, kept in their state folder for nobody else to read.

    Where that can't be written to, it lasts as long as the shell.
    """
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    path = state / "account-forensics" / "query_history"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        path.chmod(0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(path)
