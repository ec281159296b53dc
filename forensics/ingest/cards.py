"""Full card numbers, which must never enter a case.

A card number is 13 to 19 digits whose last one is the Luhn check digit (ISO/IEC 7812-1, annex B).
One in ten random numbers of that length has a valid check digit. So two strengths: where a card
number is likely (`any_issuer=True`: instruments, shared values) every such number counts that
stands there without letters; in other text, and beside letters (`tok_…`), only those in a range
and of a length that a card scheme issues.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

SHORTEST, LONGEST = 13, 19

_CANDIDATE = r"(?:\p{N}[^\p{L}\p{N}]*){13}"
#: The same for ASCII, which is searched a hundred times faster.
_ASCII_CANDIDATE = r"(?:[0-9][^A-Za-z0-9]*){13}"
_LETTER = r"\p{L}"
#: Digits with anything but letters between them, in a word of its own: `visa4111…` counts, while
#: digits inside a hexadecimal fingerprint do not.
_STRETCH = re.compile(r"(?<![^\W_])[^\W\d_]*(\d(?:[\W_]*\d)*)[^\W\d_]*(?![^\W_])")
_SCHEMES = (
    r"^(?:4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]|2[2-7])\d{14}"  # Mastercard, Mir
    r"|3[47]\d{13}|3[0689]\d{12}"  # American Express, Diners Club
    r"|35\d{14,17}|(?:60|62|64|65)\d{14,17}"  # JCB; Discover, UnionPay, RuPay
    r"|(?:50|5[6-9]|6\d)\d{14})$"  # Maestro
)


def has_card(text: pa.Array, *, any_issuer: bool) -> npt.NDArray[np.bool_]:
    """Tell, for each value of a text column, whether it holds a full card number.

    Any blanks, dashes or other signs that are not letters may stand between the digits.
    """
    found = np.zeros(len(text), dtype=bool)
    candidates = _candidates(text)
    if len(candidates) == 0:
        return found
    values = text.take(candidates)
    plain = pc.match_substring_regex(values, rf"^[0-9]{{{SHORTEST},{LONGEST}}}$")
    numbers, places = [values.filter(plain)], [candidates.filter(plain)]
    grouped = pc.invert(plain)
    for value, place in zip(
        values.filter(grouped).to_pylist(), candidates.filter(grouped).to_pylist(), strict=True
    ):
        windows = list(_numbers_in(value))
        numbers.append(pa.array(windows, pa.string()))
        places.append(pa.array([place] * len(windows), candidates.type))
    all_numbers = pa.concat_arrays(numbers)
    cards = _luhn(all_numbers)
    rows = pa.concat_arrays(places).to_numpy()
    issued = _mask(pc.match_substring_regex(all_numbers, _SCHEMES))
    if any_issuer:
        issued |= ~_mask(pc.match_substring_regex(text, _LETTER).fill_null(False))[rows]
    found[rows[cards & issued]] = True
    return found


def is_card(value: str) -> bool:
    """Tell whether one value holds a full card number of any issuer."""
    return bool(has_card(pa.array([value], pa.string()), any_issuer=True)[0])


def _candidates(text: pa.Array) -> pa.Array:
    """Return the places of values with enough digits and no letter between them."""
    ascii_only = pc.string_is_ascii(text)
    found = pc.match_substring_regex(text, _ASCII_CANDIDATE)
    if not pc.all(ascii_only).as_py():
        others = pc.if_else(ascii_only, pa.scalar(None, text.type), text)
        found = pc.if_else(ascii_only, found, pc.match_substring_regex(others, _CANDIDATE))
    return pc.indices_nonzero(pc.fill_null(found, False))


def _numbers_in(value: str) -> set[str]:
    """Return all numbers of a card's length that whole groups of digits form in `value`."""
    numbers = set()
    for stretch in _STRETCH.finditer(unicodedata.normalize("NFKC", value)):
        groups = [_ascii(group) for group in re.findall(r"\d+", stretch[1])]
        for start in range(len(groups)):
            number = ""
            for group in groups[start:]:
                number += group
                if len(number) > LONGEST:
                    break
                if len(number) >= SHORTEST:
                    numbers.add(number)
    return numbers


def _ascii(digits: str) -> str:
    return "".join(str(unicodedata.digit(digit)) for digit in digits)


def _luhn(numbers: pa.Array) -> npt.NDArray[np.bool_]:
    """Check the Luhn digit of numbers of up to 19 digits (zeros in front change nothing)."""
    padded = pc.cast(pc.utf8_lpad(numbers, LONGEST, "0"), pa.binary(LONGEST))
    digits = np.frombuffer(padded.buffers()[1], np.uint8)[: len(padded) * LONGEST]
    matrix = digits.reshape(len(padded), LONGEST) - ord("0")
    doubled = matrix[:, -2::-2] * 2
    total = matrix[:, -1::-2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)
    valid: npt.NDArray[np.bool_] = total % 10 == 0
    return valid


def _mask(values: pa.Array) -> npt.NDArray[np.bool_]:
    mask: npt.NDArray[np.bool_] = values.to_numpy(zero_copy_only=False)
    return mask
