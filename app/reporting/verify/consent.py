"""A consent's receipt, checked by whoever holds it: a compact JWS with one algorithm and type.

On paper its three parts stand apart, the middle one as the JSON that it is: so it packs well.
"""

from __future__ import annotations

import json
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from app.reporting.verify.check import CANNOT_CHECK, FAILS, HOLDS, Finding, Verdict

ALGORITHM, TYPE = "Ed25519", "consent-receipt+jws"
FORMAT, PARTS = "civis-consent/1", ("protected", "payload", "signature")
NO_KEYS = "name the city's key set (--keys), which stands at /.well-known/jwks.json"


def on_paper(signed: str) -> bytes:
    protected, payload, signature = signed.split(".")
    parts = dict(zip(PARTS, (protected, _text(payload), signature), strict=True))
    return json.dumps({"format": FORMAT, **parts}).encode()


def said_by(signed: str) -> dict[str, Any]:
    """What it says, unchecked."""
    found: dict[str, Any] = json.loads(_text(signed.split(".")[1]))
    return found


def from_paper(content: dict[str, Any]) -> str:
    """The receipt as it was signed. Raises ValueError."""
    protected, payload, signature = (content.get(name) for name in PARTS)
    if not all(isinstance(one, str) for one in (protected, payload, signature)):
        raise ValueError("a consent's receipt has three parts")
    return f"{protected}.{urlsafe_b64encode(str(payload).encode()).decode('ascii')}.{signature}"


def is_receipt(text: str) -> bool:
    return text.startswith("ey") and text.count(".") == 2


def verify_consent(signed: str, keys: Any) -> Verdict:
    """`keys`: the city's key set as JSON; None: whose it is was not asked."""
    try:
        shown = jws.extract_compact(signed.encode())
        said = json.loads(shown.payload)
        known = KeySet.import_key_set(keys) if keys is not None else None
        record = said["record"]
        words = f"{said['iss']}: {record['pii_processing']['purpose']}"
        state = record["events"][-1]["event_state"]
    except (JoseError, ValueError, TypeError, KeyError, LookupError) as error:
        return Verdict(CANNOT_CHECK, (), f"this is no consent's receipt: {error!r}")
    typed = shown.headers().get("typ") == TYPE
    findings = (Finding(f"a consent's receipt of {words} ({state})", typed),)
    if not typed:
        return Verdict(FAILS, findings)
    if known is None:
        return Verdict(CANNOT_CHECK, findings, NO_KEYS)
    signer = Finding("signed by a key of this key set", holds=_signed(signed, known))
    return Verdict(HOLDS if signer.holds else FAILS, (*findings, signer))


def _signed(signed: str, keys: KeySet) -> bool:
    try:
        jws.deserialize_compact(signed, keys, algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        return False
    return True


def _text(part: str) -> str:
    return urlsafe_b64decode(part.encode()).decode("utf-8")
