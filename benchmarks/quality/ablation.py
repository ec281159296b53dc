"""What each kind of evidence and each step adds: the same platforms with one thing taken away.

    python -m benchmarks.quality.ablation --out results

Evidence goes by leaving input out; a step goes by putting something plain in its place for the
time of one run, so that the tool itself has no switches for it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from benchmarks.document import put_section
from benchmarks.quality.figures import Row, tool_figures
from benchmarks.quality.platforms import Platform, matrix
from benchmarks.quality.report import averages, markdown
from benchmarks.quality.tool import run_tool, sources_of
from forensics.cluster.communities import components

COLUMNS = ("account_precision", "account_recall", "pair_f1", "innocent_in_findings", "brier")
WHOLE = "nothing taken away"


@dataclass(frozen=True)
class Ablation:
    """What is left out: tables, columns of sign-ups, and functions or values by their full name.

    `patches` gives what stands in the place of each; `settings` is TOML.
    """

    name: str
    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    patches: dict[str, Any] = field(default_factory=dict)
    settings: str = ""


def _same(label: Any, *_: Any) -> Any:
    """Stand in for a step on labels that changes nothing."""
    return label


def _first_guess(comparer: Any, *_: Any) -> Any:
    from forensics.link.compare import first_guess

    return first_guess(comparer.material)


def _none_public(families: Callable[..., Any]) -> Callable[..., Any]:
    """Return `families` that takes no template for public."""

    def found(templates: Any, comparisons: Any) -> Any:
        table = templates.described
        at = table.column_names.index("public")
        unknown = pa.nulls(len(table), table.schema.field(at).type)
        described = table.set_column(at, table.schema.field(at), unknown)
        return families(replace(templates, described=described), comparisons)

    return found


class _Everything:
    """Holds whatever it is asked for."""

    def __contains__(self, _: object) -> bool:
        return True


def _all_bits(name: str, observations: Any, bits: dict[str, np.ndarray]) -> np.ndarray:
    del name, observations
    return sum(bits.values(), start=np.zeros(len(next(iter(bits.values()))), dtype=np.int64))


def _own_families(keys: Any, *_: Any) -> Any:
    import pyarrow.compute as pc

    return pc.replace_substring(keys.combine_chunks(), "template:t-", "f-")


def _plain_components(a: Any, b: Any, weight: Any, size: int, seed: int) -> Any:
    del weight, seed
    return components(a, b, size)


def _unobserved(observe: Callable[..., Any]) -> Callable[..., Any]:
    """Return an observer that calls everything missing."""

    def missing(*given: Any, **named: Any) -> Any:
        observed = observe(*given, **named)
        return replace(observed, level=np.full_like(observed.level, -1))

    return missing


def ablations() -> list[Ablation]:
    """Return everything that is taken away, one at a time."""
    from forensics.link import material, observe

    link, find = "forensics.link", "forensics.cluster.find"
    names = ("merge_clusters", "split_bridged", "part_borrowed", "peel_loose")
    steps = {name: f"{find}.{name}" for name in names}
    return [
        Ablation(WHOLE),
        Ablation("no payments", tables=("payments",)),
        Ablation("no addresses", tables=("ips",), columns=("signup_ip",)),
        Ablation("no devices", tables=("devices",), columns=("device_id",)),
        Ablation("no prompts", tables=("prompts", "references")),
        Ablation("no e-mail, phone, identifiers", ("identifiers",), ("email", "phone")),
        Ablation("no networks", tables=("networks",)),
        Ablation("no references", tables=("references",)),
        Ablation("no declared groups", tables=("declared",)),
        Ablation(
            "no sign-up gaps",
            patches={f"{link}.compare.observe_gap": _unobserved(observe.observe_gap)},
        ),
        Ablation(
            "no synchrony",
            patches={f"{link}.compare.observe_synchrony": _unobserved(observe.observe_synchrony)},
        ),
        Ablation(
            "no coarse levels",
            patches={f"{link}.compare.COARSE": {}},
        ),
        Ablation(
            "each template its own family", patches={f"{link}.templates._families": _own_families}
        ),
        Ablation(
            "candidates by all that is shared alone",
            patches={f"{link}.candidates.CONTEXT": _Everything()},
        ),
        Ablation("rarity by accounts", patches={f"{link}.compare.Comparer.recount": _first_guess}),
        Ablation("groups in a crowd count", patches={f"{link}.operators.CROWD": float("inf")}),
        Ablation(
            "default weights, no EM",
            patches={f"{link}.linkage.estimate": lambda observations, accounts, model: model},
        ),
        Ablation(
            "EM counts pairs, not accounts",
            patches={f"{link}.pairs.Pairs.account_weights": lambda _, rows: np.ones(len(rows))},
        ),
        Ablation(
            "EM with a kind in its own update",
            patches={f"{link}.estimate.independent_bits": _all_bits},
        ),
        Ablation("cards judged like other values", patches={f"{link}.estimate.PERSONAL": ()}),
        Ablation("echoes not bounded", patches={f"{link}.weights.ECHOES": {}}),
        Ablation(
            "no ceilings from other evidence",
            patches={f"{link}.weights.Model._ceiling": lambda _, o: np.full(len(o.level), np.inf)},
        ),
        Ablation("components, not Leiden", patches={f"{find}.communities": _plain_components}),
        Ablation("no split", patches={steps["split_bridged"]: _same}),
        Ablation("no part", patches={steps["part_borrowed"]: _same}),
        Ablation("what many use holds", patches={"forensics.cluster.holds.MOST_OPERATORS": 1e9}),
        Ablation("no merge", patches={steps["merge_clusters"]: _same}),
        Ablation("no peel", patches={steps["peel_loose"]: _same}),
        Ablation("no merge, split, part, peel", patches=dict.fromkeys(steps.values(), _same)),
        Ablation(
            "no group evidence of cards",
            patches={"forensics.score.facts.cards_alike": _nothing_alike},
        ),
        Ablation(
            "public templates count as others",
            patches={f"{link}.material._families": _none_public(material._families)},
        ),
        Ablation("no group is released", settings="[cluster]\nrelease_below = 0.0\n"),
        Ablation(
            "templates and the clock count in full",
            patches={"forensics.score.readings.confirmed": lambda facts: 1.0},
        ),
        Ablation(
            "nothing expected of the declared", patches={"forensics.score.signals.EXPECTED": {}}
        ),
        Ablation(
            "no innocent explanations", patches={"forensics.score.score.weigh_explanations": _none}
        ),
        Ablation(
            "no explanation accounts for abuse",
            patches={"forensics.score.verdict.ACCOUNTS_FOR": float("inf")},
        ),
        Ablation(
            "lives apart tell nothing",
            patches={"forensics.score.facts.lives_apart": _nobody_apart},
        ),
        Ablation("no test against chance", settings="[score]\nmax_q = 1.0\n"),
        Ablation("no test of stability", settings="[score]\nmin_stability = 0.0\n"),
    ]


def _nobody_apart(material: Any, label: np.ndarray, clusters: int) -> np.ndarray:
    del material, label
    return np.zeros(clusters)


def _nothing_alike(database: Any, clusters: int) -> np.ndarray:
    del database
    return np.zeros(clusters)


def _none(facts: Any) -> list[Any]:
    del facts
    return []


@click.command(help=__doc__)
@click.option("--worlds", default="ordinary,many_companies,few_payments", show_default=True)
@click.option("--evasion", default="0,0.7", show_default=True)
@click.option("--seeds", default="1", show_default=True)
@click.option("--accounts", default=3_000, show_default=True)
@click.option("--only", default="", help="Ablations whose name holds this text.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of results.")
@click.option("--docs", type=click.Path(path_type=Path), help="Put the table into this file too.")
def main(
    worlds: str, evasion: str, seeds: str, accounts: int, only: str, out: Path, docs: Path | None
) -> None:
    platforms = matrix(
        worlds.split(","),
        [float(e) for e in evasion.split(",")],
        [int(s) for s in seeds.split(",")],
        accounts,
    )
    chosen = [a for a in ablations() if only in a.name or a.name == WHOLE]
    out.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for platform in platforms:
        for ablation, figures in measure_ablations(platform, chosen):
            rows += [{**platform.key, "ablation": ablation.name, **f} for f in figures]
            print(platform.name, ablation.name, file=sys.stderr, flush=True)
        pd.DataFrame(rows).to_csv(out / "ablation.csv", index=False)
    table = ablation_table(pd.DataFrame(rows), [a.name for a in chosen])
    (out / "ablation.md").write_text(table)
    if docs:
        given = f"--worlds {worlds} --evasion {evasion} --seeds {seeds} --accounts {accounts}"
        command = f"`python -m benchmarks.quality.ablation {given} --out results`"
        put_section(docs, "Ablation", f"{command}\n\n{table}")


def measure_ablations(
    platform: Platform, chosen: list[Ablation]
) -> Iterator[tuple[Ablation, list[Row]]]:
    """Give the figures of each ablation on one platform."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "platform"
        truth = platform.make(folder)
        for number, ablation in enumerate(chosen):
            sources = _without(folder, ablation, Path(scratch) / f"input-{number}")
            with ExitStack() as patched:
                for name, value in ablation.patches.items():
                    patched.enter_context(patch(name, value))
                root = Path(scratch) / f"case-{number}"
                run = run_tool(sources, root, ablation.settings.encode()).run
            yield ablation, tool_figures(run, truth)


