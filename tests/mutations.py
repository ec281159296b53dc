"""Ways to spoil a file, drawn from a seed: what fuzzing does to sources and bundles."""

from __future__ import annotations

from random import Random

#: Bytes that mean something to one reader or another.
TOKENS = (
    b"", b"\n", b"\r", b'"', b",", b";", b"\t", b"\0", b"{", b"}", b"[", b"]", b"\\", b"\\u0000",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\x1f\x8b", b"PAR1", b"NaN", b"1e999", b"-1", b"null", b"'",
    b"9" * 40, b"\xc3\x28", "\u202e\U0001f600".encode(), b"../..", b"\x7f\xff\xff\xff", b"\x80" * 9,
)  # fmt: skip


def spoiled(data: bytes, random: Random) -> bytes:
    """Return the data after one to four random edits."""
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(data) + 1)
        length = min(random.choice((0, 1, 2, 4, 8, 64, 1024)), len(data) - at)
        kind = random.randrange(6)
        if kind == 0:  # bits
            piece = bytes(byte ^ 1 << random.randrange(8) for byte in data[at : at + length])
        elif kind == 1:
            piece = random.randbytes(length)
        elif kind == 2:
            piece = random.choice(TOKENS)
        elif kind == 3:  # elsewhere from the same file
            start = random.randrange(len(data) + 1)
            piece = data[start : start + random.randint(0, 200)]
        elif kind == 4:  # the same again
            piece = data[at : at + length] * random.choice((0, 2, 50))
        else:
            piece, length = b"", len(data) - at if random.random() < 0.1 else length
        data = data[:at] + piece + data[at + length :]
    return data
