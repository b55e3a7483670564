"""An attester's word: a statement signed by a clerk's key that the organisation certified.

The clerk's statement names the citizen by a `subject` that only this database can resolve, and
only while the citizen's salt key lives. What was signed is kept exactly as signed; its EIP-712
digest is its key, so the same statement counts once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions.keys import check_key, check_organisation, check_scope
from app.actions.models import Action, Attestation, AttesterKey, Channel, ProofLevel, Visit
from app.actions.recording import Deed, Doer, Entry, Source, Valuer, record
from app.actions.rules import check_type
from app.actions.telling import Telling, check_bound, new_nonce
from app.actions.timetable import Terms
from app.chain import typed
from app.db import uuid7
from app.errors import Problem
from app.identity.models import KeyCustody, Organisation
from app.impact.catalogue import ActionType, Catalogue
from app.privacy.service import salt_for
from app.rows import made

S = TypeVar("S", bound=typed.Struct)

VISIT_LASTS = timedelta(minutes=10)
KIND = "attestation"


@dataclass(frozen=True)
class Signed(Generic[S]):
    """What came in: the struct as signed, and its signature."""

    struct: S
    signature: bytes


@dataclass(frozen=True)
class Provenance:
    """Whose key signed, and who holds it."""

    organisation_id: UUID
    address: str
    custody: KeyCustody
    kind: str


def open_visit(
    session: Session,
    *,
    person_id: UUID,
    organisation: Organisation,
    clerk_id: UUID,
    programme_id: UUID,
    now: datetime,
) -> Visit:
    """A citizen identified themself to a clerk: for ten minutes the clerk may vouch for them."""
    check_organisation(organisation)
    check_not_oneself(person_id, clerk_id)
    visit = Visit(
        subject=salt_for(session, person_id, uuid7()),
        person_id=person_id,
        organisation_id=organisation.id,
        clerk_id=clerk_id,
        programme_id=programme_id,
        created_at=now,
        expires_at=now + VISIT_LASTS,
    )
    session.add(visit)
    session.flush()
    return visit


def live_visit(session: Session, subject: bytes, *, clerk_id: UUID, now: datetime) -> Visit:
    """The visit that a statement speaks of. Raises Problem visit-unknown."""
    visit = session.get(Visit, subject)
    if visit is None or visit.clerk_id != clerk_id or visit.expires_at < now:
        raise Problem("visit-unknown", field="statement.subject")
    return visit


def record_by_attester(
    session: Session,
    *,
    terms: Terms,
    catalogue: Catalogue,
    domain: typed.Domain,
    organisation: Organisation,
    clerk_id: UUID,
    doer: Doer,
    statement: Signed[typed.Attestation],
    deed: Deed,
    now: datetime,
    valuer: Valuer,
) -> Action:
    """Verifies the statement and the key behind it, then records `deed_of` it as attested."""
    digest = typed.attestation_digest(domain, statement.struct)
    check_organisation(organisation)
    check_not_oneself(doer.person_id, clerk_id)
    key = check_key(session, signer_of(digest, statement), clerk_id, organisation, now)
    check_says(statement.struct, terms, organisation)
    check_bound(statement.struct.nonce, deed.told)
    action_type = _vouched_type(catalogue, terms, key, statement.struct)
    kept = _row(statement, digest, _provenance(key), now)
    source = _source(organisation, clerk_id, digest)
    return record(session, Entry(terms, action_type, doer, deed, source, now, kept), valuer)


def check_not_oneself(person_id: UUID, clerk_id: UUID) -> None:
    """Nobody vouches for what they did themselves. Raises Problem not-for-oneself."""
    if person_id == clerk_id:
        raise Problem("not-for-oneself")


def check_says(struct: typed.Attestation, terms: Terms, organisation: Organisation) -> None:
    """The statement must speak of this programme and in this organisation's name."""
    if struct.programme_id != terms.chain_id:
        raise _other("programme_id")
    if struct.attester != organisation.key_address:
        raise _other("attester")


def keep(
    session: Session, statement: Signed[Any], digest: bytes, signer: Provenance, now: datetime
) -> None:
    """Keeps the statement for ever. A second time is refused by its primary key."""
    session.add(_row(statement, digest, signer, now))
    session.flush()


def _row(statement: Signed[Any], digest: bytes, signer: Provenance, now: datetime) -> Attestation:
    row = {
        "digest": digest,
        "organisation_id": signer.organisation_id,
        "signer_address": signer.address,
        "custody": signer.custody,
        "kind": signer.kind,
        "statement": as_json(statement.struct),
        "signature": statement.signature,
        "received_at": now,
    }
    return made(Attestation, row)


def _provenance(key: AttesterKey) -> Provenance:
    return Provenance(key.organisation_id, key.address, key.custody, KIND)


def _vouched_type(
    catalogue: Catalogue, terms: Terms, key: AttesterKey, struct: typed.Attestation
) -> ActionType:
    slug = _slug(catalogue, struct)
    check_scope(key, slug)
    return check_type(catalogue, terms, slug, ProofLevel.ATTESTED)


def deed_of(
    catalogue: Catalogue, struct: typed.Attestation, telling: Telling, unusual: bool = True
) -> Deed:
    """What a statement says was done, with what the clerk tells beside it."""
    return Deed(
        _slug(catalogue, struct),
        struct.quantity,
        datetime.fromtimestamp(struct.deed_at, UTC),
        confirmed_unusual=unusual,
        told=telling.told,
        other_id=telling.other_id,
    )


def _source(organisation: Organisation, clerk_id: UUID, digest: bytes) -> Source:
    return Source(
        Channel.ATTESTER,
        ProofLevel.ATTESTED,
        entered_by=clerk_id,
        organisation_id=organisation.id,
        district=organisation.district,
        attestation_digest=digest,
    )


def as_json(struct: typed.Struct) -> dict[str, Any]:
    """A struct's fields by name, bytes as 0x text."""
    fields = asdict(struct)  # type: ignore[call-overload]
    return {k: "0x" + v.hex() if isinstance(v, bytes) else v for k, v in fields.items()}


def draft(
    terms: Terms, organisation: Organisation, catalogue: Catalogue, visit: Visit, deed: Deed
) -> typed.Attestation:
    """The statement that the clerk's browser is to sign for this visit and deed."""
    if organisation.key_address is None:
        raise Problem("organisation-key-missing")
    action_type = check_type(catalogue, terms, deed.action_type, ProofLevel.ATTESTED)
    return typed.Attestation(
        programme_id=terms.chain_id,
        attester=organisation.key_address,
        subject=visit.subject,
        action_type_id=action_type.number,
        action_type_version=action_type.version,
        quantity=deed.quantity,
        deed_at=int(deed.deed_at.timestamp()),
        nonce=new_nonce(deed.told),
    )


def _slug(catalogue: Catalogue, struct: typed.Attestation) -> str:
    try:
        return catalogue.by_number(struct.action_type_id, struct.action_type_version).id
    except LookupError:
        given = struct.action_type_id
        raise Problem("action-type-unknown", field="action_type", given=given) from None


def signer_of(digest: bytes, signed: Signed[typed.Attestation]) -> str:
    """The address of the key that signed. Raises Problem attestation-forged."""
    return _signer(digest, signed.signature)


@lru_cache(maxsize=64)  # asked for twice in a recording, and costs as much as a statement
def _signer(digest: bytes, signature: bytes) -> str:
    try:
        return typed.recover(digest, signature)
    except typed.BadSignature:
        raise Problem("attestation-forged", field="signature") from None


def _other(what: str) -> Problem:
    return Problem("attestation-other-statement", field=f"statement.{what}", what=what)
