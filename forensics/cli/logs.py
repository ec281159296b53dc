"""The log on stderr: for people, or one JSON object a line for machines."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from forensics.cli.output import err
from forensics.cli.screen import lines_spelt

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


class JsonLines(logging.Formatter):
    """`at` (UTC), `level`, `logger`, `message`, and what a record carries as `data`."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "data", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class Lines(logging.Formatter):
    """A line for people, in which names that others chose can't drive the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return lines_spelt(super().format(record))


def set_up_log(verbose: int, format_: str) -> None:
    """Log to stderr; as json all that is said there is a line of the log, steps included."""
    handler = logging.StreamHandler()
    level = LEVELS[min(verbose, 2)]
    if format_ == "json":
        handler.setFormatter(JsonLines())
        level = min(level, logging.INFO)
    else:
        handler.setFormatter(Lines("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    err.quiet = format_ == "json"
