"""How fast the graph is written and asked, in both stores.

    python -m benchmarks.graph --nodes 1000000 --relationships 5000000 --out results

The floor of each figure is measured in the same run: the driver's plain UNWIND, a plain COPY.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from benchmarks.document import put_section
from benchmarks.graph.embedded import time_build, time_plain_copy
from benchmarks.graph.generate import generate
from benchmarks.graph.server import time_plain_unwind, time_push
from benchmarks.quality.report import markdown
from benchmarks.quality.tool import peak_memory_mb
from forensics.case.run import Run
from forensics.graph.address import Address
from forensics.graph.library import load_queries
from forensics.graph.results import Graph
from forensics.graph.server import ServerGraph, connect
from forensics.graph.store import EmbeddedGraph
from tests.neo4j_server import MAIN, running

VERSION = list(MAIN)[-1]
GRAPH = "graph.lbug"


def time_queries(graph: Graph, ids: dict[str, str]) -> dict[str, float]:
    """Return the seconds of each query that ships, ids from the graph, the better of two runs."""
    return {
        query.name: min(
            _seconds(graph, query.text, {**query.values({}), **_those(ids, query)})
            for _ in range(2)
        )
        for query in load_queries().values()
    }


def _those(ids: dict[str, str], query: Any) -> dict[str, str]:
    return {p.name: ids[p.name] for p in query.parameters if p.name in ids}


def _seconds(graph: Graph, text: str, values: dict[str, Any]) -> float:
    started = time.perf_counter()
    graph.query(text, values)
    return time.perf_counter() - started


def ids_of(run: Run) -> dict[str, str]:
    """Return what queries ask for: the largest cluster, its strongest pair, the greatest hub."""
    clusters = run.read("clusters").sort_by([("accounts", "descending")])
    cluster_id = clusters["cluster_id"][0].as_py()
    members = run.rows("members", cluster_id)["account_id"]
    hubs = run.read("identifiers", ["key", "accounts"]).sort_by([("accounts", "descending")])
    return {
        "cluster_id": cluster_id,
        "account_id": members[0].as_py(),
        "account_a": members[0].as_py(),
        "account_b": members[1].as_py(),
        "key": hubs["key"][0].as_py(),
    }


def measure(folder: Path, nodes: int, relationships: int, heap: str) -> dict[str, Any]:
    """Measure everything on one generated graph."""
    run = generate(folder / "r-0001", nodes, relationships)
    names = ("accounts", "identifiers", "clusters", "uses", "links", "members")
    counts = {name: run.count(name) for name in names}
    ids, before = ids_of(run), peak_memory_mb()
    embedded = {"copy": time_plain_copy(run, folder), "build": time_build(run, folder / GRAPH)}
    _say("embedded", embedded)
    with running(VERSION, heap=heap) as server, server.driver() as driver:
        neo4j = {"unwind": time_plain_unwind(run, driver)}
    _say("neo4j", neo4j)
    with running(VERSION, heap=heap) as server:
        address = Address(server.uri, server.user, server.password)
        for name in ("push", "again"):
            neo4j[name] = time_push(run, address)
            _say("neo4j", neo4j)
        with connect(address) as driver:
            asked = time_queries(ServerGraph(driver, address), ids)
    with EmbeddedGraph(folder / GRAPH) as graph:
        also = time_queries(graph, ids)
    return {
        "counts": counts,
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "embedded": {**embedded, "queries": also},
        "neo4j": {**neo4j, "queries": asked},
        "peak_mb_before": before,
        "peak_mb": peak_memory_mb(),
    }


def _say(store: str, seconds: dict[str, float]) -> None:
    click.echo(f"{store}: {seconds}", err=True)


def tables(result: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    c, e, n = result["counts"], result["embedded"], result["neo4j"]
    nodes = c["accounts"] + c["identifiers"] + c["clusters"]
    edges = c["uses"] + c["links"] + c["members"]
    size = nodes + edges
    load = [
        ["embedded: plain COPY", e["copy"], 1.0],
        ["embedded: build", e["build"], e["build"] / e["copy"]],
        ["Neo4j: plain UNWIND", n["unwind"], 1.0],
        ["Neo4j: push", n["push"], n["push"] / n["unwind"]],
        ["Neo4j: push again, nothing changed", n["again"], n["again"] / n["unwind"]],
    ]
    rows = [[a, f"{s:.1f}", f"{size / s:,.0f}", f"{ratio:.2f}"] for a, s, ratio in load]
    queries = [[q, f"{s:.2f}", f"{n['queries'][q]:.2f}"] for q, s in e["queries"].items()]
    return "\n\n".join(
        [
            f"{nodes:,} nodes, {edges:,} relationships; Neo4j {VERSION}; {result['cores']} cores, "
            f"which others used too (load {result['load']:.1f}). Peak memory of the tool's process "
            f"{result['peak_mb']:,.0f} MB ({result['peak_mb_before']:,.0f} MB to generate).",
            markdown(rows, ["load", "seconds", "rows a second", "times the floor"]),
            markdown(queries, ["query, default parameters", "embedded, seconds", "Neo4j, seconds"]),
        ]
    )


@click.command(help=__doc__)
@click.option("--nodes", default=100_000, show_default=True)
@click.option("--relationships", default=500_000, show_default=True)
@click.option("--heap", default="2g", show_default=True, help="Memory of the server's JVM.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of results.")
@click.option("--docs", type=click.Path(path_type=Path), help="Put the tables into this file too.")
def main(nodes: int, relationships: int, heap: str, out: Path, docs: Path | None) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        result = measure(Path(scratch), nodes, relationships, heap)
    out.mkdir(parents=True, exist_ok=True)
    (out / "graph.json").write_text(json.dumps(result, indent=1))
    print(tables(result))
    if docs:
        command = f"python -m benchmarks.graph --nodes {nodes} --relationships {relationships}"
        put_section(docs, "The graph", f"`{command} --out results`\n\n{tables(result)}")


if __name__ == "__main__":
    main()
