"""Coordination: the probability that one operator runs a cluster.

A logistic function of thirteen measures of the cluster, fitted by maximum likelihood to generated
platforms on which the operators are known (`docs/choices.md` has the fit and its reliability). More
evidence never lowers it. What accounts have in common because of where they are or what they study
(an address, a template, a burst of sign-ups) makes links, and links make density; it takes
something personal, private or alike beyond that to make one operator. An address is not private
where the accounts that meet there live apart. That accounts share no card and no device speaks
against one operator only where they have any on record.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forensics.link.linkage import Linkage
from forensics.link.observed import CAPS
from forensics.link.uses import Ints
from forensics.link.weights import probability

INTERCEPT = -3.9
#: Per measure its coefficient and the most that counts: bits of devices and of identifiers over
#: those of a value of one's own, density, addresses, bits of cards alike, doublings of accounts on
#: one card and of those that devices hold, the share that the platform knows as one customer, how
#: far templates of their own come with two signs of extraction, the share with a mail domain that
#: nobody else has, how far new accounts follow suspended ones, how far activity never rests, and
#: how far accounts that stay have neither a card nor a device on record.
COEFFICIENTS = {
    "devices": (2.5, 1.0),
    "identifiers": (0.9, 1.0),
    "density": (3.8, 1.0),
    "addresses": (2.0, 1.0),
    "cards": (1.8, 3.0),
    "payers": (3.7, 5.0),
    "size": (1.5, 1.0),
    "declared": (5.4, 1.0),
    "campaign": (6.5, 1.0),
    "domain": (6.7, 1.0),
    "replaced": (6.0, 1.0),
    "clock": (2.0, 1.0),
    "untold": (0.75, 1.0),
}
#: Strangers meet on a device by twos and threes; forty on six devices are no family. Size counts in
#: full from three doublings over these on.
FEW = 4
#: From the first share of lives apart on, addresses count for less, and from the second not at all.
APART = (0.4, 0.8)
#: Bits of addresses that count in full, as a share of log2(accounts), beyond those of a public one.
PRIVATE = 0.35
CEILING = 0.995  # nothing here is certain


@dataclass(frozen=True)
class Hold:
    """How evidence holds each group together, one entry per group.

    `devices`, `identifiers`: in [0, 1], the bits of that kind that hold a member, by its best
    link, over log2(accounts of the platform); the mean over members.
    `density`: expected number of matches inside, of all the candidates that could be inside.
    `addresses`: in [0, 1], how far the addresses that hold a member outweigh what public ones can.
    """

    accounts: Ints
    devices: np.ndarray
    identifiers: np.ndarray
    density: np.ndarray
    addresses: np.ndarray


@dataclass(frozen=True)
class Beside:
    """What is known of each group beside its links, one entry per group.

    `cards`: how alike its cards are, in bits; `payers`: its accounts on the most used card;
    `declared`: the share that the platform knows as one customer; `campaign`: how far it sends
    templates of its own with two signs of extraction; `apart`: how far its accounts live apart, 0
    where that is not known; `untold`: how far accounts in use for days have neither a card nor a
    device on record.
    """

    cards: np.ndarray
    payers: np.ndarray
    declared: np.ndarray
    campaign: np.ndarray
    apart: np.ndarray
    domain: np.ndarray
    replaced: np.ndarray
    clock: np.ndarray
    untold: np.ndarray


def measure_hold(
    linkage: Linkage, label: Ints, candidates: int, without: tuple[str, ...] = ()
) -> Hold:
    """Measure every group of a labelling (shape: accounts).

    `candidates` is the most partners of an account; kinds of evidence in `without` are left out.
    """
    a, b = linkage.pairs.a, linkage.pairs.b
    inside = np.flatnonzero(label[a] == label[b])
    a, b = a[inside], b[inside]
    sizes = np.bincount(label)
    bits = {k: v for k, v in linkage.bits_by_kind(inside).items() if k not in without}
    prior = round(linkage.model.prior_bits * 1000)
    total = sum(bits.values(), start=np.full(len(inside), prior, dtype=np.int64))
    expected = np.bincount(label[a], weights=probability(total / 1000), minlength=len(sizes))
    possible = sizes * np.clip(sizes - 1, 1, candidates) / 2
    scale = float(np.log2(max(linkage.pairs.size, 2)))
    devices, identifiers, ip = (
        _mean_best(bits[kind], a, b, label, sizes) / scale if kind in bits else np.zeros(len(sizes))
        for kind in ("device", "identifier", "ip")
    )
    return Hold(
        sizes.astype(np.int64),
        np.clip(devices, 0, 1),
        np.clip(identifiers, 0, 1),
        expected / np.maximum(possible, 1),
        np.clip((ip - CAPS["public_address"]) / PRIVATE, 0, 1),
    )


def measures_of(hold: Hold, beside: Beside) -> dict[str, np.ndarray]:
    """Return each measure of `COEFFICIENTS` per group, as far as it counts.

    Accounts on one card count by the root of their share. That many accounts are densely linked
    says nothing where they live apart: guests of one event are.
    """
    share = np.minimum(beside.payers / np.maximum(hold.accounts, 1), 1)
    low, high = APART
    apart = np.clip((beside.apart - low) / (high - low), 0, 1)
    many = np.clip(np.log2(np.maximum(hold.accounts, 1) / FEW) / 3, 0, 1)
    found = {
        "devices": hold.devices,
        "identifiers": hold.identifiers,
        "density": hold.density * (1 - apart * many),
        "addresses": hold.addresses * (1 - apart),
        "cards": beside.cards,
        "payers": np.log2(np.maximum(beside.payers, 1)) * np.sqrt(share),
        "size": many * hold.devices * (1 - apart),
        "declared": beside.declared,
        "campaign": beside.campaign,
        "domain": beside.domain,
        "replaced": beside.replaced,
        "clock": beside.clock,
        "untold": beside.untold,
    }
    return {name: np.clip(found[name], 0, most) for name, (_, most) in COEFFICIENTS.items()}


def coordination_of(measures: dict[str, np.ndarray]) -> np.ndarray:
    """Return the probability of one operator per group, from 0 to `CEILING`."""
    odds = INTERCEPT + sum(
        coefficient * measures[name] for name, (coefficient, _) in COEFFICIENTS.items()
    )
    said: np.ndarray = CEILING / (1 + np.exp(-odds))
    return said


def _mean_best(value: Ints, a: Ints, b: Ints, label: Ints, sizes: Ints) -> np.ndarray:
    """Return per group the mean over its members of the most bits that a pair inside has, >= 0."""
    best = np.zeros(len(label), dtype=np.int64)
    np.maximum.at(best, a, value)
    np.maximum.at(best, b, value)
    mean: np.ndarray = np.bincount(label, weights=best / 1000, minlength=len(sizes)) / np.maximum(
        sizes, 1
    )
    return mean
