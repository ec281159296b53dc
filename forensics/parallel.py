"""Work on several batches at a time, with results in the order of the batches."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

#: More would take memory for batches that the reading thread can't fill.
_MOST = 8


def in_order(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Give `work(item)` of each item, in order; threads work ahead, one for each processor.

    It pays for work that numpy, Arrow or DuckDB do outside of the interpreter's lock. As many
    items as threads, and one more, are in memory at a time.
    """
    threads = min(os.cpu_count() or 1, _MOST)
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
