"""Templates of a case: named by what they are, whatever the order in which prompts are stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from forensics.case.database import connect
from forensics.case.store import Case
from forensics.link.accounts import collect_accounts
from forensics.link.templates import Templates, find_templates
from tests.platforms import Platform, stored, write_case

KEYS = (11, 12, 13)


@pytest.fixture(scope="module")
def platform() -> Platform:
    """150 strangers; ten more send three templates, and ten others one that is public."""
    platform = Platform(people=150)
    platform.recite(platform.crew("ring", 10), KEYS, 3)
    platform.recite(platform.crew("bench", 10), [99], 3)
    public = platform.geometry.embed(platform.geometry.points(np.array([99, 7])))
    for name, embedding in zip(("bench-a", "bench-b"), stored(public), strict=True):
        platform.add("references", name=name, kind="benchmark", embedding=embedding)
    capability = platform.geometry.embed(platform.geometry.points(np.array([11])))
    platform.add("references", name="code", kind="capability", embedding=stored(capability)[0])
    return platform


def found_in(case: Case, **given: int) -> Templates:
    return find_templates(case, collect_accounts(connect(case)), **given)


@pytest.fixture(scope="module")
def case(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return write_case(tmp_path_factory.mktemp("templates") / "case", platform.rows)


@pytest.fixture(scope="module")
def templates(case: Case) -> Templates:
    return found_in(case)


def sent_by(templates: Templates, name: str) -> dict[str, int]:
    """Return per template how many prompts of a crew follow it, where more than ten do."""
    rows = templates.assignments.to_pylist()
    keys = [row["key"] for row in rows if row["account_id"].startswith(name)]
    return {key: keys.count(key) for key in sorted(set(keys)) if keys.count(key) > 10}


def test_each_planted_template_is_one(templates: Templates) -> None:
    ring = sent_by(templates, "ring")
    assert len(ring) == 3
    assert min(ring.values()) >= 27  # of 30 variants
    assert len(sent_by(templates, "bench")) == 1


def test_templates_that_the_same_accounts_send_are_one_family(templates: Templates) -> None:
    family = dict(
        zip(*(templates.described[c].to_pylist() for c in ("key", "family")), strict=True)
    )
    assert len({family[key] for key in sent_by(templates, "ring")}) == 1
    (bench,) = sent_by(templates, "bench")
    assert family[bench] not in {family[key] for key in sent_by(templates, "ring")}


def test_a_template_that_holds_a_benchmark_is_public_and_says_which(templates: Templates) -> None:
    public = dict(
        zip(*(templates.described[c].to_pylist() for c in ("key", "public")), strict=True)
    )
    (bench,) = sent_by(templates, "bench")
    assert public[bench] == "bench-a"
    # What is about a capability is no public prompt.
    assert {public[key] for key in sent_by(templates, "ring")} == {None}


def test_uses_count_the_prompts_of_each_account(templates: Templates) -> None:
    assert sum(templates.uses["uses"].to_pylist()) == len(templates.assignments)
    assert sum(templates.described["prompts"].to_pylist()) == len(templates.assignments)


def test_the_order_and_the_split_of_the_prompts_change_nothing(
    platform: Platform, templates: Templates, tmp_path: Path
) -> None:
    other = found_in(write_case(tmp_path / "case", platform.rows, parts=4, shuffled=5))
    for name in ("described", "uses", "assignments"):
        assert getattr(other, name).equals(getattr(templates, name)), name


def test_a_sample_finds_the_same_templates_and_assigns_every_prompt(
    case: Case, templates: Templates
) -> None:
    sampled = found_in(case, sample=700)  # of some 1,140 prompts
    assert len(sent_by(sampled, "ring")) == 3
    assert sum(sent_by(sampled, "ring").values()) >= 80


def test_without_prompts_there_is_no_template(tmp_path: Path) -> None:
    platform = Platform(people=3, prompts=0)
    none = found_in(write_case(tmp_path / "case", platform.rows))
    assert [len(t) for t in (none.described, none.uses, none.assignments)] == [0, 0, 0]
    assert none.uses.schema.field("account").type == pa.int32()
