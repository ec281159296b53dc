"""Keys: an Ed25519 pair with which bundles are signed, and secrets shared with one partner each.

A key is named by the SHA-256 of its public half (DER, SubjectPublicKeyInfo), 64 hexadecimal digits.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from forensics.case.files import write_atomic
from forensics.errors import BundleError, UsageError

SHARE_BYTES = 32
_SHARE_HEAD = "account-forensics share key 1\n"


@dataclass(frozen=True)
class PublicKey:
    """The half of a signing key that everybody may know."""

    key: Ed25519PublicKey

    @classmethod
    def from_pem(cls, data: bytes, name: str) -> PublicKey:
        """Read a public key; `name` is used in messages.

        Raises:
            UsageError: it is none, or not Ed25519.
        """
        try:
            key = serialization.load_pem_public_key(data)
        except (ValueError, UnsupportedAlgorithm):
            raise UsageError(
                f"{name}: not a public key in PEM; 'forensics key show' prints one"
            ) from None
        if not isinstance(key, Ed25519PublicKey):
            raise UsageError(f"{name}: not an Ed25519 key, which is what bundles are signed with")
        return cls(key)

    @property
    def pem(self) -> str:
        """The key as PEM."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.key.public_bytes(serialization.Encoding.PEM, form).decode()

    @property
    def fingerprint(self) -> str:
        """The key's name."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return hashlib.sha256(self.key.public_bytes(serialization.Encoding.DER, form)).hexdigest()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether this key's other half made `signature` over `message`."""
        try:
            self.key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """A private key that signs bundles; can be sent to another process of ours."""

    key: Ed25519PrivateKey

    def __reduce__(self) -> tuple[Callable[[bytes], SigningKey], tuple[bytes]]:
        return _from_raw, (self.key.private_bytes_raw(),)

    @property
    def public(self) -> PublicKey:
        """Its public half."""
        return PublicKey(self.key.public_key())

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message`, 64 bytes."""
        return self.key.sign(message)


def _from_raw(raw: bytes) -> SigningKey:
    return SigningKey(Ed25519PrivateKey.from_private_bytes(raw))


def default_key_file() -> Path:
    """Return where the user's signing key lies: FORENSICS_KEY, else the configuration folder."""
    if given := os.environ.get("FORENSICS_KEY"):
        return Path(given)
    root = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(root) / "account-forensics" / "signing.pem"


def new_signing_key(path: Path, passphrase: bytes | None = None) -> SigningKey:
    """Make a signing key and write it to a new file, mode 0600 (PKCS #8, PEM).

    Raises:
        UsageError: the file exists.
    """
    _refuse_existing(path)
    key = Ed25519PrivateKey.generate()
    cipher = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    _write(
        path,
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cipher),
    )
    return SigningKey(key)


def needs_passphrase(path: Path) -> bool:
    """Whether a signing key file is encrypted."""
    return b"ENCRYPTED PRIVATE KEY" in _read(path)


def load_signing_key(path: Path, passphrase: bytes | None = None) -> SigningKey:
    """Read a signing key.

    Raises:
        BundleError: it can't be read, others may read it, or the passphrase is wrong.
    """
    data = _read(path)
    if path.stat().st_mode & 0o077:
        raise BundleError(f"{path}: others may read this private key; do: chmod 600 {path}")
    try:
        key = serialization.load_pem_private_key(data, passphrase)
    except TypeError:
        needed = "needs a passphrase (FORENSICS_KEY_PASSPHRASE)"
        raise BundleError(f"{path}: {needed if passphrase is None else 'has none'}") from None
    except (ValueError, UnsupportedAlgorithm):
        raise BundleError(f"{path}: not a private key in PEM, or the passphrase is wrong") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BundleError(f"{path}: not an Ed25519 key, which is what bundles are signed with")
    return SigningKey(key)


def new_share_key(path: Path) -> bytes:
    """Make a secret for one partner, and write it to a new file, mode 0600.

    Raises:
        UsageError: the file exists.
    """
    _refuse_existing(path)
    secret = secrets.token_bytes(SHARE_BYTES)
    _write(path, f"{_SHARE_HEAD}{secret.hex()}\n".encode())
    return secret


def load_share_key(path: Path) -> bytes:
    """Read a share key, 32 bytes.

    Raises:
        BundleError: it can't be read, or others may read it.
        UsageError: it is something else.
    """
    data = _read(path)
    if path.stat().st_mode & 0o077:
        raise BundleError(f"{path}: others may read this secret; do: chmod 600 {path}")
    head, _, digits = data.decode(errors="replace").partition("\n")
    try:
        secret = bytes.fromhex(digits)
    except ValueError:
        secret = b""
    if f"{head}\n" != _SHARE_HEAD or len(secret) != SHARE_BYTES:
        raise UsageError(f"{path}: not a share key; make one: forensics key new --kind share")
    return secret


def share_key_name(secret: bytes) -> str:
    """Return a name for a share key that says nothing of it: 16 hexadecimal digits."""
    return hashlib.sha256(b"account-forensics share key name\0" + secret).hexdigest()[:16]


def _refuse_existing(path: Path) -> None:
    if os.path.lexists(path):
        raise UsageError(f"{path} exists; a key is never overwritten: choose another file with -o")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomic(path, data)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path}: {error.strerror}; make a key: forensics key new") from None
