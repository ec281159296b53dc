"""The report in headless Chromium (collected only where there is one; see conftest.py)."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from forensics.bundle.evidence import Evidence
from forensics.bundle.redact import redact
from forensics.bundle.report import report_html
from tests.bundle.conftest import CHROMIUM

#: What the browser asks of its maker on its own account, whatever the page.
ITS_OWN = re.compile(r"https?://[\w.]*google(apis)?\.com/")


@dataclass(frozen=True)
class Seen:
    """What a page came to: its elements once loaded, console messages, addresses asked for."""

    dom: str
    console: list[str]
    asked: set[str]


def load(page: Path, width: int = 1200) -> Seen:
    log = page.with_suffix(".netlog")
    ran = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr",
            f"--user-data-dir={page.parent / 'profile'}", f"--log-net-log={log}", "--dump-dom",
            f"--window-size={width},900", page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )  # fmt: skip
    asked = set(re.findall(r'"url":"(https?:[^"]*)"', log.read_text(errors="replace")))
    console = [line for line in ran.stderr.splitlines() if "CONSOLE" in line]
    return Seen(ran.stdout, console, {url for url in asked if not ITS_OWN.match(url)})


@pytest.mark.parametrize("profile", ["internal", "partner", "public"])
def test_the_report_loads_in_silence(evidence: Evidence, tmp_path: Path, profile: str) -> None:
    page = tmp_path / "report.html"
    page.write_bytes(report_html(redact(evidence, profile, bytes(32))))
    seen = load(page)
    assert seen.console == []
    assert seen.asked == set()
    headline = (
        "One operator runs these 5 accounts with a probability of 0.99; what they have and do "
        "looks abusive (0.9 of 1)."
    )
    assert headline in seen.dom
    assert seen.dom.count("<h2>") == 11


#: Writes the widths of the page and of its tables into the page itself.
RULER = """<script>
const tables = [...document.querySelectorAll(".scroll")];
document.body.dataset.widths = [
  document.documentElement.scrollWidth,
  Math.max(...tables.map(t => t.clientWidth)),
  Math.max(...tables.map(t => t.scrollWidth)),
  Math.min(...[...document.querySelectorAll("th, td")].map(cell => cell.clientWidth)),
].join();
</script>"""


@pytest.mark.parametrize("width", [500, 1200])
def test_on_a_phone_tables_scroll_and_words_stay_whole(
    evidence: Evidence, tmp_path: Path, width: int
) -> None:
    text = report_html(evidence).decode().replace("default-src 'none'; ", "")
    page = tmp_path / "report.html"
    page.write_text(text.replace("</body>", f"{RULER}</body>"))
    found = re.search(r'data-widths="([0-9,]+)"', load(page, width).dom)
    assert found is not None
    whole, frame, table, narrowest = map(int, found[1].split(","))
    assert whole <= width
    assert (table > frame) == (width == 500)
    assert narrowest > 15


def test_hostile_names_do_nothing_in_a_browser(hostile_evidence: Evidence, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_bytes(report_html(hostile_evidence))
    seen = load(page)
    assert seen.console == []
    assert seen.asked == set()
    assert "&lt;script&gt;alert('1')" in seen.dom


def test_this_test_would_notice(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text('<img src="http://example.invalid/x"><script>console.error("boom")</script>')
    seen = load(page)
    assert "boom" in seen.console[0]
    assert seen.asked == {"http://example.invalid/x"}
