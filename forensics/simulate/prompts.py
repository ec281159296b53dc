"""Prompts: when, how long, on which model, and their embeddings, made in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from forensics.parallel import in_order
from forensics.progress import Step
from forensics.simulate.activity import Sessions
from forensics.simulate.books import Books
from forensics.simulate.cohort import Cohort
from forensics.simulate.draws import Ints, Reals, Rng, rng_for
from forensics.simulate.options import DAY, START
from forensics.simulate.signups import TIME

CHUNK = 1 << 16
#: How much of a prompt is its account's lasting interest and its conversation; the rest is new.
_INTEREST, _CONVERSATION = 0.35, 0.6
MODELS = np.array(["atlas-2", "atlas-3"])


def prompt_counts(rng: Rng, books: Books, accounts: Cohort) -> Ints:
    """Return how many prompts are stored of each account; the mean is the option's."""
    length = books.options.length
    begin, end = np.clip(accounts.created, 0, length), np.clip(accounts.ended, 0, length)
    weight = accounts.volume * np.maximum((end - begin) / length, 0.02) ** 0.5
    weight = np.where(accounts.abusive > 0, np.maximum(weight, 0.4), weight).clip(0, 8)
    mean = weight / weight.mean() * books.options.prompts_per_account
    return np.asarray(rng.poisson(mean), np.int64)


def prompt_schema(dimension: int) -> pa.Schema:
    """Return the schema of the `prompts` table."""
    return pa.schema(
        {
            "prompt_id": pa.string(),
            "account_id": pa.string(),
            "at": TIME,
            "tokens_in": pa.int64(),
            "tokens_out": pa.int64(),
            "model": pa.string(),
            "embedding": pa.list_(pa.float16(), dimension),
        }
    )


def prompt_chunks(
    books: Books, accounts: Cohort, done: Sessions, counts: Ints, names: pa.Array, step: Step
) -> Iterator[pa.Table]:
    """Yield the `prompts` table in chunks of `CHUNK` rows, in order of account."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0

    def make(chunk: int) -> pa.Table:
        rows = np.arange(chunk * CHUNK, min((chunk + 1) * CHUNK, total))
        who = np.searchsorted(ends, rows, side="right")
        rng = rng_for(books.options.seed, "prompts", chunk)
        return _table(rng, books, accounts, done, rows, who, names)

    for table in in_order(make, range(-(-total // CHUNK))):
        yield table
        step.advance(table.num_rows)


def _table(
    rng: Rng, books: Books, accounts: Cohort, done: Sessions, rows: Ints, who: Ints, names: pa.Array
) -> pa.Table:
    width = done.first[who + 1] - done.first[who]
    session = done.first[who] + (rng.random(len(who)) * width).astype(np.int64)
    together = done.together[session]
    at = done.at[session] + rng.exponential(np.where(together, 20.0, 500.0))
    at = np.minimum(at, books.options.length - 1)
    themed = (accounts.theme[who] >= 0) & (rng.random(len(who)) < accounts.theme_share[who])
    vectors = _own(rng, books, accounts, who, session)
    if themed.any():
        vectors[themed] = _themed(rng, books, accounts, who[themed], rows[themed])
    geometry = books.themes.geometry
    schema = prompt_schema(geometry.dimension)
    embedding = pa.FixedSizeListArray.from_arrays(
        pa.array(geometry.embed(vectors).reshape(-1)), type=schema.field("embedding").type
    )
    long_answers = np.where(themed & (accounts.abusive[who] > 0), 6.8, 5.6)
    return pa.table(
        {
            "prompt_id": pa.array([f"p{r:09d}" for r in rows.tolist()], pa.string()),
            "account_id": names.take(pa.array(who)),
            "at": pa.array(((at + START) * 1e3).astype(np.int64) * 1000, TIME),
            "tokens_in": pa.array(rng.lognormal(5.2, 0.9, len(who)).astype(np.int64) + 3),
            "tokens_out": pa.array(rng.lognormal(long_answers, 0.8).astype(np.int64) + 1),
            "model": pa.array(MODELS[_model(rng, books, accounts, who, at)], pa.string()),
            "embedding": embedding,
        },
        schema=schema,
    )


def _own(rng: Rng, books: Books, accounts: Cohort, who: Ints, session: Ints) -> Any:
    """Prompts on the account's own topic: its interest, the conversation, and what is new."""
    geometry, topicality = books.themes.geometry, books.options.assumptions.topicality
    topic = accounts.topic[who]
    mixed = topic < 0
    stray = mixed | (rng.random(len(who)) < 0.35)
    topic = np.where(stray, rng.integers(0, len(geometry.topics), len(who)), topic)
    key = rng.integers(1 << 40, 1 << 60, len(who))
    # People ask the same thing twice.
    key = np.where(rng.random(len(who)) < 0.06, session + (1 << 39), key)
    rest = np.sqrt(max(0.05, 1 - topicality - _INTEREST**2 - _CONVERSATION**2))
    return geometry.blend(
        (
            (float(np.sqrt(topicality)), geometry.topics[topic]),
            (_INTEREST, geometry.points(np.where(mixed, session, who) + (1 << 37))),
            (_CONVERSATION, geometry.points(session + (1 << 38))),
            (float(rest), geometry.points(key)),
        )
    )


def _themed(rng: Rng, books: Books, accounts: Cohort, who: Ints, rows: Ints) -> Any:
    """Variants of the centres of the account's theme."""
    themes = books.themes.themes
    first = np.array([t.first for t in themes])[accounts.theme[who]]
    count = np.array([t.count for t in themes])[accounts.theme[who]]
    close = np.array([t.closeness for t in themes])[accounts.theme[who]]
    pick = first + (rng.random(len(who)) * count).astype(np.int64)
    spread = 1 - (1 - close) * rng.uniform(0.85, 1.15, len(who))
    keys = rows + rng.integers(1 << 40, 1 << 60, len(who))
    return books.themes.geometry.around(books.themes.centres[pick], spread.astype(np.float32), keys)


def _model(rng: Rng, books: Books, accounts: Cohort, who: Ints, at: Reals) -> Ints:
    """People move to a new model over weeks; campaigns pivot half their traffic in a day."""
    since = at - books.release
    slow = 1 - np.exp(-since / (20 * DAY))
    fast = 0.5 + 0.3 * slow
    share = np.where(accounts.abusive[who] > 0, fast, slow)
    return ((since > 0) & (rng.random(len(who)) < share)).astype(np.int64)
