"""`forensics bundle`: export the evidence on clusters, and check such exports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from forensics.case.run import Run
from forensics.case.store import Case
from forensics.cli.key import key_option, public_key, signing_key
from forensics.cli.output import (
    case_option,
    emit,
    err,
    format_option,
    indented,
    say,
    to_copy,
    visible,
)
from forensics.cli.progress import Bars
from forensics.cli.wording import count
from forensics.errors import UsageError

COLUMNS = ("path", "intact", "trusted", "arithmetic", "valid")


@click.group()
def bundle() -> None:
    """Export the evidence on clusters, and check such exports.

    \b
    Example:
      forensics bundle verify case/bundles/* --allow-untrusted
    """


@bundle.command()
@click.argument("cluster_ids", metavar="ID...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="Where the bundles go: DIR/ID for each.",
)
@click.option(
    "--force", is_flag=True, help="Replace bundles that exist; those with custody are kept."
)
@key_option
@click.option("--unsigned", is_flag=True, help="Do not sign.")
@click.option(
    "--profile",
    type=click.Choice(["internal", "partner", "public"]),
    default="internal",
    show_default=True,
    help="internal: everything; partner: keyed hashes, no personal data; public: totals alone.",
)
@click.option(
    "--share-key",
    "share_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The secret shared with the partner (forensics key new --kind share).",
)
@case_option
def create(
    cluster_ids: tuple[str, ...],
    output: Path,
    force: bool,
    key_file: Path | None,
    unsigned: bool,
    profile: str,
    share_file: Path | None,
    case_dir: Path,
) -> None:
    """Write a signed bundle for each of some clusters.

    In a profile for sharing, DIR/ID has another id: ids are made from account ids.

    \b
    Example:
      forensics bundle create C-ojlu -o exported
    """
    from forensics.bundle.many import create_bundles

    share_key = _share_key(profile, share_file)
    case = Case.open(case_dir)
    run = Run.current(case)
    made = create_bundles(
        case,
        run,
        cluster_ids,
        output,
        force=force,
        signer=None if unsigned else signing_key(key_file),
        profile=profile,
        share_key=share_key,
        progress=Bars(),
    )
    for placed in made:
        to_copy(str(placed.path / "data" / "report.html"), to=err)
    tell_kept(placed.kept for placed in made)


def tell_kept(bundles: Iterable[Path | None]) -> None:
    """Say where bundles with custody went when others took their place."""
    kept = [str(path) for path in bundles if path]
    if kept:
        say(f"{count(len(kept), 'bundle')} with custody kept beside what replaces them:")
    for path in kept:
        to_copy(path, to=err)


def _share_key(profile: str, file: Path | None) -> bytes | None:
    from forensics.bundle.keys import load_share_key

    if (profile == "partner") != (file is not None):
        raise UsageError(
            "--share-key FILE goes with --profile partner, and that with it: one key per partner "
            "(forensics key new --kind share -o FILE)"
        )
    return load_share_key(file) if file else None


@bundle.command()
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--trust",
    "trust",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="KEY.pub",
    help="A public key that you trust ('forensics key show' prints one); may be repeated.",
)
@click.option(
    "--allow-untrusted", is_flag=True, help="Accept bundles that nobody you trust vouches for."
)
@format_option
def verify(
    paths: tuple[Path, ...], trust: tuple[Path, ...], allow_untrusted: bool, format_: str
) -> int:
    """Check bundles: folders, .zip or .tar files. Needs no case and no network.

    Tells three things apart: whether a bundle is intact, whether somebody whom you trust vouches
    for it, and whether its arithmetic holds. Exits with 1 if any bundle fails.

    \b
    Example:
      forensics bundle verify case/bundles/* --allow-untrusted
    """
    from forensics.bundle.verify import verify_bundle

    keys = [public_key(path) for path in trust]
    rows: list[dict[str, Any]] = []
    with Bars().step("Verifying", len(paths), "bundles") as step:
        for path in paths:
            found = verify_bundle(path, keys)
            checked = found.intact and found.arithmetic is not False
            valid = checked and (found.trusted or allow_untrusted)
            rows.append(
                {
                    "path": str(path),
                    "there": found.there,
                    "intact": found.intact,
                    "trusted": found.trusted,
                    "arithmetic": found.arithmetic,
                    "valid": valid,
                    "problems": found.problems,
                    "notes": found.notes,
                    "custody": [asdict(entry) for entry in found.custody],
                }
            )
            step.advance()
    if format_ != "json":
        for row in rows:
            _tell(row)
    if format_ != "table":
        emit(
            rows,
            format_,
            COLUMNS if format_ == "csv" else (*COLUMNS, "problems", "notes", "custody"),
        )
    return 0 if all(row["valid"] for row in rows) else 1


@bundle.command()
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@click.option(
    "--sources",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="A folder with the source files, wherever in it and by whatever names.",
)
def reproduce(path: Path, sources: Path) -> int:
    """Build a bundle again from the source files, and compare it byte for byte.

    Takes from the bundle what can't follow from the sources: people's labels, and the ids that
    earlier runs gave. Exits with 1 if anything else differs, and names it.

    \b
    Example:
      forensics bundle reproduce case/bundles/C-ojlu --sources sample_data
    """
    from forensics.bundle.reproduce import reproduce_bundle

    found = reproduce_bundle(path, sources, progress=Bars())
    for note in found.notes:
        say(f"Note: {visible(note)}")
    for difference in found.differences:
        say(f"[bold red]Differs:[/] {visible(difference)}")
    if found.equal:
        say(f"Equal: all {found.files} files came out the same, byte for byte")
    return 0 if found.equal else 1


@bundle.command("attest")
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--action",
    type=click.Choice(["exported", "received"]),
    required=True,
    help="What happened to the bundle.",
)
@click.option("--note", help="To whom it went, from whom it came, for what case.")
@key_option
def attest_(paths: tuple[Path, ...], action: str, note: str | None, key_file: Path | None) -> None:
    """Add to the custody of bundles: sign that you passed them on, or received them.

    \b
    Example:
      forensics bundle attest case/bundles/C-ojlu --action exported --note "#4711"
    """
    from forensics.bundle.custody import attest

    key = signing_key(key_file)
    for path in paths:
        to_copy(str(attest(path, action, key, note=note)), to=err)


def _tell(row: dict[str, Any]) -> None:
    sums = "no arithmetic to check" if row["arithmetic"] is None else "arithmetic holds"
    answers = (
        ("intact", "intact", "CHANGED"),
        ("trusted", "trusted", "UNTRUSTED"),
        ("arithmetic", sums, "ARITHMETIC FAILS"),
    )
    said = [
        good if row[name] is not False else f"[bold red]{bad}[/]" for name, good, bad in answers
    ]
    if not row["there"]:
        said = ["[bold red]NO BUNDLE[/]"]
    err.print(f"{visible(row['path'])}  {', '.join(said)}", soft_wrap=True)
    for entry in row["custody"]:
        note = f": {entry['note']}" if entry["note"] else ""
        who = f"{entry['action']} {entry['at']} with key {entry['fingerprint'][:16]}"
        err.print(f"  {visible(who + note)}", soft_wrap=True)
    for problem in (*row["problems"], *row["notes"]):
        indented(visible(problem), to=err)
