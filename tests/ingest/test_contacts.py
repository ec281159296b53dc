from __future__ import annotations

import pyarrow as pa
import pytest

from forensics.ingest.contacts import cards_among_phones, emails, phones


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("Ann.Lee+trial7@GMail.com", "annlee@gmail.com"),
        ("annlee@googlemail.com", "annlee@gmail.com"),
        ("Ann.Lee+x@example.ORG", "ann.lee@example.org"),
        ("+x@example.org", "+x@example.org"),
        ("not an address", None),
        ("a@b", None),
        ("...@gmail.com", "...@gmail.com"),
    ],
)
def test_emails(given: str, canonical: str | None) -> None:
    assert emails(pa.array([given, None])).values.to_pylist() == [canonical, None]


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("+1 (415) 555-0100", "14155550100"),
        ("0014155550100", "14155550100"),
        ("+44 (0)20 7946 0958", "442079460958"),
        ("+1 415 555 0100 ext. 12", "14155550100"),
        ("0155 550100", "0155550100"),
        ("12345", None),
        ("1234567890123456", None),
    ],
)
def test_phones(given: str, canonical: str | None) -> None:
    assert phones(pa.array([given, None])).values.to_pylist() == [canonical, None]


def test_card_numbers_among_phones() -> None:
    given = ["4111 1111 1111 1111", "378282246310005", "+4915112345678", "+378282246310005"]
    assert cards_among_phones(pa.array(given)).tolist() == [True, True, False, False]
