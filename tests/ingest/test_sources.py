"""Which table a file holds, and which of its columns is which."""

from __future__ import annotations

import pytest

from forensics.errors import InputError, UsageError
from tests.ingest.conftest import SIGNUPS, Workbench

IPS = "account_id,ip\n1,192.0.2.1\n"


@pytest.mark.parametrize(
    "name",
    [
        "ips.csv",
        "IPS.CSV",
        "ips-2026-01.csv",
        "ips_2.csv",
        "ips.part1.csv",
        "ips2.csv",
        "ips/part-00000.csv",
        "2026/ips/x.csv",
        "ips",
    ],
)
def test_the_name_tells_the_table(bench: Workbench, name: str) -> None:
    bench.write(name, IPS)
    bench.load()
    assert bench.rows("ips", "account_id") == ["1"]
    assert bench.case.manifest.sources[0].file == name


def test_the_columns_tell_the_table_where_the_name_does_not(bench: Workbench) -> None:
    bench.write("export.csv", IPS)
    assert "export.csv was read as ips, by its columns" in bench.load().notes
    assert bench.rows("ips", "account_id") == ["1"]


def test_settings_tell_the_table_and_leave_files_out(bench: Workbench) -> None:
    bench.write("visits.csv", IPS)
    bench.write("people.csv", SIGNUPS)
    bench.load(settings=b'[files]\nvisits = "ips"\npeople = "ignore"\n')
    assert set(bench.case.manifest.tables) == {"ips"}


def test_an_unknown_table_name_says_which_there_are(bench: Workbench) -> None:
    bench.write("signup_list.csv", "user,when\n1,2\n")
    with pytest.raises(InputError) as caught:
        bench.load()
    assert str(caught.value).startswith(
        "signup_list.csv: no table is called 'signup_list'; did you mean 'signups'?; found columns "
        "user, when; expected a name that begins with one of signups, payments, ips, prompts, "
    )


def test_known_operators_and_other_files_stay_out(bench: Workbench) -> None:
    bench.write("signups.csv", SIGNUPS)
    bench.write("truth.csv", "account_id,operator,verdict,kind\n001,op,abusive,ring\n")
    for name in ("README.md", ".ips.csv", "_SUCCESS", "settings.toml"):
        bench.write(name, "nothing to load")
    bench.write("old/case.json", "{}")
    bench.write("old/ips.csv", IPS)
    summary = bench.load()
    assert list(bench.case.manifest.tables) == ["signups"]
    assert summary.notes == ("truth.csv holds known operators, for forensics evaluate: not loaded",)


def test_files_of_the_same_name_are_told_apart(bench: Workbench) -> None:
    for day in ("monday", "tuesday"):
        bench.write(f"{day}/ips.csv", IPS + f"{day},192.0.2.2\n")
    bench.load(bench.sources / "monday", bench.sources / "tuesday")
    assert [s.file for s in bench.case.manifest.sources] == ["monday/ips.csv", "tuesday/ips.csv"]


def test_names_that_are_the_same_further_in_grow_until_they_differ(bench: Workbench) -> None:
    for day, rows in (("mon", "1,2026-01-01Z,DE\n"), ("tue", "1,2026-01-02Z,FR\n")):
        bench.write(f"{day}/data/signups.csv", "account_id,created_at,country\n" + rows)
        bench.write(f"{day}/{day}.ips.csv", IPS)
    days = bench.sources / "mon", bench.sources / "tue"
    bench.load(*days, settings=b'[files]\n"mon.ips" = "ips"\n"tue.ips" = "ignore"\n', max_bad=1)
    names = ["mon/data/signups.csv", "tue/data/signups.csv", "mon.ips.csv"]
    assert [source.file for source in bench.case.manifest.sources] == names
    reason = "account_id: '1' disagrees with mon/data/signups.csv row 1, which is kept"
    assert bench.quarantine("signups") == [("tue/data/signups.csv", 1, reason)]


def test_a_name_that_has_grown_into_another_grows_on(bench: Workbench) -> None:
    bench.write("a/day/ips.csv", IPS)
    bench.write("b/day/ips.csv", IPS + "2,192.0.2.2\n")
    bench.write("c/ips.csv", IPS + "3,192.0.2.3\n")
    folders = bench.sources / "a", bench.sources / "b" / "day", bench.sources / "c"
    bench.load(*folders)
    assert [s.file for s in bench.case.manifest.sources] == [
        "a/day/ips.csv",
        "b/day/ips.csv",
        "c/ips.csv",
    ]


def test_a_file_that_is_given_twice_keeps_its_name(bench: Workbench) -> None:
    path = bench.write("day/ips.csv", IPS)
    assert bench.load(path, path.parent / ".." / "day" / "ips.csv").skipped == ()
    assert [source.file for source in bench.case.manifest.sources] == ["ips.csv"]


def test_columns_are_mapped_by_the_settings(bench: Workbench) -> None:
    bench.write("ips.csv", "User,Address,ip\n1,192.0.2.1,unused\n")
    settings = b'[columns.ips]\naccount_id = "user"\nip = "Address"\n'
    assert bench.load(settings=settings).ignored_columns == {"ips.csv": ("ip",)}
    assert bench.rows("ips", "account_id", "ip") == [("1", "192.0.2.1")]
    assert (bench.case.root / "settings.toml").read_bytes() == settings


def test_settings_are_kept_for_the_next_load(bench: Workbench) -> None:
    bench.write("ips-1.csv", "user,ip\n1,192.0.2.1\n")
    bench.load(settings=b'[columns.ips]\naccount_id = "user"\n')
    bench.write("ips-2.csv", "user,ip\n2,192.0.2.2\n")
    bench.load()
    assert bench.rows("ips", "account_id") == ["1", "2"]


def test_wrong_settings_change_nothing(bench: Workbench) -> None:
    bench.write("ips.csv", IPS)
    before = bench.everything()
    with pytest.raises(UsageError, match="did you mean 'columns'"):
        bench.load(settings=b"[column.ips]\n")
    assert bench.everything() == before


def test_a_missing_required_column_says_what_would_be_right(bench: Workbench) -> None:
    bench.write("ips.csv", "acount_id,ip\n1,192.0.2.1\n")
    with pytest.raises(InputError) as caught:
        bench.load()
    assert str(caught.value) == (
        "ips.csv, column 'account_id': required column of ips is missing; found acount_id, ip; "
        "expected a column 'account_id', or its name in the settings: [columns.ips] account_id = "
        "\"...\"; did you mean 'acount_id'?"
    )
    with pytest.raises(InputError, match=r"expected 'user', as the settings' \[columns.ips\] say"):
        bench.load(settings=b'[columns.ips]\naccount_id = "user"\n')


def test_a_column_that_stands_twice(bench: Workbench) -> None:
    bench.write("ips.csv", "account_id,ip,ip\n1,192.0.2.1,192.0.2.1\n")
    with pytest.raises(InputError, match=r"^ips.csv, column 'ip': the column stands twice$"):
        bench.load()


def test_a_missing_header_does_not_leak_a_card_number(bench: Workbench) -> None:
    bench.write("payments.csv", "1,4111111111111111,card\n2,5500000000000004,card\n")
    with pytest.raises(InputError) as caught:
        bench.load()
    assert str(caught.value) == (
        "payments.csv: the name of column 2 is a full card number, not shown here; "
        "the file seems to lack the line with the column names"
    )
