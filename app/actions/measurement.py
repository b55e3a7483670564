"""A device's word: a statement signed by its own key about whoever stood before it.

The device needs no network at that moment. It keeps what the citizen showed (short number and
time code) and signs a `subject` that binds both to a random salt, so that the kept statement says
nothing of whom it speaks; the salt is checked and forgotten, and only the action's row ties the
two. The code is checked for the instant of the deed, which the statement names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions.attestation import Provenance, Signed, keep
from app.actions.devices import check_key
from app.actions.keys import check_organisation
from app.actions.models import Action, Attestation, Channel, Device, ProofLevel
from app.actions.recording import Deed, Doer, Entry, Source, Valuer, record
from app.actions.rules import check_deed, check_type
from app.actions.timetable import Terms
from app.chain import typed
from app.errors import Problem
from app.identity.models import Organisation
from app.identity.presence import digits, identify_by_code
from app.impact.catalogue import ActionType, Catalogue
from app.privacy.service import Actor

KIND = "measurement"
ACTOR = Actor.system("device")


@dataclass(frozen=True)
class Shown:
    """What the citizen showed, and the salt that hides it in the signed statement."""

    short_number: str
    time_code: str
    salt: bytes

    def subject(self) -> bytes:
        """keccak256(salt ‖ short number ‖ time code), both as ASCII digits."""
        shown = digits(self.short_number) + digits(self.time_code)
        return typed.keccak(self.salt + shown.encode("ascii"))


@dataclass(frozen=True)
class Sent:
    """What came in from a device."""

    statement: Signed[typed.Attestation]
    shown: Shown
    confirmed_unusual: bool = False

    @property
    def struct(self) -> typed.Attestation:
        return self.statement.struct

    def check_subject(self) -> None:
        """The signature covers who it was only if the subject is of what was shown."""
        if self.struct.subject != self.shown.subject():
            raise Problem("attestation-other-statement", field="statement.subject", what="subject")


@dataclass(frozen=True)
class Measured:
    """A statement that holds in itself: signed in time by the device, about something it may."""

    sent: Sent
    digest: bytes
    action_type: ActionType
    deed: Deed


def check_statement(
    session: Session,
    sent: Sent,
    *,
    device: Device,
    terms: Terms,
    catalogue: Catalogue,
    domain: typed.Domain,
    now: datetime,
) -> Measured:
    """Everything but who it was; writes nothing, and no code is tried before it holds."""
    digest = typed.attestation_digest(domain, sent.struct)
    check_organisation(session.get_one(Organisation, device.organisation_id))
    check_signature(device, digest, sent.statement)
    deed_at = datetime.fromtimestamp(sent.struct.deed_at, UTC)
    check_key(device, deed_at, now)
    sent.check_subject()
    if session.get(Attestation, digest) is not None:
        raise Problem("attestation-replayed")
    action_type = _measured_type(catalogue, terms, device, sent.struct)
    unusual = sent.confirmed_unusual
    deed = Deed(action_type.id, sent.struct.quantity, deed_at, confirmed_unusual=unusual)
    check_deed(
        terms,
        action_type,
        quantity=deed.quantity,
        deed_at=deed_at,
        now=now,
        confirmed_unusual=unusual,
    )
    return Measured(sent, digest, action_type, deed)


def check_signature(device: Device, digest: bytes, statement: Signed[typed.Attestation]) -> None:
    """It must be the device's own key that speaks in its own name."""
    if statement.struct.attester != device.key_address:
        raise Problem("attestation-other-statement", field="statement.attester", what="attester")
    try:
        signer = typed.recover(digest, statement.signature)
    except typed.BadSignature:
        raise Problem("attestation-forged", field="signature") from None
    if signer != device.key_address:
        raise Problem("attestation-forged", field="signature")


def identify(session: Session, device: Device, measured: Measured, now: datetime) -> UUID:
    """Who stood there: the code counts for the deed's moment, once per organisation."""
    return identify_by_code(
        session,
        device.organisation_id,
        measured.sent.shown.short_number,
        measured.sent.shown.time_code,
        now,
        by=ACTOR,
        shown_at=measured.deed.deed_at,
    )


def record_measured(
    session: Session,
    *,
    device: Device,
    terms: Terms,
    doer: Doer,
    measured: Measured,
    now: datetime,
    valuer: Valuer,
) -> Action:
    """Keeps the statement and records the deed as measured."""
    signer = Provenance(device.organisation_id, device.key_address, device.custody, KIND)
    keep(session, measured.sent.statement, measured.digest, signer, now)
    source = Source(
        Channel.DEVICE,
        ProofLevel.MEASURED,
        organisation_id=device.organisation_id,
        district=session.get_one(Organisation, device.organisation_id).district,
        attestation_digest=measured.digest,
        device_id=device.id,
    )
    entry = Entry(terms, measured.action_type, doer, measured.deed, source, now)
    return record(session, entry, valuer)


def _measured_type(
    catalogue: Catalogue, terms: Terms, device: Device, struct: typed.Attestation
) -> ActionType:
    given, field = struct.action_type_id, "statement.action_type_id"
    try:
        slug = catalogue.by_number(given, struct.action_type_version).id
    except LookupError:
        raise Problem(
            "action-type-unknown", field="statement.action_type_id", given=given
        ) from None
    if slug not in device.scope:
        raise Problem("out-of-scope", field=field, given=slug)
    return check_type(catalogue, terms, slug, ProofLevel.MEASURED)
