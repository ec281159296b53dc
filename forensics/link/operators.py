"""Rarity by operators, not accounts: how many operators use a shared value.

A ring of 500 accounts on one card must not make the card common; 10,000 strangers behind one
carrier address must. So the users of a value are grouped by *other* evidence: inside a value with
n users the prior that two are one operator is 1/n, hence other evidence over log2(n) bits plus a
margin joins them. The operators are the inverse Simpson index of the groups (Simpson 1949), in
which the accounts of a group that is small in a crowd of users count one by one. Of a kind of value
that the user added nobody knows how personal it is, so all its groups count alike (the exponential
of Shannon's entropy): a browser's fingerprint that a ring of 150 has is not rare for that among the
740 strangers who have it too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from forensics.link.pairs import Shared
from forensics.link.uses import Comparison, Ints

MARGIN_BITS = 2.0
#: Of a value with so many users, a group of a smaller share does not make it its own: a ring of
#: 9,500 accounts made a mail provider of 395,000 look like one of 1,250 operators, and one of 100
#: an address of 536 like one of 29.
CROWD, CROWD_SHARE = 100, 0.25
#: How likely two accounts that agree on a value are one operator, before any data.
OWNED = {
    "instrument": 0.9,
    "device": 0.8,
    "email": 0.9,
    "phone": 0.4,
    "address": 0.3,
    "prefix": 0.0,
    "card_range": 0.0,
    "email_domain": 0.0,
    "template": 0.05,
    "minute": 0.0,
}
OWNED_OTHER = 0.3
#: A payment token or a mailbox is personal by nature, up to so many unrelated operators: beyond, it
#: is a test token or the like.
PERSONAL, MOST_PERSONAL = ("instrument", "email"), 300.0
#: Another value that many operators use is the less likely anybody's own (by class of `RARITY`).
FADING = (1.0, 1.0, 1.0, 0.9, 0.6, 0.2, 0.02)
#: Upper ends of the classes by operators into which values fall.
RARITY = (1.3, 1.7, 2.5, 4.5, 9.0, 30.0)


#: A test token has so many users, of whom such shares are seen as operators of their own, and pay
#: with something else as well.
TOKEN_USERS, TOKEN_SEEN, TOKEN_OTHERS = 20, 0.6, 0.25
#: Of a kind that the user added, values of more operators than this are no person's own.
FEW = 3.0


@dataclass(frozen=True)
class Operators:
    """Operators per value of a comparison: as other evidence shows them, and as they count.

    `nobodys` are the values that nobody has for himself: they count as everybody's. `trait` tells
    that the comparison is of a kind that marks sorts of accounts, not accounts.
    """

    seen: np.ndarray
    effective: np.ndarray
    nobodys: npt.NDArray[np.bool_]
    trait: bool = False


def joined_uses(comparison: Comparison, shared: Shared, other_bits: np.ndarray) -> Ints:
    """Return the uses of one value that other evidence joins, shape (2, n).

    `other_bits` is, per pair, the evidence that is independent of the comparison's own kind,
    without the prior.
    """
    needed = np.log2(np.maximum(comparison.counts, 1)) + MARGIN_BITS
    joined = shared.where(other_bits[shared.pair] >= needed[shared.value])
    return np.stack([joined.use_a, joined.use_b])


def count_operators(comparison: Comparison, joined: Ints) -> np.ndarray:
    """Return the operators per value of a comparison, between 1 and its accounts.

    `joined` are the uses that other evidence joins, shape (2, n).
    """
    counts = comparison.counts.astype(np.float64)
    edges = coo_array(
        (np.ones(joined.shape[1], dtype=np.int8), (joined[0], joined[1])),
        shape=(len(comparison.account),) * 2,
    )
    _, group = connected_components(edges, directed=False)
    sizes = np.bincount(group).astype(np.float64)
    value_of_group = np.zeros(len(sizes), dtype=np.int64)
    value_of_group[group] = comparison.value
    users = counts[value_of_group]
    if comparison.name not in OWNED:
        share = sizes / users
        return np.exp(-np.bincount(value_of_group, share * np.log(share), len(counts)))
    alone = (users >= CROWD) & (sizes < CROWD_SHARE * users)
    joint = np.where(alone, sizes, sizes**2)
    squares = np.bincount(value_of_group, weights=joint, minlength=len(counts))
    seen: np.ndarray = np.divide(counts**2, squares, out=np.ones_like(counts), where=squares > 0)
    return seen


def is_trait(comparison: Comparison, seen: np.ndarray) -> bool:
    """Return whether a kind that the user added says what accounts are like, not who they are.

    Then half of its uses are of values that many operators have, as with fingerprints of browsers
    or referral codes; the rare values of such a kind are rare sorts.
    """
    if comparison.name in OWNED:
        return False
    uses = comparison.counts
    return bool(2 * uses[seen > FEW].sum() >= uses.sum() > 0)


def shared_tokens(comparison: Comparison, seen: np.ndarray) -> npt.NDArray[np.bool_]:
    """Return the instruments of many users whom nothing else joins, and who pay with others too.

    A reseller's customers have nothing else in common either, but no card beside his.
    """
    if comparison.name != "instrument":
        return np.zeros(len(comparison.keys), dtype=bool)
    users = np.maximum(comparison.counts, 1)
    several = np.bincount(comparison.account, minlength=comparison.size) > 1
    others = np.bincount(comparison.value, several[comparison.account], len(users)) / users
    found: npt.NDArray[np.bool_] = (users >= TOKEN_USERS) & (others >= TOKEN_OTHERS)
    return found & (seen >= TOKEN_SEEN * users)


def rarity_class(operators: np.ndarray) -> np.ndarray:
    """Return the class of each value by the operators seen to use it, an index into `RARITY`."""
    return np.searchsorted(RARITY, operators)


def effective_operators(name: str, seen: np.ndarray, owned: np.ndarray) -> np.ndarray:
    """Return the harmonic mean of the operators seen and of one, by how likely a value is owned.

    That the users of a card share nothing else does not make the card public. `owned` holds a
    share per class of `RARITY`; within the last one, which has no end, it falls with the
    operators, from later on where the value is personal by nature. Else what a fifth of a large
    platform shares would count as if a few dozen operators did.
    """
    share = owned[rarity_class(seen)]
    most = MOST_PERSONAL if name in PERSONAL else RARITY[-1]
    share = share * np.minimum(1, most / np.maximum(seen, 1))
    effective: np.ndarray = 1 / (share + (1 - share) / np.maximum(seen, 1))
    return effective


def default_owned(name: str) -> np.ndarray:
    """Return the owned share of a comparison's values before any data, one per class."""
    fading = np.ones(len(RARITY) + 1) if name in PERSONAL else np.array(FADING)
    share: np.ndarray = OWNED.get(name, OWNED_OTHER) * fading
    clipped: np.ndarray = np.clip(share, 0.001, 0.999)
    return clipped
