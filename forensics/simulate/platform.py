"""A platform: who lives on it, and its tables as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from forensics.errors import InputError
from forensics.progress import QUIET, Progress
from forensics.simulate import campaigns, crowds, gatherings, organisations, people
from forensics.simulate.activity import Sessions, sessions
from forensics.simulate.books import BENCHMARKS, CAPABILITIES, DEFAULTS, Books
from forensics.simulate.cohort import Cohort, reordered, together
from forensics.simulate.draws import Rng, rng_for
from forensics.simulate.options import DAY, SimulationOptions
from forensics.simulate.prompts import prompt_chunks, prompt_counts, prompt_schema
from forensics.simulate.signups import account_names, signup_table, times, truth_table
from forensics.simulate.uses import (
    declared_table,
    device_table,
    identifier_table,
    ip_table,
    payment_table,
)
from forensics.simulate.write import write_csv, write_parquet

Maker = Callable[[Rng, Books, int], Cohort]
_PARQUET = ("ips", "references")

HONEST_MAKERS: dict[str, Maker] = {
    "honest": people.singles,
    "family": people.families,
    "company": organisations.companies,
    "campus": crowds.campuses,
    "shared_computer": crowds.shared_computers,
    "reseller": organisations.resellers,
    "serial": people.serial,
    "benchmark": people.benchmarkers,
    "default_prompt": people.default_prompts,
    "researchers": organisations.researchers,
    "build_fleet": organisations.build_fleets,
    "hackathon": gatherings.hackathons,
    "course": gatherings.courses,
    "school": gatherings.schools,
    "testers": organisations.testers,
    "agency": organisations.agencies,
}
CAMPAIGN_MAKERS: dict[str, Maker] = {
    "proxy_network": campaigns.proxy_networks,
    "datacentre_lab": campaigns.datacentre_labs,
    "careful": campaigns.careful_campaigns,
    "trial_abuse": campaigns.trial_abusers,
    "device_farm": campaigns.device_farms,
    "small_ring": campaigns.small_rings,
}


def simulate(out: Path, options: SimulationOptions, progress: Progress = QUIET) -> dict[str, int]:
    """Write a platform's tables and `truth/truth.csv` into the folder `out`.

    Returns the rows written by table. Equal options give equal bytes.

    Raises:
        InputError: `out` holds something already.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError("this is not an empty folder: choose another", file=str(out))
    (out / "truth").mkdir(parents=True, exist_ok=True)
    books = Books(options)
    with progress.step("Planning accounts"):
        accounts = population(books)
        done = sessions(rng_for(options.seed, "sessions"), books, accounts)
    return _write(out, books, accounts, done, progress)


def population(books: Books) -> Cohort:
    """Return all accounts of a platform in an order that says nothing about them."""
    options = books.options
    cohorts = []
    abusive, honest = _numbers(options)
    for kind, make in HONEST_MAKERS.items():
        if kind in honest:
            cohorts.append(make(rng_for(options.seed, kind), books, honest[kind]))
    homes = cohorts[0].address[:, 0]
    books.honest_homes = homes[homes >= 0]
    for kind, make in CAMPAIGN_MAKERS.items():
        cohorts.append(make(rng_for(options.seed, kind), books, abusive.get(kind, 0)))
    everyone = together([c for c in cohorts if len(c)])
    rng = rng_for(options.seed, "order")
    everyone.operator = rng.permutation(int(everyone.operator.max()) + 1)[everyone.operator]
    return reordered(everyone, rng.permutation(len(everyone)))


