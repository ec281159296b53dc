from __future__ import annotations

import base64
import json
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.bundle import keys
from forensics.bundle.create import create_bundle
from forensics.bundle.custody import attest
from forensics.bundle.dsse import BadEnvelope, open_envelope, sign
from forensics.bundle.keys import PublicKey, SigningKey
from forensics.bundle.verify import Verification, verify_bundle
from forensics.case.run import Run
from forensics.case.store import Case
from forensics.errors import BundleError, UsageError
from tests.bundle.test_verify import edited, files_of

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return keys.new_signing_key(tmp_path_factory.mktemp("keys") / "mine.pem")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return keys.new_signing_key(tmp_path_factory.mktemp("keys") / "theirs.pem")


@pytest.fixture
def signed(north: Path, mine: SigningKey) -> Path:
    attest(north, "created", mine, at=AT)
    return north


def verified(bundle: Path, *trusted: SigningKey) -> Verification:
    return verify_bundle(bundle, [key.public for key in trusted])


def test_a_bundle_is_trusted_by_those_who_trust_its_maker(
    signed: Path, mine: SigningKey, theirs: SigningKey
) -> None:
    assert verified(signed, mine).valid
    assert verified(signed, theirs, mine).valid
    assert verified(signed, mine).problems == ()
    stranger = verified(signed, theirs)
    assert (stranger.intact, stranger.trusted) == (True, False)
    assert stranger.problems == (
        f"signed with key {mine.public.fingerprint}, which is not one that you trust",
    )
    assert "--trust KEY.pub" in verified(signed).problems[0]


def test_create_signs(small_case: Case, tmp_path: Path, mine: SigningKey) -> None:
    made = create_bundle(
        small_case, Run.current(small_case), "C-acme", tmp_path / "C-acme", signer=mine
    )
    found = verified(made, mine)
    assert found.valid
    assert [(entry.number, entry.action) for entry in found.custody] == [(1, "created")]
    assert [path.name for path in (made / "attestations").iterdir()] == ["0001-created.dsse.json"]


def test_the_payload_does_not_depend_on_the_key(
    small_case: Case, north: Path, tmp_path: Path, mine: SigningKey
) -> None:
    made = create_bundle(
        small_case, Run.current(small_case), "C-north", tmp_path / "again", signer=mine
    )
    for name in files_of(north):
        assert (made / name).read_bytes() == (north / name).read_bytes()


def test_custody_grows_and_each_entry_rests_on_the_one_before(
    signed: Path, mine: SigningKey, theirs: SigningKey
) -> None:
    attest(signed, "exported", mine, note="to the partner", at=AT)
    attest(signed, "received", theirs, at=AT)
    found = verified(signed, mine)
    assert found.valid
    assert [(e.action, e.at, e.note) for e in found.custody] == [
        ("created", "2026-03-01T12:00:00Z", None),
        ("exported", "2026-03-01T12:00:00Z", "to the partner"),
        ("received", "2026-03-01T12:00:00Z", None),
    ]
    assert found.custody[2].fingerprint == theirs.public.fingerprint
    assert not verified(signed, theirs).trusted


@pytest.mark.parametrize("gone", ["0001-created", "0002-exported"])
def test_an_entry_taken_out_of_the_chain_is_noticed(
    signed: Path, mine: SigningKey, gone: str
) -> None:
    attest(signed, "exported", mine)
    attest(signed, "received", mine)
    (signed / "attestations" / f"{gone}.dsse.json").unlink()
    found = verified(signed, mine)
    assert (found.intact, found.trusted) == (False, False)
    assert "one is missing, or it was added" in found.problems[0]


def test_a_chain_that_was_cut_and_counted_anew_is_noticed(signed: Path, mine: SigningKey) -> None:
    attest(signed, "exported", mine)
    attest(signed, "received", mine)
    folder = signed / "attestations"
    (folder / "0003-received.dsse.json").rename(folder / "0002-received.dsse.json")
    (folder / "0002-exported.dsse.json").unlink()
    assert "its name and its content differ" in verified(signed, mine).problems[0]


def test_entries_of_another_bundle_do_not_fit(
    signed: Path, made_bundles: Path, tmp_path: Path, mine: SigningKey
) -> None:
    other = Path(shutil.copytree(made_bundles / "C-acme", tmp_path / "C-acme"))
    shutil.copytree(signed / "attestations", other / "attestations")
    found = verified(other, mine)
    assert not found.trusted
    assert "a signature over something else than this bundle" in found.problems[0]


