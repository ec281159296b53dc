"""Copies of the Cypher queries about one cluster, with this cluster as the default."""

from __future__ import annotations

import json
import re
from pathlib import Path

_CLUSTER = re.compile(r"^(// parameter: cluster_id string = )(\".*?\")(: .*)$", re.MULTILINE)


def cluster_queries(cluster_id: str) -> dict[str, bytes]:
    """Return the text of each query that takes a cluster id, by file name."""
    default = json.dumps(cluster_id)
    texts = {path.name: path.read_text(encoding="utf-8") for path in _folder().glob("*.cypher")}
    return {
        name: _CLUSTER.sub(lambda match: match[1] + default + match[3], text).encode()
        for name, text in sorted(texts.items())
        if _CLUSTER.search(text)
    }


def _folder() -> Path:
    """Inside the installed package, or in the source tree beside it."""
    package = Path(__file__).parent.parent
    installed = package / "queries"
    return installed if installed.is_dir() else package.parent / "queries"
