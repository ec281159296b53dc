"""Everything that is measured on one platform: the tool, and on request its peers, as rows."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.quality.figures import Row, cluster_rows, peer_figures, tool_figures
from benchmarks.quality.platforms import Platform
from benchmarks.quality.tool import Analysed, run_tool, sources_of
from forensics.evaluate.truth import Truth


@dataclass
class Results:
    """Rows of figures (one per measure and group), of clusters, and of seconds taken."""

    figures: list[Row] = field(default_factory=list)
    clusters: list[Row] = field(default_factory=list)
    seconds: list[Row] = field(default_factory=list)

    def add(self, other: Results) -> None:
        """Append what another platform gave."""
        self.figures += other.figures
        self.clusters += other.clusters
        self.seconds += other.seconds


def measure_platform(platform: Platform, peers: tuple[str, ...]) -> Results:
    """Generate a platform, run the tool and the peers on it, and hold both against the truth."""
    results = Results()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "platform"
        truth = platform.make(folder)
        analysed = run_tool(sources_of(folder), Path(scratch) / "case")
        _tool(results, platform, analysed, truth)
        for name in peers:
            _peer(results, platform, name, analysed, truth)
    return results


def _tool(results: Results, platform: Platform, analysed: Analysed, truth: Truth) -> None:
    key = platform.key
    figures = tool_figures(analysed.run, truth)
    results.figures += [{**key, "method": "forensics", "setting": "", **f} for f in figures]
    results.clusters += [{**key, **row} for row in cluster_rows(analysed.run, truth)]
    for step, seconds in (("load", analysed.load_s), ("analyse", analysed.analyse_s)):
        results.seconds.append({**key, "method": f"forensics {step}", "seconds": seconds})


def _peer(
    results: Results, platform: Platform, name: str, analysed: Analysed, truth: Truth
) -> None:
    """Measure every setting of a peer, with findings by the common rule and by the oracle's."""
    from benchmarks.quality.peers import PEERS
    from benchmarks.quality.peers.uses import read_uses

    uses = read_uses(analysed, truth)
    started = time.perf_counter()
    for setting, label in PEERS[name](uses):
        took = time.perf_counter() - started
        row = {**platform.key, "method": name, "setting": setting}
        results.seconds.append({**row, "seconds": took})
        for oracle in (False, True):
            rule = f"{name} (oracle)" if oracle else name
            figures = peer_figures(label, truth, oracle=oracle)
            results.figures += [{**row, "method": rule, **figure} for figure in figures]
        started = time.perf_counter()
