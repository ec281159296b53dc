"""Ten thousand ways to change a signed bundle; every one is noticed."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from random import Random

from forensics.bundle import keys
from forensics.bundle.bag import MANIFEST, TAG_MANIFEST, manifest_of
from forensics.bundle.custody import attest, check_custody
from forensics.bundle.integrity import check_integrity
from forensics.bundle.keys import SigningKey
from tests.bundle.test_verify import files_of, in_memory

MUTATIONS = 10_000
MINE = SigningKey(keys.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
THEIRS = SigningKey(keys.Ed25519PrivateKey.from_private_bytes(bytes(32)))

Files = dict[str, bytes]


def accepted(files: Files) -> bool:
    """Whether a reader who trusts MINE takes these files for what MINE signed."""
    bag = in_memory(files)
    problems, digests = check_integrity(bag)
    custody = check_custody(bag, digests.get(TAG_MANIFEST))
    whole = not problems and not custody.problems
    return whole and custody.maker == MINE.public.fingerprint


def mutated(files: Files, others: Files, kind: str, random: Random) -> Files:
    files = dict(files)
    names = sorted(files)
    name, second = random.choice(names), random.choice(names)
    data = files[name]
    at = random.randrange(len(data))
    if kind == "flip a bit":
        files[name] = data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
    elif kind == "insert":
        files[name] = data[:at] + random.randbytes(random.randint(1, 9)) + data[at:]
    elif kind == "take out":
        files[name] = data[:at] + data[at + random.randint(1, 99) :]
    elif kind == "truncate":
        files[name] = data[:at]
    elif kind == "append":
        files[name] = data + random.choice([b"\n", b" ", b"\0", data])
    elif kind == "remove":
        del files[name]
    elif kind == "add":
        files[random.choice(["", "data/", "attestations/", "data/queries/"]) + "new"] = b"new"
    elif kind == "swap":
        files[name], files[second] = files[second], data
    elif kind == "rename":
        files[random.choice([f"{name}~", f"data/{name}", name.upper()])] = files.pop(name)
    elif kind == "from another bundle":
        shared = sorted(set(files) & set(others))
        name = random.choice(shared)
        files[name] = others[name]
    else:
        payload = random.choice([n for n in names if n.startswith("data/")])
        old = files[payload]
        at = random.randrange(len(old))
        files[payload] = old[:at] + bytes([old[at] ^ 1]) + old[at + 1 :]
        remanifest(files)
    return files


def remanifest(files: Files) -> None:
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files[MANIFEST] = manifest_of({n: d for n, d in digests.items() if n.startswith("data/")})
    tags = {n: hashlib.sha256(files[n]).hexdigest() for n in files if "/" not in n}
    del tags[TAG_MANIFEST]
    files[TAG_MANIFEST] = manifest_of(tags)


KINDS = (
    "flip a bit", "insert", "take out", "truncate", "append", "remove", "add", "swap", "rename",
    "from another bundle", "change and mend the manifests",
)  # fmt: skip


def read(folder: Path) -> Files:
    return {name: (folder / name).read_bytes() for name in files_of(folder)}


def test_none_is_missed(north: Path, made_bundles: Path, tmp_path: Path) -> None:
    attest(north, "created", MINE)
    files, others = read(north), read(made_bundles / "C-acme")
    assert accepted(files)
    random = Random(8493)
    missed: Counter[str] = Counter()
    done: Counter[str] = Counter()
    while done.total() < MUTATIONS:
        kind = random.choice(KINDS)
        changed = mutated(files, others, kind, random)
        if changed != files:
            done[kind] += 1
            missed[kind] += accepted(changed)
    assert missed.total() == 0, missed
    assert min(done.values()) > 300


def test_a_bundle_that_another_signs_anew_is_not_taken_for_mine(north: Path) -> None:
    attest(north, "created", THEIRS)
    assert not accepted(read(north))
