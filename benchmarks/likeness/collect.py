"""Collects the groups that the scorecard is fitted to: the items of each, and whose they are.

    python -m benchmarks.likeness.collect groups.parquet --generator ours PLATFORM...

A platform is a folder of sources with `truth/truth.csv`, as `forensics simulate` makes it. Of its
groups those of three accounts and more are taken that are one operator's with a probability of half
and more, likeness apart.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import pyarrow as pa

from forensics.case.store import Case
from forensics.cluster.find import find_clusters
from forensics.evaluate.truth import read_truth
from forensics.ingest.load import load
from forensics.link.candidates import LOOKS
from forensics.link.linkage import link_accounts
from forensics.link.material import collect
from forensics.score.coordination import coordination_of, measure_hold, measures_of
from forensics.score.facts import collect_facts
from forensics.score.scorecard import ITEMS
from forensics.score.weigh import beside_of

LEAST_ACCOUNTS, LEAST_COORDINATION = 3, 0.5


def groups_of(platform: Path, generator: str) -> pd.DataFrame:
    """Return a row per group of a platform: generator, accounts, abusive, and each item's value."""
    with tempfile.TemporaryDirectory() as folder:
        case = Case.create(Path(folder) / "case")
        load(case, sorted(path for path in platform.iterdir() if path.is_file()))
        collected = collect(case)
        top = case.settings.link.max_links_per_account
        linkage = link_accounts(collected.material, top=top)
        label = find_clusters(collected.material, linkage, case.settings).label
        sizes = np.bincount(label)
        groups = np.flatnonzero(sizes >= LEAST_ACCOUNTS)
        inside = np.flatnonzero(sizes[label] >= LEAST_ACCOUNTS)
        members = {"cluster": np.searchsorted(groups, label[inside]), "account": inside}
        facts = collect_facts(case, collected, linkage, pa.table(members)).to_pylist()
    beside = beside_of(facts, groups, len(sizes))
    measures = measures_of(measure_hold(linkage, label, LOOKS * top), beside)
    likely = coordination_of(measures)[groups] >= LEAST_COORDINATION
    abusive = _share_abusive(platform, collected.accounts["account_id"].to_pylist(), label)
    rows: list[dict[str, Any]] = []
    for at in np.flatnonzero(likely).tolist():
        group = groups[at]
        of_group = {name: float(found[group]) for name, found in measures.items()}
        row = {"generator": generator, "accounts": int(sizes[group])}
        row |= {"abusive": bool(abusive[group] > 0.5)}
        rows.append(row | {item.name: item.read(facts[at], of_group) for item in ITEMS})
    return pd.DataFrame(rows)


def _share_abusive(platform: Path, ids: list[str], label: np.ndarray) -> np.ndarray:
    """Return per group the share of its accounts that an abusive operator runs."""
    truth = read_truth(platform / "truth" / "truth.csv")
    guilty = dict(zip(truth.account_id.to_pylist(), truth.abusive.tolist(), strict=True))
    share: np.ndarray = np.bincount(label, [guilty[i] for i in ids]) / np.bincount(label)
    return share


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("platforms", nargs=-1, type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--generator", required=True, help="Which generator made the platforms.")
def main(out: Path, platforms: tuple[Path, ...], generator: str) -> None:
    """Collect the groups of PLATFORMS, beside those that OUT holds of other generators."""
    found = pd.concat([groups_of(platform, generator) for platform in platforms])
    items = [item.name for item in ITEMS]
    found[items] = found[items].astype("float32").round(4)
    if out.exists():
        before = pd.read_parquet(out)
        found = pd.concat([before[before["generator"] != generator], found])
    found.to_parquet(out, index=False, compression="zstd")
    click.echo(f"{len(found):,} groups, {int(found['abusive'].sum()):,} of campaigns")


if __name__ == "__main__":
    main()
