"""`forensics key`: the keys that bundles are signed with, and those shared with partners."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from forensics.cli.output import err, say, to_copy, visible
from forensics.errors import BundleError, UsageError

if TYPE_CHECKING:
    from forensics.bundle.keys import PublicKey, SigningKey

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def key() -> None:
    """Make and show the keys that bundles are signed with.

    \b
    Example:
      forensics key show > mine.pub
    """


@key.command()
@click.option(
    "--kind",
    type=click.Choice(["signing", "share"]),
    default="signing",
    show_default=True,
    help="signing: to sign bundles; share: a secret for one partner, for redaction.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the key goes; a signing key else to the configuration folder.",
)
@click.option("--passphrase", is_flag=True, help="Ask for a passphrase that protects the key.")
def new(kind: str, output: Path | None, passphrase: bool) -> None:
    """Make a key, in a file that only you may read.

    \b
    Example:
      forensics key new -o my-signing.pem
    """
    from forensics.bundle import keys

    if kind == "share":
        if output is None or passphrase:
            raise UsageError("a share key goes to a file of its own: -o FILE, without passphrase")
        keys.new_share_key(output)
        say("Give this file to one partner, by a safe way, and keep it; each partner another:")
        to_copy(str(output), to=err)
        return
    path = output or keys.default_key_file()
    made = keys.new_signing_key(path, _asked(confirm=True) if passphrase else None)
    say("Signing key, for you alone:")
    to_copy(str(path), to=err)
    say(f"Fingerprint {made.public.fingerprint}")
    say("Those who are to trust it need its public half: forensics key show")


@key.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
def show(file: Path | None) -> None:
    """Print the public half of a signing key, which "bundle verify --trust" takes.

    \b
    Example:
      forensics key show > mine.pub
    """
    from forensics.bundle.keys import default_key_file

    public = _loaded(file or default_key_file()).public
    sys.stdout.write(public.pem)
    say(f"Fingerprint {public.fingerprint}")


def key_option(command: Command) -> Command:
    """Add `--key FILE`."""
    return click.option(
        "--key",
        "key_file",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        show_default="FORENSICS_KEY, else the one in your configuration folder",
        help="The signing key.",
    )(command)


def signing_key(file: Path | None) -> SigningKey:
    """Return the key to sign with; the user's own is made on first use, and it is said where."""
    from forensics.bundle.keys import default_key_file, new_signing_key

    path = file or default_key_file()
    if file is None and not path.exists():
        made = new_signing_key(path)
        say("No signing key yet; made one, for you alone:")
        to_copy(str(path), to=err)
        return made
    return _loaded(path)


def signing_key_if_any() -> SigningKey | None:
    """Return the user's own key, or None, and say why bundles will not be signed."""
    try:
        return signing_key(None)
    except (BundleError, OSError) as error:
        say(f"Bundles are not signed: {visible(str(error))}")
        return None


def public_key(path: Path) -> PublicKey:
    """Read a public key that the user trusts."""
    from forensics.bundle.keys import PublicKey

    try:
        return PublicKey.from_pem(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def _loaded(path: Path) -> SigningKey:
    from forensics.bundle.keys import load_signing_key, needs_passphrase

    return load_signing_key(path, _asked() if needs_passphrase(path) else None)


def _asked(confirm: bool = False) -> bytes | None:
    given = os.environ.get("FORENSICS_KEY_PASSPHRASE")
    if given is None and sys.stdin.isatty():
        given = click.prompt("Passphrase", hide_input=True, err=True, confirmation_prompt=confirm)
    if given is None and confirm:
        raise UsageError("no terminal to ask for a passphrase: set FORENSICS_KEY_PASSPHRASE")
    return given.encode() if given else None
