"""Which templates are one family, by who sends them."""

from __future__ import annotations

import numpy as np

from forensics.link.families import join_families

ACCOUNTS = 4_000


def families(*senders: range, public: tuple[int, ...] = ()) -> list[int]:
    """Return the family of each template, given who sends it, among strangers' templates."""
    strangers = [range(at, at + 5) for at in range(1_000, ACCOUNTS, 5)]
    every = [*senders, *strangers]
    template = np.repeat(np.arange(len(every)), [len(of) for of in every])
    is_public = np.isin(np.arange(len(every)), public)
    found = join_families(template, np.concatenate([*map(np.array, every)]), is_public, ACCOUNTS)
    return found[: len(senders)].tolist()  # type: ignore[no-any-return]


def test_templates_of_one_campaign_are_one_family() -> None:
    assert families(range(120), range(20, 110)) == [0, 0]


def test_a_variant_that_few_send_is_of_the_family() -> None:
    assert families(range(120), range(30, 38)) == [0, 0]


def test_a_few_accounts_in_common_join_none() -> None:
    """Two of eight senders of a topic are of each campaign: more than chance has, and no family."""
    topic = range(118, 126)
    assert families(range(120), topic, range(124, 240)) == [0, 1, 2]


def test_as_many_as_chance_has_join_none() -> None:
    """A template of half of all accounts is sent by most of any five."""
    assert families(range(2_500), range(2_496, 2_501)) == [0, 1]


def test_a_public_prompt_joins_no_campaigns() -> None:
    both = (range(60), range(200), range(140, 200))
    assert families(*both) == [0, 0, 0]
    assert families(*both, public=(1,)) == [0, 1, 2]


def test_public_prompts_that_the_same_accounts_send_are_one_family() -> None:
    assert families(range(60), range(60), public=(0, 1)) == [0, 0]


def test_without_a_template_there_is_none() -> None:
    none = np.empty(0, dtype=np.int64)
    assert join_families(none, none, none.astype(bool), 3).tolist() == []
