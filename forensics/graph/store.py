"""The embedded graph, opened to read. It always shows the current run: what is not there, or
is not that, is built first.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Any, Self

import ladybug

from forensics.case.run import Run
from forensics.case.store import Case
from forensics.errors import QueryError
from forensics.graph.build import MAX_BYTES, build_lock, build_locked, graph_path
from forensics.graph.content import Marker, marker_of
from forensics.graph.guard import check_readonly
from forensics.graph.results import QueryResult, plain, rejection
from forensics.graph.schema import MARKER
from forensics.progress import QUIET, Progress


class EmbeddedGraph:
    """One open graph file, read-only. Use it as a context manager, or close it."""

    def __init__(self, path: Path) -> None:
        self._database = ladybug.Database(str(path), read_only=True, max_db_size=MAX_BYTES)
        self._connection = ladybug.Connection(self._database)
        self._thread = ThreadPoolExecutor(1)

    def query(self, text: str, parameters: Mapping[str, Any] | None = None) -> QueryResult:
        """Run one reading query and return all of its rows; Ctrl-C stops it.

        Raises:
            QueryError: the query is refused (`guard`), or the engine rejects it.
        """
        check_readonly(text)
        return self._run(text, dict(parameters or {}))

    def marker(self) -> Marker | None:
        """Return which run the graph shows, None if it does not say."""
        try:
            columns = ", ".join(f"m.{name} AS {name}" for name in MARKER.properties)
            rows = self._run(f"MATCH (m:{MARKER.label}) RETURN {columns}", {}).rows
        except QueryError:
            return None
        return Marker(**rows[0]) if len(rows) == 1 else None

    def account_properties(self) -> list[str]:
        """Return the properties of `Account`, with those that columns of the input became."""
        rows = self._run("CALL table_info('Account') RETURN name", {}).rows
        return [row["name"] for row in rows]

    def _run(self, text: str, parameters: dict[str, Any]) -> QueryResult:
        """Run a query in another thread, for the engine would not let this one see Ctrl-C."""
        stopped = Event()
        asked = self._thread.submit(self._ask, text, parameters, stopped)
        try:
            return asked.result()
        except KeyboardInterrupt:
            stopped.set()
            while wait([asked], timeout=0.05).not_done:  # it may not have begun
                self._connection.interrupt()
            raise

    def _ask(self, text: str, parameters: dict[str, Any], stopped: Event) -> QueryResult:
        try:
            result = self._connection.execute(text, parameters)
            assert isinstance(result, ladybug.QueryResult)  # one statement, one result
            columns = tuple(result.get_column_names())
            rows = []
            for row in result:
                if stopped.is_set():
                    break
                rows.append(dict(zip(columns, map(plain, row), strict=True)))
        except (RuntimeError, TypeError, ValueError) as error:
            raise QueryError(rejection(str(error))) from None
        return QueryResult(columns, rows)

    def close(self) -> None:
        """Close the file."""
        self._thread.shutdown()
        self._connection.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_graph(case: Case, *, progress: Progress = QUIET) -> EmbeddedGraph:
    """Open the graph of the current run, building it first where there is none that fits.

    Raises:
        CaseError: nothing was analysed yet, or the graph has to be built and can't be.
    """
    run = Run.current(case)
    found = _open_fitting(case, run)
    if found is None:
        with build_lock(case):
            found = _open_fitting(case, run)  # another process may have built it meanwhile
            if found is None:
                found = EmbeddedGraph(build_locked(case, run, progress=progress))
    return found


def _open_fitting(case: Case, run: Run) -> EmbeddedGraph | None:
    path = graph_path(case, run)
    if not path.exists():
        return None
    try:
        graph = EmbeddedGraph(path)
    except RuntimeError:  # damaged, or written by another version of the engine
        return None
    if graph.marker() == marker_of(run):
        return graph
    graph.close()
    return None
