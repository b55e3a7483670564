"""Who may sign: organisations' keys, which the chain knows, and clerks' keys certified by them.

A clerk's key is certified off the chain, since employees' names and habits don't belong there.
Validity is judged at receipt. A scope is a list of action types, known by its hash; an empty
list is every type.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.actions import problems
from app.actions.models import AttesterKey
from app.chain import typed
from app.errors import NotFound, Problem
from app.identity.models import KeyCustody, Organisation
from app.identity.organisations import has_good_key
from app.impact.catalogue import catalogue

__all__ = ["ask_key", "certify_key", "check_key", "check_organisation", "check_scope", "problems"]

KEY_LASTS = timedelta(days=365)


def scope_hash(action_types: Iterable[str]) -> bytes:
    """The hash of a scope; the order of its list does not matter."""
    return typed.keccak(json.dumps(sorted(action_types), separators=(",", ":")).encode())


ANY_SCOPE = scope_hash([])


def ask_key(
    session: Session,
    *,
    organisation: Organisation,
    person_id: UUID,
    address: str,
    scope: Iterable[str],
    now: datetime,
    custody: KeyCustody = KeyCustody.BROWSER,
) -> AttesterKey:
    """A clerk's browser made a key and asks for its certificate. Raises Problem key-known."""
    check_organisation(organisation)
    types = sorted(set(scope))
    key = AttesterKey(
        address=address,
        organisation_id=organisation.id,
        person_id=person_id,
        custody=custody,
        scope=types,
        scope_hash=scope_hash(types),
        valid_from=now.replace(microsecond=0),
        valid_until=now.replace(microsecond=0) + KEY_LASTS,
        created_at=now,
    )
    session.add(key)
    session.flush()
    return key


def certificate_of(key: AttesterKey, organisation: Organisation) -> typed.KeyCertificate:
    """What the organisation's key is to sign. Raises Problem organisation-key-missing."""
    if organisation.key_address is None:
        raise Problem("organisation-key-missing")
    return typed.KeyCertificate(
        organisation=organisation.key_address,
        key=key.address,
        scope_hash=key.scope_hash,
        valid_from=int(key.valid_from.timestamp()),
        valid_until=int(key.valid_until.timestamp()),
    )


def certify_key(
    session: Session,
    *,
    address: str,
    organisation: Organisation,
    signature: bytes,
    domain: typed.Domain,
    now: datetime,
    scope: Iterable[str] | None = None,
) -> AttesterKey:
    """Takes the organisation's signature over the key's certificate, once it is verified.

    `scope`: the kinds of deed for which it was signed, where these are fewer than asked for.
    Raises Problem out-of-scope, action-type-unknown, certificate-forged, organisation-key-missing.
    """
    key = key_of(session, address, organisation)
    check_organisation_key(organisation, now)
    if scope is not None:
        _narrow(key, sorted(set(scope)))
    digest = typed.key_certificate_digest(domain, certificate_of(key, organisation))
    try:
        signer = typed.recover(digest, signature)
    except typed.BadSignature:
        raise Problem("certificate-forged", field="signature") from None
    if signer != organisation.key_address:
        raise Problem("certificate-forged", field="signature")
    key.certificate_signature = signature
    key.certified_by_address = signer
    session.flush()
    return key


def _narrow(key: AttesterKey, types: list[str]) -> None:
    known = {entry.id for entry in catalogue().action_types()}
    for given in types:
        if given not in known:
            raise Problem("action-type-unknown", field="scope", given=given)
        check_scope(key, given, field="scope")
    if types:
        key.scope, key.scope_hash = types, scope_hash(types)


def revoke_key(
    session: Session,
    *,
    address: str,
    organisation: Organisation,
    for_cause: bool,
    now: datetime,
) -> AttesterKey:
    """Ends a key; nothing that it signs afterwards is taken. A second time changes nothing."""
    key = key_of(session, address, organisation)
    if key.revoked_at is None:
        key.revoked_at = now
        key.revoked_for_cause = for_cause
        session.flush()
        cause = {"for_cause": "yes"} if for_cause else {}
        journal.note(session, journal.KEY_REVOKED, now, address=key.address, **cause)
    return key


def key_of(session: Session, address: str, organisation: Organisation) -> AttesterKey:
    """This organisation's key, locked. Raises NotFound."""
    key = session.get(AttesterKey, address, with_for_update=True)
    if key is None or key.organisation_id != organisation.id:
        raise NotFound
    return key


def keys_of(session: Session, organisation_id: UUID) -> list[AttesterKey]:
    """All keys of an organisation, newest first."""
    query = select(AttesterKey).where(col(AttesterKey.organisation_id) == organisation_id)
    return list(session.scalars(query.order_by(col(AttesterKey.created_at).desc())))


def check_organisation(organisation: Organisation) -> None:
    if organisation.state != "active":
        raise Problem("organisation-not-active")


def check_organisation_key(organisation: Organisation, now: datetime) -> None:
    since = organisation.key_valid_from
    if since is None or since > now or not has_good_key(organisation, now):
        raise Problem("organisation-key-missing")


def check_key(
    session: Session, address: str, person_id: UUID, organisation: Organisation, now: datetime
) -> AttesterKey:
    """The clerk's own, certified, valid key at `address`. Raises Problem."""
    key = session.get(AttesterKey, address)
    if key is None or (key.organisation_id, key.person_id) != (organisation.id, person_id):
        raise Problem("attestation-forged", field="signature")
    if key.certificate_signature is None or key.certified_by_address != organisation.key_address:
        raise Problem("key-not-certified", field="signature")
    if key.revoked_at is not None or not key.valid_from <= now <= key.valid_until:
        raise Problem("key-not-valid", field="signature")
    check_organisation_key(organisation, now)
    return key


def check_scope(key: AttesterKey, action_type_id: str, *, field: str = "action_type") -> None:
    if key.scope and action_type_id not in key.scope:
        raise Problem("out-of-scope", field=field, given=action_type_id)


def server_key(session: Session, person_id: UUID, organisation_id: UUID) -> AttesterKey:
    """The clerk's newest key that the server holds. Raises Problem key-not-certified."""
    query = select(AttesterKey).where(
        col(AttesterKey.person_id) == person_id,
        col(AttesterKey.organisation_id) == organisation_id,
        col(AttesterKey.custody) == KeyCustody.SERVER,
        col(AttesterKey.revoked_at).is_(None),
    )
    found = session.scalars(query.order_by(col(AttesterKey.created_at).desc())).first()
    if found is None:
        raise Problem("key-not-certified", field="signature")
    return found
