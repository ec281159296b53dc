"""`forensics simulate`."""

from __future__ import annotations

from pathlib import Path

import click

from forensics.cli.output import emit, format_option, say, visible
from forensics.cli.progress import Bars
from forensics.simulate.options import SimulationOptions
from forensics.simulate.platform import simulate as simulate_platform
from forensics.simulate.worlds import WORLDS


@click.command()
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@click.option("--accounts", default=3_000, show_default=True, help="Number of accounts.")
@click.option(
    "--evasion",
    default=0.0,
    show_default=True,
    help="How well campaigns hide: 0 as published ones did, 1 as well as they can.",
)
@click.option("--seed", default=1, show_default=True, help="Another seed, another platform.")
@click.option(
    "--world", default="ordinary", show_default=True, help=f"One of: {', '.join(WORLDS)}."
)
@click.option("--dimension", type=int, help="Of the embeddings; default: the world's own.")
@click.option(
    "--prompts-per-account", default=8.0, show_default=True, help="Mean number of stored prompts."
)
@click.option("--days", default=45, show_default=True, help="Length of the period.")
@click.option("--campaign-share", type=float, help="Share of accounts that campaigns run.")
@format_option
def simulate(
    out: Path,
    accounts: int,
    evasion: float,
    seed: int,
    world: str,
    dimension: int | None,
    prompts_per_account: float,
    days: int,
    campaign_share: float | None,
    format_: str,
) -> None:
    """Write a made-up platform with known operators into the folder OUT.

    The tables are what `forensics run` reads; OUT/truth/truth.csv tells who really runs which
    account, for `forensics evaluate`. The same options give the same bytes.

    \b
    Example:
      forensics simulate platform --accounts 3000 --evasion 0.2 --seed 5
    """
    options = SimulationOptions(
        accounts, evasion, seed, world, dimension, prompts_per_account, days, campaign_share
    )
    rows = simulate_platform(out, options, Bars())
    emit([{"table": k, "rows": v} for k, v in rows.items()], format_, ["table", "rows"])
    say(f"Next: forensics run {visible(str(out))}")
