"""E-mail addresses and phone numbers in a form in which equal ones are equal.

What has no such form (no @, too few digits) has no canonical value; the raw one is kept.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from forensics.ingest.cards import has_card
from forensics.ingest.checked import Checked

_NOTHING = pa.scalar(None, pa.string())
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"
_PHONE = r"^[0-9]{7,15}$"  # ITU-T E.164: at most 15 digits
_CALLED_FROM_ABROAD = r"^(?:\(?\+|00)"
#: Numbers of this shape with no + in front are card numbers when their check digit holds.
_CARD_LIKE = r"^(?:3[0-9]{13,14}|[0-9]{16,19})$"


def emails(text: pa.Array) -> Checked:
    """Return e-mails in lower case, without the part of the local name from + on.

    Gmail ignores dots in the local name, and googlemail.com is the same as gmail.com.
    """
    lower = pc.utf8_lower(pc.utf8_normalize(text, form="NFKC"))
    valid = pc.if_else(pc.match_substring_regex(lower, _EMAIL), lower, _NOTHING)
    plain = pc.replace_substring_regex(valid, r"^([^+@]+)\+[^@]*@", r"\1@")
    google = pc.match_substring_regex(plain, r"[^.@]\.*@(?:gmail|googlemail)\.com$")
    local = pc.replace_substring(pc.replace_substring_regex(plain, "@.*$", ""), ".", "")
    return Checked(pc.if_else(google, pc.binary_join_element_wise(local, "gmail.com", "@"), plain))


def phones(text: pa.Array) -> Checked:
    """Return phone numbers as digits, country code first where + or 00 told it."""
    main = pc.replace_substring_regex(text, r"(?i)\s*(?:ext\.?|x|#).*$", "")
    trunk = pc.replace_substring(main, "(0)", "")
    abroad = pc.match_substring_regex(trunk, _CALLED_FROM_ABROAD)
    digits = _digits(trunk)
    full = pc.if_else(abroad, pc.replace_substring_regex(digits, "^00", ""), digits)
    valid = pc.match_substring_regex(full, _PHONE)
    return Checked(pc.if_else(valid, full, _NOTHING))


def cards_among_phones(text: pa.Array) -> npt.NDArray[np.bool_]:
    """Tell which phone values are card numbers; one in ten long phone numbers only looks it."""
    abroad = pc.match_substring_regex(text, _CALLED_FROM_ABROAD)
    like = pc.match_substring_regex(_digits(text), _CARD_LIKE)
    suspects = pc.fill_null(pc.and_not(like, abroad), False)
    cards: npt.NDArray[np.bool_] = suspects.to_numpy(zero_copy_only=False)
    return cards & has_card(text, any_issuer=True)


def _digits(text: pa.Array) -> pa.Array:
    ascii_text = pc.utf8_normalize(text, form="NFKC")
    return pc.replace_substring_regex(ascii_text, r"[^0-9]", "")
