"""The canonical form of each column of the input tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.tables import InputTable
from forensics.ingest.addresses import addresses, networks
from forensics.ingest.cards import has_card
from forensics.ingest.checked import Checked, refuse
from forensics.ingest.contacts import cards_among_phones

Check = Callable[[pa.Array], Checked]

TIMES = frozenset({"created_at", "status_at", "at", "first_seen", "last_seen"})

_WHOLE = r"^\+?[0-9]{1,18}(?:\.0*)?$"
_CONTROL = r"\p{Cc}"
_CARD = (
    "a full card number (13 to 19 digits, valid check digit); "
    "expected the processor's token, or a hash"
)
_FREE_TEXT_CARD = "a full card number stands in the text"


def check_of(table: InputTable, column: str) -> Check:
    """Return the check of a column's distinct text values. Times and embeddings have their own."""
    if column in table.choices:
        return partial(_choice, choices=table.choices[column])
    if (table.name, column) == ("identifiers", "kind"):
        return lambda values: text(pc.utf8_lower(values))
    return _CHECKS.get(column, text)


def text(values: pa.Array) -> Checked:
    """Let any text in but card numbers."""
    cards = pa.array(has_card(values, any_issuer=False))
    return refuse(values, cards, _FREE_TEXT_CARD, show=False)


def _identifier(values: pa.Array) -> Checked:
    control = pc.match_substring_regex(values, _CONTROL)
    return refuse(values, control, "holds a line break or another control character")


def _instrument(values: pa.Array) -> Checked:
    cards = pa.array(has_card(values, any_issuer=True))
    return refuse(values, cards, _CARD, show=False).then(_identifier)


def _phone(values: pa.Array) -> Checked:
    cards = pa.array(cards_among_phones(values))
    return refuse(values, cards, _CARD, show=False)


def _country(values: pa.Array) -> Checked:
    code = pc.match_substring_regex(values, "^[A-Za-z]{2,3}$")
    return text(pc.if_else(code, pc.utf8_upper(values), values))


def _choice(values: pa.Array, choices: tuple[str, ...]) -> Checked:
    lower = pc.utf8_lower(values)
    bad = pc.invert(pc.is_in(lower, pa.array(choices)))
    bad = pc.and_(bad, pc.is_valid(values))
    checked = refuse(values, bad, f"not one of {', '.join(choices)}")
    return Checked(pc.if_else(bad, pa.scalar(None, pa.string()), lower), checked.reasons)


def _whole(values: pa.Array) -> Checked:
    bad = pc.invert(pc.match_substring_regex(values, _WHOLE))
    checked = refuse(values, bad, "not a whole number of zero or more")
    digits = pc.replace_substring_regex(checked.values, r"\..*$|^\+", "")
    return Checked(pc.cast(digits, pa.int64()), checked.reasons)


def _autonomous_system(values: pa.Array) -> Checked:
    return _whole(pc.replace_substring_regex(values, r"(?i)^as\s*", ""))


_CHECKS: dict[str, Check] = {
    # Numeric ids may have a valid check digit by chance, so they are not searched for cards.
    **dict.fromkeys(("account_id", "prompt_id", "device_id", "group_id"), _identifier),
    **dict.fromkeys(("instrument_id", "bin", "value"), _instrument),
    **dict.fromkeys(("count", "requests", "tokens_in", "tokens_out"), _whole),
    **dict.fromkeys(("ip", "signup_ip"), addresses),
    **dict.fromkeys(("country", "issuer_country"), _country),
    "cidr": networks,
    "asn": _autonomous_system,
    "phone": _phone,
}