def test_a_forger_can_mend_the_manifests_but_not_the_signature(
    signed: Path, mine: SigningKey
) -> None:
    edited(signed, "report.html", lambda text: text.replace("5 accounts", "6 accounts"))
    found = verified(signed, mine)
    assert (found.trusted, found.valid) == (False, False)


def test_a_bundle_signed_anew_by_another_is_not_trusted(
    signed: Path, mine: SigningKey, theirs: SigningKey
) -> None:
    edited(signed, "report.html", lambda text: text.replace("5 accounts", "6 accounts"))
    shutil.rmtree(signed / "attestations")
    attest(signed, "created", theirs)
    found = verified(signed, mine)
    assert (found.intact, found.trusted, found.valid) == (True, False, False)


def test_a_stated_key_must_be_the_one_that_signed(
    signed: Path, mine: SigningKey, theirs: SigningKey
) -> None:
    path = signed / "attestations" / "0001-created.dsse.json"
    statement, *_ = open_envelope(path.read_bytes())
    assert statement["predicate"]["public_key"] == mine.public.pem
    path.write_bytes(sign(statement, theirs))
    assert "it names another key than it was signed with" in verified(signed, mine).problems[0]


def test_a_strange_file_among_the_attestations_is_noticed(signed: Path, mine: SigningKey) -> None:
    (signed / "attestations" / "0002-note.txt").write_text("hello")
    assert not verified(signed, mine).intact


def test_the_signature_is_over_the_encoding_that_dsse_fixes(signed: Path) -> None:
    data = (signed / "attestations" / "0001-created.dsse.json").read_bytes()
    outer = json.loads(data)
    payload = base64.b64decode(outer["payload"])
    statement = json.loads(payload)
    assert outer["payloadType"] == "application/vnd.in-toto+json"
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"][0]["name"] == "tagmanifest-sha256.txt"
    key = PublicKey.from_pem(statement["predicate"]["public_key"].encode(), "it")
    message = b"DSSEv1 28 application/vnd.in-toto+json %d %b" % (len(payload), payload)
    assert key.verifies(base64.b64decode(outer["signatures"][0]["sig"]), message)


@settings(max_examples=200)
@given(data=st.data())
def test_no_byte_of_an_envelope_can_change(data: st.DataObject) -> None:
    key = _FIXED
    envelope = sign({"_type": "https://in-toto.io/Statement/v1", "subject": []}, key)
    at = data.draw(st.integers(0, len(envelope) - 1))
    flipped = envelope[at] ^ data.draw(st.integers(1, 255))
    changed = envelope[:at] + bytes([flipped]) + envelope[at + 1 :]
    try:
        _, fingerprint, signature, message = open_envelope(changed)
    except BadEnvelope:
        return
    assert fingerprint != key.public.fingerprint or not key.public.verifies(signature, message)


_FIXED = SigningKey(keys.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def test_private_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "own" / "key.pem"
    made = keys.new_signing_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.load_signing_key(path).public.fingerprint == made.public.fingerprint
    path.chmod(0o644)
    with pytest.raises(BundleError, match="others may read this private key; do: chmod 600"):
        keys.load_signing_key(path)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    keys.new_signing_key(tmp_path / "key.pem")
    with pytest.raises(UsageError, match="a key is never overwritten"):
        keys.new_signing_key(tmp_path / "key.pem")


def test_a_passphrase_protects_a_key(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    keys.new_signing_key(path, b"secret")
    assert keys.needs_passphrase(path)
    keys.load_signing_key(path, b"secret")
    with pytest.raises(BundleError, match="the passphrase is wrong"):
        keys.load_signing_key(path, b"other")
    with pytest.raises(BundleError, match="needs a passphrase"):
        keys.load_signing_key(path)


@pytest.mark.parametrize("text", ["", "not a key", "-----BEGIN PUBLIC KEY-----\nAAAA\n"])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(UsageError, match="not a public key in PEM"):
        PublicKey.from_pem(text.encode(), str(path))
    with pytest.raises(BundleError, match="not a private key in PEM"):
        keys.load_signing_key(path)
    with pytest.raises(UsageError, match="not a share key"):
        keys.load_share_key(path)


def test_share_keys_are_secrets_of_their_own(tmp_path: Path) -> None:
    first = keys.new_share_key(tmp_path / "a.share")
    second = keys.new_share_key(tmp_path / "b.share")
    assert keys.load_share_key(tmp_path / "a.share") == first != second
    assert keys.share_key_name(first) != keys.share_key_name(second)
    assert first.hex() not in keys.share_key_name(first)
