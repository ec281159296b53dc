"""Batches worked on side by side come back in their order."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from forensics.parallel import in_order


def test_results_keep_the_order_of_the_items_however_long_each_takes() -> None:
    def work(item: int) -> int:
        time.sleep(0.002 * (item % 3))
        return item * item

    assert list(in_order(work, range(50))) == [n * n for n in range(50)]


def test_items_are_taken_only_as_far_ahead_as_threads_can_work() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(1_000):
            taken.append(item)
            yield item

    results = in_order(lambda item: item, items())
    assert next(results) == 0
    assert len(taken) <= 9
    results.close()


def test_an_error_of_the_work_reaches_the_caller_after_the_results_before_it() -> None:
    def work(item: int) -> int:
        if item == 3:
            raise ValueError("the third")
        return item

    results = in_order(work, range(10))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="the third"):
        next(results)


def test_no_thread_outlives_a_caller_that_stops_early() -> None:
    before = threading.active_count()
    results = in_order(lambda item: item, range(100))
    next(results)
    results.close()
    assert threading.active_count() == before
