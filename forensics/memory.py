"""Memory that is free again, given back to the system."""

from __future__ import annotations

import ctypes
import gc

import pyarrow as pa


def give_back() -> None:
    """Give back what was freed: numpy, Arrow and the graph's engine keep it each for its own use.

    Where the C library can't (musl, macOS), it is kept.
    """
    gc.collect()
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
