from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.bundle.bag import manifest_of
from forensics.bundle.container import Container
from forensics.bundle.integrity import check_integrity
from forensics.bundle.verify import verify_bundle

UNSIGNED = "nobody vouches for it: it is not signed"


def files_of(bundle: Path) -> list[str]:
    return [p.relative_to(bundle).as_posix() for p in sorted(bundle.rglob("*")) if p.is_file()]


def remanifest(bundle: Path) -> None:
    """Make a bag's manifests fit what is in it, as a forger would."""

    def digests(names: list[str]) -> dict[str, str]:
        return {n: hashlib.sha256((bundle / n).read_bytes()).hexdigest() for n in names}

    names = files_of(bundle)
    payload = [n for n in names if n.startswith("data/")]
    (bundle / "manifest-sha256.txt").write_bytes(manifest_of(digests(payload)))
    tags = [n for n in names if "/" not in n and n != "tagmanifest-sha256.txt"]
    (bundle / "tagmanifest-sha256.txt").write_bytes(manifest_of(digests(tags)))


def edited(bundle: Path, name: str, change: Callable[[str], str]) -> Path:
    path = bundle / "data" / name
    before = path.read_text()
    path.write_text(change(before))
    assert path.read_text() != before
    remanifest(bundle)
    return bundle


def test_an_unsigned_bundle_is_intact_and_adds_up_but_is_not_trusted(north: Path) -> None:
    found = verify_bundle(north)
    assert (found.intact, found.trusted, found.arithmetic, found.valid) == (
        True,
        False,
        True,
        False,
    )
    assert found.problems == (UNSIGNED,)


def test_a_flipped_byte_in_any_file_is_found(loaded: dict[str, bytes]) -> None:
    for name, before in loaded.items():
        flipped = before[:10] + bytes([before[10] ^ 1]) + before[11:]
        problems, _ = check_integrity(in_memory({**loaded, name: flipped}))
        assert any(name in problem for problem in problems), name


def test_a_missing_file_is_named(north: Path) -> None:
    (north / "data" / "links.csv").unlink()
    found = verify_bundle(north)
    assert found.problems[0] == "data/links.csv is missing: manifest-sha256.txt names it"
    assert not found.intact
    assert not found.arithmetic


@pytest.mark.parametrize(
    "name", ["data/more.txt", "more.txt", "data/queries/x.cypher", "fetch.txt"]
)
def test_an_added_file_is_named(north: Path, name: str) -> None:
    (north / name).write_text("added")
    found = verify_bundle(north)
    assert not found.intact
    assert found.problems[0].startswith(f"{name} was added")


def test_swapped_files_are_found(north: Path) -> None:
    a, b = north / "data" / "accounts.csv", north / "data" / "links.csv"
    texts = a.read_bytes(), b.read_bytes()
    b.write_bytes(texts[0])
    a.write_bytes(texts[1])
    assert not verify_bundle(north).intact


def test_a_truncated_file_is_found(north: Path) -> None:
    path = north / "data" / "why.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    found = verify_bundle(north)
    assert found.problems[0] == (
        "data/why.jsonl was changed: its SHA-256 is not the one in manifest-sha256.txt"
    )


