"""Whatever a file holds, it is loaded or refused in one sentence, and never breaks the case.

`benchmarks/fuzz` does the same for as long as one likes; what it found stands in the tests of the
readers.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fuzz.targets import SOURCES, load_source, read_settings, seeds
from tests.mutations import spoiled

GOOD = seeds()


@pytest.mark.parametrize("kind", SOURCES)
def test_a_good_file_is_loaded(kind: str) -> None:
    load_source(kind, GOOD[kind], refused=False)


@pytest.mark.parametrize("kind", SOURCES)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_spoiled_file(kind: str, seed: int) -> None:
    load_source(kind, spoiled(GOOD[kind], Random(seed)))


@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=200), kind=st.sampled_from(sorted(SOURCES)))
def test_bytes_of_no_format(data: bytes, kind: str) -> None:
    load_source(kind, data)


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_spoiled_settings(seed: int) -> None:
    read_settings(spoiled(b'seed = 1\n[files]\nx = "ips"\n[columns.ips]\nip = "a"\n', Random(seed)))
