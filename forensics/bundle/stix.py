"""`stix.json`: the cluster as STIX 2.1, for the tools of a partner.

A grouping holds the accounts (user-account), the addresses that they share (ipv4-addr, ipv6-addr)
and who used which, and an indicator per shared value. Where values are keyed hashes, an address
can't be written as one: it is then an indicator like the others. Ids follow from content, times
from the data, so the same evidence gives the same file.
"""

from __future__ import annotations

import ipaddress
import uuid
from typing import Any

from forensics.bundle.canonical import canonical
from forensics.bundle.evidence import Evidence, holding_values
from forensics.bundle.names import plural
from forensics.bundle.wording import headline

Object = dict[str, Any]

#: The name space that STIX 2.1 prescribes for the ids of observables (section 2.9).
_OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
_OURS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:account-forensics:stix:1")
#: Traffic light protocol, the fixed objects of STIX 2.1 (section 7.2.1.4): id and level.
_TLP = {
    "internal": ("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "red"),
    "partner": ("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", "amber"),
    "public": ("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", "white"),
}
_TLP_CREATED = "2017-01-20T00:00:00.000Z"
_VERSION = "2.1"
KEYED_HASH = "account-forensics-keyed-hash"
PLAIN = "account-forensics"


def stix_json(evidence: Evidence) -> bytes:
    """Return the file."""
    return canonical(stix_bundle(evidence)) + b"\n"


def stix_bundle(evidence: Evidence) -> Object:
    """Return the STIX bundle as plain values."""
    maker = _Maker(evidence)
    marking, level = _TLP[evidence.profile]
    identity = maker.domain("identity", "tool", name="account-forensics", identity_class="system")
    accounts = {
        row["account_id"]: maker.account(row)
        for row in evidence.members.select(["account_id", "status", "created_at"]).to_pylist()
    }
    observables: dict[str, Object] = {}
    indicators = []
    for row in holding_values(evidence.shared).to_pylist():
        address = maker.address(row)
        if address:
            observables[row["key"]] = address
        indicators.append(maker.indicator(row, address))
    uses = [
        maker.relation(accounts[row["account_id"]], "related-to", observables[row["key"]])
        for row in evidence.uses.select(["account_id", "key"]).to_pylist()
        if row["key"] in observables
    ]
    inside = [*accounts.values(), *observables.values(), *indicators, *_once(uses)]
    grouping = maker.domain(
        "grouping",
        evidence.cluster_id,
        name=f"Cluster {evidence.cluster_id}",
        description=headline(evidence),
        context="suspicious-activity",
        object_refs=[item["id"] for item in inside] or [identity["id"]],
    )
    tlp = {
        "type": "marking-definition",
        "spec_version": _VERSION,
        "id": marking,
        "created": _TLP_CREATED,
        "definition_type": "tlp",
        "name": f"TLP:{level.upper()}",
        "definition": {"tlp": level},
    }
    return {
        "type": "bundle",
        "id": f"bundle--{uuid.uuid5(_OURS, grouping['id'])}",
        "objects": [tlp, identity, grouping, *inside],
    }


class _Maker:
    """Makes objects that share their time and marking."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.time = evidence.info["period"][1].replace("Z", ".000Z")
        self.shared = {
            "spec_version": _VERSION,
            "object_marking_refs": [_TLP[evidence.profile][0]],
        }
        self.scope = f"{evidence.info['run_id']}\0{evidence.cluster_id}\0{evidence.profile}"

    def domain(self, kind: str, key: str, **properties: Any) -> Object:
        """Make a domain object or relationship; `key` tells it from others of its type."""
        made = uuid.uuid5(_OURS, f"{kind}\0{self.scope}\0{key}")
        times = {"created": self.time, "modified": self.time}
        return {"type": kind, "id": f"{kind}--{made}", **self.shared, **times, **properties}

    def observable(self, kind: str, naming: dict[str, str], **properties: Any) -> Object:
        """Make an observable; `naming` are the properties that its id follows from."""
        made = uuid.uuid5(_OBSERVABLES, canonical(naming).decode())
        return {"type": kind, "id": f"{kind}--{made}", **self.shared, **naming, **properties}

    def account(self, row: Object) -> Object:
        created = row["created_at"]
        more: Object = {"is_disabled": row["status"] in ("suspended", "deleted")}
        if created:
            more["account_created"] = f"{created:%Y-%m-%dT%H:%M:%S}.000Z"
        return self.observable("user-account", {"user_id": row["account_id"]}, **more)

    def address(self, row: Object) -> Object | None:
        """Make an address, None where the value is none (any more)."""
        if row["kind"] != "ip" or self.evidence.profile != "internal":
            return None
        version = ipaddress.ip_address(row["value"]).version
        return self.observable(f"ipv{version}-addr", {"value": row["value"]})

    def indicator(self, row: Object, address: Object | None) -> Object:
        if address:
            pattern, language = f"[{address['type']}:value = '{row['value']}']", "stix"
        else:
            pattern = row["key"]
            language = PLAIN if self.evidence.profile == "internal" else KEYED_HASH
        return self.domain(
            "indicator",
            row["key"],
            name=row["key"],
            description=f"used by {plural(row['members'], 'account')} of the cluster and by "
            f"{plural(max((row['accounts'] or 0) - row['members'], 0), 'other')}",
            indicator_types=["unknown"],
            pattern=pattern,
            pattern_type=language,
            valid_from=self.time,
        )

    def relation(self, a: Object, kind: str, b: Object) -> Object:
        return self.domain(
            "relationship",
            f"{a['id']}\0{b['id']}",
            relationship_type=kind,
            source_ref=a["id"],
            target_ref=b["id"],
        )


def _once(objects: list[Object]) -> list[Object]:
    return list({item["id"]: item for item in objects}.values())