def _numbers(options: SimulationOptions) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many accounts each kind of campaign, and of honest life, has."""
    world = options.assumptions
    given = sum(world.campaigns.values())
    scale = 1.0 if options.campaign_share is None else options.campaign_share / max(given, 1e-9)
    abusive = {k: round(options.accounts * s * scale) for k, s in world.campaigns.items()}
    abusive = {k: v if v >= 3 else 0 for k, v in abusive.items()}
    left = options.accounts - sum(abusive.values())
    honest = {k: round(left * s) for k, s in world.honest.items()}
    honest["honest"] = left - sum(honest.values())
    return abusive, honest


def _write(
    out: Path, books: Books, accounts: Cohort, done: Sessions, progress: Progress
) -> dict[str, int]:
    seed, world = books.options.seed, books.options.assumptions
    names = account_names(rng_for(seed, "names"), len(accounts))
    rows = {}
    with progress.step("Writing tables"):
        for name, make in _tables(books, accounts, done, names).items():
            if name not in world.left_out:
                table = make()
                rows[name] = table.num_rows
                if name in _PARQUET:
                    write_parquet(iter([table]), table.schema, out / f"{name}.parquet")
                else:
                    write_csv(table, out / f"{name}.csv")
        write_csv(truth_table(accounts, names), out / "truth" / "truth.csv")
    if "prompts" not in world.left_out:
        counts = prompt_counts(rng_for(seed, "prompt counts"), books, accounts)
        with progress.step("Writing prompts", float(counts.sum()), "prompts") as step:
            chunks = prompt_chunks(books, accounts, done, counts, names, step)
            schema = prompt_schema(books.themes.geometry.dimension)
            rows["prompts"] = write_parquet(chunks, schema, out / "prompts.parquet")
    return rows


def _tables(
    books: Books, accounts: Cohort, done: Sessions, names: pa.Array
) -> dict[str, Callable[[], pa.Table]]:
    def rng(name: str) -> Rng:
        return rng_for(books.options.seed, "table", name)

    tables = {
        "signups": lambda: _signups(rng("signups"), books, accounts, names),
        "payments": lambda: payment_table(rng("payments"), books, accounts, names),
        "ips": lambda: ip_table(rng("ips"), books, accounts, done, names),
        "devices": lambda: device_table(books, done, names),
        "declared": lambda: declared_table(accounts, names),
        "networks": books.networks.table,
        "references": lambda: _references(books),
        "events": lambda: _events(books),
    }
    if books.options.assumptions.identifiers:
        tables["identifiers"] = lambda: identifier_table(rng("identifiers"), books, accounts, names)
    return tables


def _signups(rng: Rng, books: Books, accounts: Cohort, names: pa.Array) -> pa.Table:
    slot = np.argmax(np.where(accounts.address >= 0, accounts.address_weight, -1), axis=1)
    pool = accounts.address[np.arange(len(accounts)), slot]
    address = books.networks.choose(rng, pool, accounts.created)
    table = signup_table(rng, books, accounts, names, books.networks.text(address))
    return table.drop_columns(list(books.options.assumptions.blank))


def _references(books: Books) -> pa.Table:
    geometry, themes = books.themes.geometry, books.themes
    names, kinds, rows = [], [], []
    for (name, _), theme in list(zip(BENCHMARKS, books.benchmarks, strict=True))[:-1]:
        centres = themes.of(theme)
        names += [f"{name} {i + 1}" for i in range(len(centres))]
        kinds += ["benchmark"] * len(centres)
        rows.append(centres)
    for name, theme in zip(DEFAULTS, books.defaults, strict=True):
        names, kinds = [*names, name], [*kinds, "default"]
        rows.append(themes.of(theme))
    names += CAPABILITIES
    kinds += ["capability"] * len(CAPABILITIES)
    rows.append(geometry.topics[books.capabilities])
    vectors = geometry.embed(np.concatenate(rows))
    embedding = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), geometry.dimension)
    return pa.table({"name": names, "kind": kinds, "embedding": embedding})


def _events(books: Books) -> pa.Table:
    at = np.array([2 * DAY, books.launch, books.release])
    return pa.table(
        {
            "name": ["terms of use changed", "hackathon weekend", "atlas-3 released"],
            "at": times(at),
            "kind": ["policy_change", "launch_day", "model_release"],
        }
    )
