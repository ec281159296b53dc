from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.ingest.cards import has_card


def check_digit(digits: str) -> str:
    """The digit that makes a number valid, by the textbook (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    """A number of 13 to 19 digits with a valid check digit, grouped anyhow."""
    body = draw(st.text("0123456789", min_size=12, max_size=18))
    number = body + check_digit(body)
    separators = st.sampled_from(["", "", " ", "-", ".", "/", "_", "  ", " - ", "\u00a0", "\u2013"])
    return "".join(digit + draw(separators) for digit in number[:-1]) + number[-1]


def found(*values: str, any_issuer: bool) -> list[bool]:
    return has_card(pa.array(values, pa.string()), any_issuer=any_issuer).tolist()


@given(card_numbers())
def test_every_grouping_is_found(number: str) -> None:
    assert found("tok_1", number, any_issuer=True) == [False, True]


@given(st.text("0123456789", min_size=13, max_size=19))
def test_a_wrong_check_digit_is_no_card(number: str) -> None:
    assert found(number, any_issuer=True) == [number[-1] == check_digit(number[:-1])]


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "\uff15\uff15\uff10\uff10 0000-0000 000\uff14",
        "pay with 4111 1111 1111 1111, thanks",
        "tok_4111111111111111",
        "visa4111111111111111",
        "4111 1111 1111 1111 12/28 123",
        "4111111111111111.0",
        "4.111111111111111E+15",
        "378282246310005",
    ],
)
def test_cards_of_known_schemes_are_found_in_any_text(text: str) -> None:
    assert found(text, any_issuer=True) == [True]
    assert found(text, any_issuer=False) == [True]


@pytest.mark.parametrize(
    "text",
    [
        "a3f4111111111111111b09",  # inside a fingerprint
        "pi_8075184653287966",  # a processor's token; no scheme issues numbers from 8075 on
        "192.168.100.200",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0.0.0 Safari/537.36",
        "411111111111",  # 12 digits
        "41111111111111111111",  # 20 digits
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert found(text, any_issuer=True) == [False]


def test_free_text_may_hold_numbers_that_no_scheme_issues() -> None:
    assert found("1000000000000008", any_issuer=True) == [True]
    assert found("1000000000000008", any_issuer=False) == [False]