def test_a_link_in_the_folder_is_not_followed(north: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (north / "data" / "secret").symlink_to(tmp_path / "secret")
    found = verify_bundle(north)
    assert not found.intact
    assert found.problems[0] == "data/secret is a link or a device, not a file; it was not opened"


def test_a_bag_without_its_report_is_not_a_bundle(north: Path) -> None:
    (north / "data" / "report.html").unlink()
    remanifest(north)
    found = verify_bundle(north)
    assert found.problems[0] == "data/report.html is missing: this is not a whole bundle"
    assert not found.intact


def test_a_forger_who_mends_the_manifests_is_still_not_trusted(north: Path) -> None:
    edited(north, "report.html", lambda text: text.replace("5 accounts", "6 accounts"))
    found = verify_bundle(north)
    assert (found.intact, found.trusted, found.valid) == (True, False, False)


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("why.jsonl", '"m":0.8', '"m":0.9', "the bits of north-1 and north-2 (instrument)"),
        ("why.jsonl", '"bits":13.966', '"bits":15.966', "the bits of north-1 and north-2"),
        ("why.jsonl", '"accounts":3', '"accounts":2', "device:dev-north is used by 2 accounts"),
        ("why.jsonl", '"adjustment":-1,"bits":11.288', '"adjustment":1,"bits":13.288', "adds evid"),
        ("why.jsonl", '"m":0.8', '"m":0.81', "m of instrument, same payment is 0.81 in why.jsonl"),
        ("why.jsonl", '"prior":-10', '"prior":-9', "north-1 and north-2: prior, total"),
        ("why.jsonl", '"sources_a":[3,3]', '"sources_a":[2,2]', "north-1 (device, device:dev"),
        ("links.csv", ",13.966,", ",14.966,", "north-1 and north-2: payment_bits adds up to"),
        ("links.csv", "28.975", "29.975", "north-1 and north-2: prior and kinds add up to 28.975"),
        ("links.csv", "0.745560000", "0.945560000", "north-1 and north-5: 1.551 bits give another"),
        ("accounts.csv", "north-1,", "north-9,", "north-1 and north-2 are linked, but not both"),
        ("cluster.json", '"accounts":5', '"accounts":6', "cluster.json says 6 accounts"),
        ("sources.csv", "6,north-1,instr", "6,north-9,instr", "north-1 (instrument, payment"),
        ("fits.csv", "5.000", "6.000", "north-5 fits by template with 6.0 bits"),
        ("fits.csv", "-2.322", "-1.322", "north-5 fits by prior, but the prior is -1.322 bits"),
        ("fits.csv", "north-5,template", "north-9,template", "north-9 fits, but is no member"),
        ("cluster.json", '"bits":3.3', '"bits":1.3', "the items of abuse give 0.700, cluster.json"),
        ("cluster.json", '"abuse":0.9', '"abuse":0.8', "is 0.900 once it is lowered and calibrat"),
        ("cluster.json", '"measured":0.9', '"measured":null', "that it was measured as nothing"),
    ],
)  # fmt: skip
def test_numbers_that_do_not_add_up_are_found(
    north: Path, name: str, old: str, new: str, problem: str
) -> None:
    edited(north, name, lambda text: text.replace(old, new, 1))
    found = verify_bundle(north)
    assert found.intact
    assert not found.arithmetic
    assert any(problem in told for told in found.problems), found.problems


@pytest.mark.parametrize("number", ["0", "-1", "null", "1e999", '"x"', "[]"])
def test_impossible_numbers_are_told_not_raised(north: Path, number: str) -> None:
    edited(north, "why.jsonl", lambda text: text.replace('"u":0.00005', f'"u":{number}'))
    found = verify_bundle(north)
    assert (found.intact, found.arithmetic) == (True, False)


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000, '{"profile":"internal"}'])
def test_a_cluster_json_that_is_something_else_is_told(north: Path, text: str) -> None:
    edited(north, "cluster.json", lambda _: text)
    assert verify_bundle(north).arithmetic is False


def test_a_dropped_reason_is_found(north: Path) -> None:
    edited(north, "why.jsonl", lambda text: text.partition("\n")[2])
    problem = "north-1 and north-2: device_bits adds up to 0.0 bits in why.jsonl"
    assert any(problem in told for told in verify_bundle(north).problems)


def test_files_that_are_no_tables_fail_the_arithmetic(north: Path) -> None:
    edited(north, "why.jsonl", lambda _: "[not json\n")
    found = verify_bundle(north)
    assert not found.arithmetic
    assert found.problems[-1].startswith("its arithmetic can't be checked: ArrowInvalid")


def zipped(bundle: Path, target: Path, extra: dict[str, str] | None = None) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for name in files_of(bundle):
            archive.write(bundle / name, f"C-north/{name}")
        for name, text in (extra or {}).items():
            archive.writestr(name, text)
    return target


