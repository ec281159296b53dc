"""The least that any method has to do with prompts: read them once, and one product with them.

    python -m benchmarks.scale.floor PROMPTS.parquet

The product is with a matrix of 128 columns. Batches are small enough for the processor's cache.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
import pyarrow.parquet as pq

COLUMNS, BATCH = 128, 16_384


def floor(prompts: Path) -> float:
    """Return a checksum of the products, so that they are really computed."""
    total = 0.0
    with pq.ParquetFile(prompts, pre_buffer=False, buffer_size=1 << 20) as file:
        for batch in file.iter_batches(BATCH, columns=["embedding"]):
            values = batch.column(0)
            rows = values.flatten().to_numpy().reshape(len(values), -1).astype(np.float32)
            matrix = np.ones((rows.shape[1], COLUMNS), np.float32)
            total += float((rows @ matrix).sum())
    return total


@click.command(help=__doc__)
@click.argument("prompts", type=click.Path(path_type=Path, exists=True))
def main(prompts: Path) -> None:
    click.echo(floor(prompts))


if __name__ == "__main__":
    main()
