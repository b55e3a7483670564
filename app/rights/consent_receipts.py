"""A consent's receipt: its whole record (ISO/IEC TS 27560), signed, to be kept by the person.

A compact JWS with a fixed algorithm and type; its public key stands at /.well-known/jwks.json. The
key is derived from the house's master key for this alone.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import OKPKey
from sqlalchemy.orm import Session

from app.config import Settings
from app.db import uuid7
from app.errors import NotFound, Problem
from app.identity.organisations import organisation_by_id
from app.privacy.consent_steps import COUNTER, SELF
from app.privacy.consents import events_of
from app.privacy.keys import Keyring, keyring_of
from app.privacy.models import Consent
from app.privacy.notices import OPERATOR, register
from app.reporting.verify.consent import ALGORITHM, TYPE

_KEY = "consent-receipt"
_AUTHORITY = "authority"
Json = dict[str, Any]


def receipt(
    session: Session, consent_id: UUID, person_id: UUID, settings: Settings, now: datetime
) -> str:
    """The signed receipt of one's own consent, as it stands. Raises NotFound."""
    consent = session.get(Consent, consent_id)
    if consent is None or consent.subject_id != person_id:
        raise NotFound
    content = {
        "schema_version": consent.terms["schema_version"],
        "receipt_id": str(uuid7()),
        "iss": settings.public_url,
        "iat": int(now.timestamp()),
        "record": record(session, consent, settings),
    }
    key = _key(keyring_of(session))
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": key.thumbprint()}
    return jws.serialize_compact(header, json.dumps(content).encode(), key, algorithms=[ALGORITHM])


def public_keys(keyring: Keyring) -> Json:
    """The key set that anybody checks receipts with (RFC 7517)."""
    key = _key(keyring)
    shown = key.as_dict(private=False)
    return {"keys": [{**shown, "kid": key.thumbprint(), "alg": ALGORITHM, "use": "sig"}]}


def record(session: Session, consent: Consent, settings: Settings) -> Json:
    """The record in the fields of ISO/IEC TS 27560; those that Civis has no word for are left out
    (codes of conduct, impact assessment, service, sensitive categories)."""
    terms = {name: value for name, value in consent.terms.items() if name != "schema_version"}
    parties = [_controller(settings), _authority(settings)]
    recipients = []
    if consent.recipient != OPERATOR:
        parties.append(_recipient(session, consent, settings))
        recipients = [consent.recipient]
    return {
        "schema_version": consent.terms["schema_version"],
        "record_id": str(consent.id),
        "pii_principal_id": str(consent.subject_id),
        "pii_processing": _places(settings)
        | {
            "pii_controllers": [OPERATOR],
            "recipient_third_parties": recipients,
            "authority_party": _AUTHORITY,
        }
        | terms,  # what was written down then has the last word
        "party_identification": parties,
        "events": [_event(consent, event.at, event.state.value, event.by)
                   for event in events_of(session, consent.id)],
    }  # fmt: skip


def _event(consent: Consent, at: datetime, state: str, by: str) -> Json:
    lasts = (consent.valid_until - consent.given_at).days if consent.valid_until else None
    return {
        "event_time": at.isoformat(),
        "validity_duration": f"P{lasts}D" if lasts else "until withdrawn",
        "entity_id": _entity(consent, by),
        "event_type": "explicit consent",
        "event_state": state,
    }


def _entity(consent: Consent, by: str) -> str:
    """Who entered it; of the city, without its officer's number."""
    if by.startswith(COUNTER):
        return OPERATOR
    return str(consent.subject_id) if by == SELF else by


def _controller(settings: Settings) -> Json:
    known, kind = settings.controller, register()["recipients"][OPERATOR]
    return {
        "party_id": OPERATOR,
        "party_name": known.name or settings.public_url,
        "party_address": known.address or settings.public_url,
        "party_contact": settings.help.mail or settings.help.phone or settings.public_url,
        "party_url": settings.public_url,
        "party_type": kind["party_type"],
        "party_role": "controller",
    }


def _authority(settings: Settings) -> Json:
    known = settings.authority
    return {
        "party_id": _AUTHORITY,
        "party_name": known.name,
        "party_address": known.address,
        "party_contact": known.url,
        "party_type": "supervisory authority",
        "party_role": "authority",
    }


def _places(settings: Settings) -> Json:
    """One country: the data lie there, and are sent nowhere else."""
    country = settings.authority.country
    names = ("storage_locations", "processing_locations", "geographic_restrictions")
    return {"jurisdiction": country} | {name: [country] for name in names}


def _recipient(session: Session, consent: Consent, settings: Settings) -> Json:
    """The organisation as the city knows it: reached through the city."""
    try:
        name = organisation_by_id(session, UUID(consent.recipient)).name
    except (ValueError, Problem):
        name = consent.recipient
    through = _controller(settings)
    return {
        "party_id": consent.recipient,
        "party_name": name,
        "party_address": through["party_address"],
        "party_contact": through["party_contact"],
        "party_type": register()["recipients"]["partner"]["party_type"],
        "party_role": "recipient",
    }


def _key(keyring: Keyring) -> OKPKey:
    return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(keyring.derived(_KEY)))
