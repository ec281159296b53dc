"""Whatever a bundle or an archive of one holds, `verify` answers, and is not fooled."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fuzz.targets import Bundles
from forensics.bundle.verify import verify_bundle


@pytest.fixture(scope="module")
def bundles() -> Bundles:
    return Bundles()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_spoiled_folder(bundles: Bundles, seed: int) -> None:
    bundles.check_folder(Random(seed))


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_spoiled_archive(bundles: Bundles, kind: str, seed: int) -> None:
    bundles.check_archive(Random(seed), kind)


def test_a_zip_whose_packed_bytes_are_damaged(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bagit.txt", b"BagIt-Version: 1.0\n" * 50)
    data = bytearray(path.read_bytes())
    start = 30 + len("bagit.txt") + struct.unpack_from("<H", data, 28)[0]
    data[start : start + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(bytes(data))
    found = verify_bundle(path)
    assert not found.intact
    assert found.problems[0].startswith("it can't be read: ")
