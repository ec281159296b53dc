"""Splink 5 (duckdb), unsupervised: Fellegi and Sunter with EM, then connected components.

One record per account with arrays of cards, addresses, devices and templates; u from random
pairs, m by EM in one training pass per kind of block, as its own tutorial does it. Values of more
than `BLOCK` accounts make no candidate pairs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.quality.peers.uses import Ints, Uses, component_labels

if TYPE_CHECKING:
    from splink import Linker

BLOCK = 100
ARRAYS = {"payment": [1], "ip": [3, 1], "device": [2, 1], "template": [4, 2, 1]}
PROBABILITIES = (0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.999999)
SEED = 1


def splink(uses: Uses) -> Iterator[tuple[str, Ints]]:
    """Give the components at every match probability."""
    a, b, probability = splink_pairs(uses)
    for least in PROBABILITIES:
        kept = probability >= least
        yield f"match probability {least:g}", component_labels(a[kept], b[kept], uses.size)


def splink_pairs(uses: Uses) -> tuple[Ints, Ints, np.ndarray]:
    """Return the account pairs that Splink scores, and their match probability."""
    from splink import Linker
    from splink.backends.duckdb import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.ERROR)
    database = duckdb.connect()
    database.execute("SET enable_progress_bar = false")
    records = _records(uses)
    api = DuckDBAPI(connection=database)
    kinds = [kind for kind in ARRAYS if f"{kind}_rarest" in records.column_names]
    linker = Linker(api.register(records), _settings(kinds), log_level=logging.ERROR)
    _train(linker, kinds)
    found = linker.inference.predict(threshold_match_probability=min(PROBABILITIES))
    table = database.sql(
        f"SELECT unique_id_l, unique_id_r, match_probability FROM {found.physical_name}"
    ).fetchnumpy()
    return table["unique_id_l"], table["unique_id_r"], table["match_probability"]


def _settings(kinds: list[str]) -> object:
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    arrays = [cl.ArrayIntersectAtSizes(kind, ARRAYS[kind]) for kind in kinds]
    rarest = [
        cl.ExactMatch(f"{kind}_rarest").configure(term_frequency_adjustments=True)
        for kind in ("email_domain",)
    ]
    gap = cl.AbsoluteTimeDifferenceAtThresholds(
        "created_at",
        input_is_string=False,
        metrics=["minute", "hour", "day"],
        thresholds=[10, 1, 1],
    )
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[*arrays, *rarest, gap],
        blocking_rules_to_generate_predictions=[
            block_on(f"{kind}_block", arrays_to_explode=[f"{kind}_block"]) for kind in kinds
        ],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )


def _train(linker: Linker, kinds: list[str]) -> None:
    from splink import block_on

    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
    for kind in kinds:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(f"{kind}_rarest"), estimate_without_term_frequencies=True
        )


def _records(uses: Uses) -> pa.Table:
    """Return one row per account: arrays of values, of values to block on, and its rarest."""
    database = duckdb.connect()
    database.register(
        "uses",
        pa.table(
            {
                "account": uses.account,
                "kind": pa.array(uses.kind[uses.value].tolist()),
                "value": uses.value,
                "n": uses.counts[uses.value],
            }
        ),
    )
    run_accounts = uses.analysed.run.read("accounts", ["account_id", "created_at", "email_domain"])
    database.register("run_accounts", run_accounts)
    database.register(
        "ids", pa.table({"account_id": uses.accounts, "account": np.arange(uses.size)})
    )
    present = {str(k) for k in np.unique(uses.kind)}
    columns = [
        f"""list(value ORDER BY value) FILTER (kind = '{kind}') AS {kind},
            list(value ORDER BY value) FILTER (kind = '{kind}' AND n BETWEEN 2 AND {BLOCK})
                AS {kind}_block,
            arg_min(value, (n, value)) FILTER (kind = '{kind}' AND n BETWEEN 2 AND {BLOCK})
                AS {kind}_rarest"""
        for kind in ARRAYS
        if kind in present
    ]
    return database.sql(
        f"""SELECT account AS unique_id, created_at::TIMESTAMP AS created_at,
                   email_domain AS email_domain_rarest, u.* EXCLUDE (account)
            FROM ids LEFT JOIN run_accounts USING (account_id)
            LEFT JOIN (SELECT account, {", ".join(columns)} FROM uses GROUP BY account) u
                USING (account) ORDER BY account"""
    ).to_arrow_table()
