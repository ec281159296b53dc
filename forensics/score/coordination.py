"""Coordination: the probability that one operator runs a cluster.

A logistic function of seven measures of the cluster, none of which can lower it, fitted by maximum
likelihood to generated platforms on which the operators are known (`docs/method.md` has the fit
and its reliability). What accounts have in common because of where they are or what they study
(an address that is public, a template, a burst of sign-ups) makes links, and links make density;
it takes something personal, private or alike beyond that to make one operator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forensics.link.linkage import Linkage
from forensics.link.observed import CAPS
from forensics.link.uses import Ints
from forensics.link.weights import probability

INTERCEPT = -6.2
#: Per measure its coefficient and the most that counts: bits of devices and of identifiers over
#: those of a value of one's own, density, addresses, bits of cards alike, doublings of accounts on
#: one card, and of accounts over `FEW`, times what they are held by.
COEFFICIENTS = {
    "devices": (5.2, 1.0),
    "identifiers": (1.5, 1.0),
    "density": (4.2, 1.0),
    "addresses": (3.6, 1.0),
    "cards": (1.8, 3.0),
    "payers": (3.7, 5.0),
    "size": (2.5, 1.5),
}
#: Strangers meet by twos and threes; eight that private addresses or their own cards and devices
#: hold are no accident. A class of eight, or of eighty, is held by neither.
FEW = 4
#: Bits of addresses that count in full, as a share of log2(accounts), beyond those of a public one.
PRIVATE = 0.35
CEILING = 0.995  # nothing here is certain


@dataclass(frozen=True)
class Hold:
    """How evidence holds each group together, one entry per group.

    `payments`, `devices`, `identifiers`: in [0, 1], the bits of that kind that hold a member, by
    its best link, over log2(accounts of the platform); the mean over members.
    `density`: expected number of matches inside, of all the candidates that could be inside.
    `addresses`: in [0, 1], how far the addresses that hold a member outweigh what public ones can.
    """

    accounts: Ints
    payments: np.ndarray
    devices: np.ndarray
    identifiers: np.ndarray
    density: np.ndarray
    addresses: np.ndarray


def measure_hold(linkage: Linkage, label: Ints, candidates: int, without: str = "") -> Hold:
    """Measure every group of a labelling (shape: accounts).

    `candidates` is the most partners of an account; the kind of evidence `without` is left out.
    """
    a, b = linkage.pairs.a, linkage.pairs.b
    inside = np.flatnonzero(label[a] == label[b])
    a, b = a[inside], b[inside]
    sizes = np.bincount(label)
    bits = {k: v for k, v in linkage.bits_by_kind(inside).items() if k != without}
    prior = round(linkage.model.prior_bits * 1000)
    total = sum(bits.values(), start=np.full(len(inside), prior, dtype=np.int64))
    expected = np.bincount(label[a], weights=probability(total / 1000), minlength=len(sizes))
    possible = sizes * np.clip(sizes - 1, 1, candidates) / 2
    scale = float(np.log2(max(linkage.pairs.size, 2)))
    payments, devices, identifiers, ip = (
        _mean_best(bits[kind], a, b, label, sizes) / scale if kind in bits else np.zeros(len(sizes))
        for kind in ("payment", "device", "identifier", "ip")
    )
    return Hold(
        sizes.astype(np.int64),
        np.clip(payments, 0, 1),
        np.clip(devices, 0, 1),
        np.clip(identifiers, 0, 1),
        expected / np.maximum(possible, 1),
        np.clip((ip - CAPS["public_address"]) / PRIVATE, 0, 1),
    )


def measures_of(hold: Hold, cards: np.ndarray, payers: np.ndarray) -> dict[str, np.ndarray]:
    """Return each measure of `COEFFICIENTS` per group, as far as it counts.

    `cards` says how alike the cards of a group are, in bits; `payers` how many of its accounts use
    its most used card, which counts by the root of their share.
    """
    share = np.minimum(payers / np.maximum(hold.accounts, 1), 1)
    many = np.clip(np.log2(np.maximum(hold.accounts, 1) / FEW), 0, 1)
    own = np.minimum(hold.payments + hold.devices, 1)
    found = {
        "devices": hold.devices,
        "identifiers": hold.identifiers,
        "density": hold.density,
        "addresses": hold.addresses,
        "cards": cards,
        "payers": np.log2(np.maximum(payers, 1)) * np.sqrt(share),
        "size": many * (hold.addresses + own / 2),
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
