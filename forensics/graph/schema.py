"""The property graph: node and relationship tables, the same in both stores.

One direction only. A property is always declared and null where absent. Times are fixed-width
UTC strings; beside one that is compared stand its epoch seconds, `_s`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Raised whenever a table or property changes, so that graphs built before are rebuilt.
SCHEMA_VERSION = 3

Type = Literal["STRING", "INT64", "DOUBLE", "BOOLEAN", "STRING[]"]


@dataclass(frozen=True)
class NodeTable:
    """One kind of node; its first property is the key."""

    label: str
    properties: dict[str, Type]

    @property
    def key(self) -> str:
        """The property that no two nodes of this label share."""
        return next(iter(self.properties))


@dataclass(frozen=True)
class RelationshipTable:
    """One kind of relationship, from one label to one label."""

    type: str
    source: str
    target: str
    properties: dict[str, Type]


def _shared(label: str, **more: Type) -> NodeTable:
    common: dict[str, Type] = {
        "key": "STRING",
        "kind": "STRING",
        "value": "STRING",
        "accounts": "INT64",
        "operators": "DOUBLE",
        "clusters": "INT64",
    }
    return NodeTable(label, {**common, **more})


ACCOUNT = NodeTable(
    "Account",
    {
        "account_id": "STRING",
        "created_at": "STRING",
        "created_s": "INT64",
        "status": "STRING",
        "status_s": "INT64",
        "country": "STRING",
        "plan": "STRING",
        "organisation": "STRING",
        "email_domain": "STRING",
        "label": "STRING",
        "cluster_id": "STRING",
        "requests": "INT64",
        "prompts": "INT64",
    },
)

CLUSTER = NodeTable(
    "Cluster",
    {
        "cluster_id": "STRING",
        "run_id": "STRING",
        "accounts": "INT64",
        "coordination": "DOUBLE",
        "abuse": "DOUBLE",
        "verdict": "STRING",
        "q_value": "DOUBLE",
        "stability": "DOUBLE",
        "first_seen": "STRING",
        "last_seen": "STRING",
        "reasons": "STRING[]",
        "explanation": "STRING",
        "label": "STRING",
    },
)

#: Everything that accounts can share.
SHARED_VALUES = (
    _shared("PaymentInstrument", bin="STRING", issuer_country="STRING"),
    _shared(
        "IpAddress", prefix="STRING", network_kind="STRING", asn="INT64", network_name="STRING"
    ),
    _shared("Device"),
    _shared("Identifier"),
    _shared("PromptTemplate", prompts="INT64", family="STRING"),
)

#: Says which run a graph shows, and how it was laid out.
MARKER = NodeTable(
    "ForensicsCase", {"run_id": "STRING", "run_digest": "STRING", "schema_version": "INT64"}
)

NODES = (ACCOUNT, CLUSTER, *SHARED_VALUES, MARKER)

_USE: dict[str, Type] = {
    "kind": "STRING",
    "role": "STRING",
    "uses": "INT64",
    "first_seen": "STRING",
    "last_seen": "STRING",
    "first_s": "INT64",
    "last_s": "INT64",
}

USES = (
    RelationshipTable("PAID_WITH", "Account", "PaymentInstrument", _USE),
    RelationshipTable("USED_IP", "Account", "IpAddress", _USE),
    RelationshipTable("USED_DEVICE", "Account", "Device", _USE),
    RelationshipTable("HAS", "Account", "Identifier", _USE),
    RelationshipTable("SENT", "Account", "PromptTemplate", _USE),
)

LINKED_TO = RelationshipTable(
    "LINKED_TO",
    "Account",
    "Account",
    {
        "match_weight": "DOUBLE",
        "match_probability": "DOUBLE",
        "prior_bits": "DOUBLE",
        "payment_bits": "DOUBLE",
        "ip_bits": "DOUBLE",
        "device_bits": "DOUBLE",
        "prompt_bits": "DOUBLE",
        "identifier_bits": "DOUBLE",
        "timing_bits": "DOUBLE",
        "evidence_kinds": "INT64",
    },
)

MEMBER_OF = RelationshipTable(
    "MEMBER_OF", "Account", "Cluster", {"membership": "DOUBLE", "bridge": "BOOLEAN"}
)

CAME_FROM = RelationshipTable(
    "CAME_FROM", "Cluster", "Cluster", {"kind": "STRING", "accounts": "INT64", "run_id": "STRING"}
)

RELATIONSHIPS = (*USES, LINKED_TO, MEMBER_OF, CAME_FROM)
