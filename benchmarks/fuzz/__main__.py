"""Spoils files at random and feeds them to every reader and to `bundle verify`.

python -m benchmarks.fuzz [SECONDS per target] [FIRST SEED]

Prints how many inputs each target took, and the seed and traceback of each that it did not.
"""

from __future__ import annotations

import sys
import time
import traceback
import warnings
from random import Random

from benchmarks.fuzz.targets import targets


def main(seconds: float = 60, first: int = 0) -> int:
    warnings.simplefilter("error")
    failed = 0
    for name, attempt in targets():
        began, seed, said = time.monotonic(), first, set()
        while time.monotonic() - began < seconds:
            try:
                attempt(Random(f"{name} {seed}"))
            except Exception as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                place = (type(error).__name__, last.filename, last.lineno)
                if place not in said:
                    said.add(place)
                    print(f"{name}, seed {seed}:", file=sys.stderr)
                    traceback.print_exc()
            seed += 1
        failed += len(said)
        print(f"{name}: {seed - first:,} inputs, {len(said)} failures", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:2]), *map(int, sys.argv[2:3])))
