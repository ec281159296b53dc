from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree

import igraph
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.bundle.create import contents
from forensics.bundle.evidence import Evidence
from forensics.bundle.hostile import csv_text, csv_texts, shortened, visible, xml_text

INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u2028]")


def written(evidence: Evidence) -> dict[str, str]:
    return {name: b"".join(chunks).decode() for name, chunks in contents(evidence).items()}


@pytest.fixture(scope="module")
def files(hostile_evidence: Evidence) -> dict[str, str]:
    return written(hostile_evidence)


def unspelt(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})", lambda m: chr(int(m[1] or m[2], 16)), text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢 text", "plain é 漢 text"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("a\nb\x00", "a\\u000ab\\u0000"),
        ("C:\\users", "C:\\u005cusers"),
        ("C:\\temp", "C:\\temp"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_is_invisible_is_spelt_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_what_was_there_can_be_read_back(text: str) -> None:
    assert unspelt(visible(text)) == text
    cell = csv_text(text)
    assert unspelt(cell[1:] if re.match(r"'+[=+\-@]", cell) else cell) == text
    assert not INVISIBLE.search(cell)


@given(st.lists(st.none() | st.text()))
def test_columns_and_single_strings_are_treated_alike(texts: list[str | None]) -> None:
    expected = [None if text is None else csv_text(text) for text in texts]
    assert csv_texts(pa.array(texts, pa.string())).to_pylist() == expected


@given(st.text(min_size=1))
def test_no_cell_is_a_formula(text: str) -> None:
    assert csv_text(text)[:1] not in tuple("=+-@\t\r")


@given(st.text())
def test_xml_takes_any_text(text: str) -> None:
    root = ElementTree.fromstring(f'<a b="{xml_text(text)}">{xml_text(text)}</a>')
    assert root.text in (visible(text), None)
    assert root.attrib["b"] == visible(text)


def test_long_names_are_cut_in_the_middle() -> None:
    assert shortened("a" * 50 + "z", 12) == "aaaaaaa…aaaz"
    assert shortened("short", 12) == "short"


def test_nothing_breaks_out_of_the_report(files: dict[str, str]) -> None:
    page = files["report.html"]
    assert not re.search(r"<script|<img|<svg on|onerror=[^&]*>", page)
    assert "&lt;script&gt;alert(&#39;1&#39;)" in page
    assert "\\u202etxt.exe" in page
    assert "{{ 7 * 7 }}" in page
    assert "49" not in re.findall(r"template:\S+", page)
    assert not INVISIBLE.search(page.replace("\n", ""))
    assert "A" * 2000 not in page


def test_nothing_becomes_a_formula_in_a_spreadsheet(files: dict[str, str]) -> None:
    for name in ("accounts.csv", "links.csv", "sources.csv", "shared.csv", "timeline.csv"):
        rows = list(csv.reader(io.StringIO(files[name])))
        width = len(rows[0])
        assert all(len(row) == width for row in rows)
        for row in rows[1:]:
            for cell in row:
                assert cell[:1] not in ("=", "+", "@", "\t", "\r")
                assert not cell.startswith("-") or re.fullmatch(r"-[\d.]+", cell)
                assert not INVISIBLE.search(cell)


def test_graphml_stays_well_formed_and_igraph_reads_it(
    files: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = files["graph.graphml"]
    ElementTree.fromstring(text)
    assert "<script" not in text
    path = tmp_path_factory.mktemp("graph") / "graph.graphml"
    path.write_text(text)
    graph = igraph.Graph.Read_GraphML(str(path))
    assert "../../etc/passwd" in graph.vs["label"]


def test_json_keeps_the_names_as_they_are(
    files: dict[str, str], hostile_evidence: Evidence
) -> None:
    lines = [json.loads(line) for line in files["why.jsonl"].split("\n") if line]
    members = set(hostile_evidence.members["account_id"].to_pylist())
    assert {line["account_a"] for line in lines} | {line["account_b"] for line in lines} == members


def test_no_file_is_named_after_a_string_of_the_data(
    files: dict[str, str], evidence: Evidence
) -> None:
    assert set(files) == set(written(evidence))
