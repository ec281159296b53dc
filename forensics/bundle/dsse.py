"""Signed envelopes (DSSE 1.0) around in-toto statements (v1): written and read in one form only.

An envelope is canonical JSON (RFC 8785) with one signature, so no byte of it can change unnoticed.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from forensics.bundle.canonical import canonical
from forensics.bundle.keys import SigningKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"


class BadEnvelope(ValueError):
    """Bytes that are not an envelope in its one form."""


def sign(statement: dict[str, Any], key: SigningKey) -> bytes:
    """Return the envelope of a statement."""
    payload = canonical(statement)
    signature = key.sign(_to_sign(payload))
    return _written(payload, key.public.fingerprint, signature)


def open_envelope(data: bytes) -> tuple[dict[str, Any], str, bytes, bytes]:
    """Return the statement, the key's fingerprint, its signature and the bytes it is over.

    The signature is not checked here.

    Raises:
        BadEnvelope: these are not the bytes that `sign` writes.
    """
    try:
        outer = json.loads(data)
        (signed,) = outer["signatures"]
        payload = base64.b64decode(outer["payload"], validate=True)
        signature = base64.b64decode(signed["sig"], validate=True)
        statement = json.loads(payload)
        same = _written(payload, signed["keyid"], signature) == data
        same = same and canonical(statement) == payload
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, RecursionError):
        raise BadEnvelope("not a signed envelope") from None
    if not same or statement.get("_type") != STATEMENT_TYPE:
        raise BadEnvelope("not a signed envelope in its one form")
    return statement, signed["keyid"], signature, _to_sign(payload)


def _written(payload: bytes, fingerprint: str, signature: bytes) -> bytes:
    return canonical(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": fingerprint, "sig": base64.b64encode(signature).decode()}],
        }
    )


def _to_sign(payload: bytes) -> bytes:
    """The pre-authentication encoding of DSSE 1.0."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
