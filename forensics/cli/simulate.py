"""`forensics simulate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from forensics.cli.output import Command, emit, format_option, say, visible
from forensics.cli.progress import Bars
from forensics.simulate.options import PRESETS, SimulationOptions
from forensics.simulate.platform import simulate as simulate_platform
from forensics.simulate.worlds import WORLDS

_DEFAULTS = SimulationOptions()


def _number(name: str, kind: type, text: str, default: object) -> Callable[[Command], Command]:
    return click.option(f"--{name}", type=kind, help=f"{text}  [default: {default}]")


@click.command()
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@_number("accounts", int, "Number of accounts.", f"{_DEFAULTS.accounts:,}")
@_number("evasion", float, "How well campaigns hide, 0 (as published ones) to 1.", 0)
@_number("seed", int, "Another seed, another platform.", _DEFAULTS.seed)
@click.option("--world", help=f"One of: {', '.join(WORLDS)}.  [default: {_DEFAULTS.world}]")
@_number("dimension", int, "Of the embeddings.", "the world's own")
@_number("prompts-per-account", float, "Mean number of prompts.", _DEFAULTS.prompts_per_account)
@_number("days", int, "Length of the period.", _DEFAULTS.days)
@_number("campaign-share", float, "Share of accounts that campaigns run.", "the world's own")
@click.option(
    "--preset",
    type=click.Choice(list(PRESETS)),
    help="A set of options; those given beside it win. published-case: a million accounts, "
    "one network of 24,000 among them.",
)
@format_option
def simulate(out: Path, preset: str | None, format_: str, **given: Any) -> None:
    """Write a made-up platform with known operators into the folder OUT.

    The tables are what `forensics run` reads; OUT/truth/truth.csv tells who really runs which
    account, for `forensics evaluate`. The same options give the same bytes.

    \b
    Example:
      forensics simulate platform --accounts 3000 --evasion 0.2 --seed 5
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    options = SimulationOptions(**{**PRESETS.get(preset or "", {}), **chosen})
    rows = simulate_platform(out, options, Bars())
    emit([{"table": k, "rows": v} for k, v in rows.items()], format_, ["table", "rows"])
    say(f"Next: forensics run {visible(str(out))}")