def test_archives_are_read_in_place(north: Path, tmp_path: Path) -> None:
    assert verify_bundle(zipped(north, tmp_path / "a.zip")).intact
    for name, mode in (("a.tar", "w"), ("a.tar.gz", "w:gz")):
        with tarfile.open(tmp_path / name, mode) as archive:
            archive.add(north, "C-north")
        found = verify_bundle(tmp_path / name)
        assert (found.intact, found.arithmetic) == (True, True)
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("a.")) == [
        "a.tar",
        "a.tar.gz",
        "a.zip",
    ]


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "C-north/../../evil", "C-north/data/..\\evil", "elsewhere/evil"]
)
def test_an_archive_that_points_elsewhere_is_refused(
    north: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "in").mkdir()
    found = verify_bundle(zipped(north, tmp_path / "in" / "a.zip", {name: "x"}))
    assert not found.intact
    assert "outside the bag; it was not opened" in found.problems[0]
    assert not list(tmp_path.rglob("evil*"))


def test_a_name_that_stands_twice_is_refused(north: Path, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = zipped(north, tmp_path / "a.zip", {"C-north/data/links.csv": "account_a\n"})
    assert "data/links.csv is there twice; it was not opened" in verify_bundle(path).problems


def test_links_in_a_tar_are_refused(north: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(north, "C-north")
        link = tarfile.TarInfo("C-north/data/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert "data/link is a link or a device; it was not opened" in verify_bundle(path).problems


@pytest.mark.parametrize("keep", [0, 10, 400, -30])
def test_a_damaged_archive_is_told(north: Path, tmp_path: Path, keep: int) -> None:
    path = zipped(north, tmp_path / "a.zip")
    path.write_bytes(path.read_bytes()[:keep])
    found = verify_bundle(path)
    assert (found.intact, found.valid) == (False, False)
    assert found.problems[0].startswith("it can't be read: ")


def test_where_nothing_is_that_is_told(tmp_path: Path) -> None:
    missing = verify_bundle(tmp_path / "none")
    assert missing.problems == ("this is no bundle: there is no such file or folder",)
    (tmp_path / "above" / "C-north").mkdir(parents=True)
    (tmp_path / "above" / "C-north" / "bagit.txt").touch()
    above = verify_bundle(tmp_path / "above")
    assert above.problems == ("this is no bundle: it holds none of the files that make a bundle",)
    for found in (missing, above):
        assert (found.there, found.intact, found.arithmetic, found.valid) == (False,) * 4


def test_a_bundle_of_which_little_is_left_is_a_changed_one(north: Path) -> None:
    for name in ("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"):
        (north / name).unlink()
    found = verify_bundle(north)
    assert (found.there, found.intact) == (True, False)
    assert "bagit.txt is missing: this is not a whole bundle" in found.problems


def in_memory(files: dict[str, bytes]) -> Container:
    return Container({name: lambda data=data: io.BytesIO(data) for name, data in files.items()})


@pytest.fixture(scope="module")
def loaded(made_bundles: Path) -> dict[str, bytes]:
    folder = made_bundles / "C-north"
    return {name: (folder / name).read_bytes() for name in files_of(folder)}


def test_the_untouched_bundle_is_intact(loaded: dict[str, bytes]) -> None:
    assert check_integrity(in_memory(loaded))[0] == []


@settings(max_examples=300)
@given(data=st.data())
def test_no_mutation_is_missed(loaded: dict[str, bytes], data: st.DataObject) -> None:
    files = dict(loaded)
    name = data.draw(st.sampled_from(sorted(files)))
    other = data.draw(st.sampled_from(sorted(files)))
    old = files[name]
    at = data.draw(st.integers(0, len(old) - 1))
    match data.draw(st.sampled_from(["flip", "insert", "cut", "drop", "add", "swap", "rename"])):
        case "flip":
            flipped = old[at] ^ data.draw(st.integers(1, 255))
            files[name] = old[:at] + bytes([flipped]) + old[at + 1 :]
        case "insert":
            files[name] = old[:at] + data.draw(st.binary(min_size=1, max_size=8)) + old[at:]
        case "cut":
            files[name] = old[:at]
        case "drop":
            del files[name]
        case "add":
            files[data.draw(st.sampled_from(["data/x", "x", "data/queries/x", "x/y"]))] = b"x"
        case "swap":
            files[name], files[other] = files[other], files[name]
        case "rename":
            files[f"{name}x"] = files.pop(name)
    problems, _ = check_integrity(in_memory(files))
    assert problems or files == loaded


def test_copies_verify_alike(north: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(north, tmp_path / "copy"))
    assert verify_bundle(copy).problems == verify_bundle(north).problems