def _without(folder: Path, ablation: Ablation, scratch: Path) -> list[Path]:
    """Return the input files without what the ablation leaves out."""
    sources = [p for p in sources_of(folder) if p.stem not in ablation.tables]
    if not ablation.columns:
        return sources
    scratch.mkdir()
    signups = folder / "signups.csv"
    table = pa_csv.read_csv(signups)
    pa_csv.write_csv(
        table.drop_columns([c for c in ablation.columns if c in table.column_names]),
        scratch / "signups.csv",
    )
    return [scratch / "signups.csv", *(p for p in sources if p != signups)]


def ablation_table(figures: pd.DataFrame, order: list[str]) -> str:
    """Return one row per ablation: the figures, and in brackets the change by it."""
    levels = sorted(figures["evasion"].unique())
    tables = {e: averages(figures[figures["evasion"] == e], ["ablation"], COLUMNS) for e in levels}
    rows = []
    for name in order:
        cells: list[object] = [name]
        for table in tables.values():
            whole = table.loc[WHOLE]
            for column in COLUMNS:
                value, change = table.loc[name, column], table.loc[name, column] - whole[column]
                cells.append(f"{value:.3f}" + (f" ({change:+.3f})" if name != WHOLE else ""))
        rows.append(cells)
    head = [f"{c.replace('_', ' ')}, evasion {e:g}" for e in levels for c in COLUMNS]
    return markdown(rows, ["taken away", *head])


if __name__ == "__main__":
    main()
