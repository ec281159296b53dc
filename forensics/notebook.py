"""A case from Python: its tables as pandas frames, its links as an igraph graph, Cypher as frames.

import forensics
case = forensics.open_case("case")
case.clusters().head()
case.query("MATCH (a:Account {account_id: $id})--(v) RETURN v.key AS key", id="a-1")
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import igraph
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from forensics.case.run import Run
from forensics.case.store import Case
from forensics.errors import UsageError, nearest
from forensics.graph.store import EmbeddedGraph, open_graph

#: The kinds of values that a case can have without `identifiers`.
KINDS = ("device", "email", "email_domain", "ip", "payment", "phone", "template")
#: Other names that a kind goes by: as evidence, or on the screens.
_ALSO = {"prompt": "template", "prompts": "template", "card": "payment", "address": "ip"}


class Notebook:
    """The published run of a case. What `forensics.open_case` gives.

    Frames are Arrow-backed; their columns are those of `forensics.case.run.SCHEMAS`.
    """

    def __init__(self, path: Path) -> None:
        self.case = Case.open(path)
        self.run = Run.current(self.case)
        self._graph: EmbeddedGraph | None = None

    def accounts(self) -> pd.DataFrame:
        """One row per account."""
        return _frame(self.run.read("accounts"))

    def links(self) -> pd.DataFrame:
        """One row per linked pair, with its bits by kind of evidence."""
        return _frame(self.run.read("links"))

    def clusters(self) -> pd.DataFrame:
        """One row per cluster of two accounts or more, by rank."""
        return _frame(self.run.read("clusters"))

    def members(self) -> pd.DataFrame:
        """One row per account in a cluster."""
        return _frame(self.run.read("members"))

    def uses(self, kind: str | None = None) -> pd.DataFrame:
        """One row per account, shared value and role, with how many accounts and operators use it.

        Args:
            kind: payment, ip, device, email, email_domain, phone, template, or what the input calls
                it; all kinds where it is None.

        Raises:
            UsageError: it is none of these, and no value of that kind is in the case.
        """
        values = self.run.read("identifiers", ["key", "kind", "value", "accounts", "operators"])
        kinds = sorted({*KINDS, *pc.unique(values["kind"]).to_pylist()})
        if kind is not None and kind not in kinds:
            meant = nearest(_ALSO.get(kind, kind), kinds)
            raise UsageError(f"no kind '{kind}'{meant} (there are: {', '.join(kinds)})")
        uses = self.run.read("uses")
        place = pc.index_in(uses["key"], values["key"])
        for name in ("kind", "value", "accounts", "operators"):
            uses = uses.append_column(name, values[name].take(place))
        return _frame(uses if kind is None else uses.filter(pc.equal(uses["kind"], kind)))

    def graph(self, cluster_id: str | None = None) -> igraph.Graph:
        """Return the links as an undirected graph, of one cluster or of all linked accounts.

        Vertices have `name` (the account), `cluster_id`, `status` and `label`; edges have
        `match_weight` in bits and `match_probability`.

        Raises:
            UsageError: there is no such cluster.
        """
        members = self.run.read("members", ["account_id", "cluster_id"])
        links = self.run.read("links")
        columns = [members["account_id"]]
        if cluster_id is None:
            columns += [links["account_a"], links["account_b"]]
        else:
            ids = pc.unique(members["cluster_id"]).to_pylist()
            if cluster_id not in ids:
                raise UsageError(f"no cluster '{cluster_id}'{nearest(cluster_id, ids)}")
            columns = [columns[0].filter(pc.equal(members["cluster_id"], cluster_id))]
        names = pc.unique(pa.concat_arrays([c.combine_chunks() for c in columns])).sort()
        return _igraph(names, self.run.read("accounts"), members, links)

    def query(self, cypher: str, **parameters: Any) -> pd.DataFrame:
        """Run one reading query on the graph of the case.

        Raises:
            QueryError: the query is refused, or the engine rejects it.
        """
        if self._graph is None:
            self._graph = open_graph(self.case)
        result = self._graph.query(cypher, parameters)
        columns = {c: pa.array([row[c] for row in result.rows]) for c in result.columns}
        return _frame(pa.table(columns))

    def close(self) -> None:
        """Close the graph, if a query opened it."""
        if self._graph is not None:
            self._graph.close()
            self._graph = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _igraph(
    names: pa.Array, accounts: pa.Table, members: pa.Table, links: pa.Table
) -> igraph.Graph:
    """Return the links between the accounts in `names`, which become the vertices, in order."""
    inside = pc.and_(pc.is_in(links["account_a"], names), pc.is_in(links["account_b"], names))
    links = links.filter(inside)
    ends = [pc.index_in(links[c], names).to_numpy() for c in ("account_a", "account_b")]
    graph = igraph.Graph(n=len(names), edges=np.column_stack(ends).tolist())
    known = accounts.take(pc.index_in(names, accounts["account_id"]))
    place = pc.index_in(names, members["account_id"])
    graph.vs["name"] = names.to_pylist()
    graph.vs["cluster_id"] = members["cluster_id"].take(place).to_pylist()
    for name in ("status", "label"):
        graph.vs[name] = known[name].to_pylist()
    for name in ("match_weight", "match_probability"):
        graph.es[name] = links[name].to_pylist()
    return graph


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame
