"""Mail domains of schools."""

from __future__ import annotations

import pyarrow as pa
import pytest

from forensics.link.schools import are_schools


@pytest.mark.parametrize("domain", ["mit.edu", "ox.ac.uk", "uni-bonn.de", "tu.school", "x.k12.us"])
def test_a_school_is_told_by_its_name(domain: str) -> None:
    assert are_schools(pa.array([f"email_domain:{domain}"])).tolist() == [True]


@pytest.mark.parametrize("domain", ["gmail.com", "education.com", "edu.example", "acunim.de"])
def test_others_are_none(domain: str) -> None:
    assert are_schools(pa.array([f"email_domain:{domain}"])).tolist() == [False]
