"""The only way to personal data: sealed under the subject's own key, opened through the gate.

Nobody opens a sealed value without saying who they are and what for; reading another person's
data leaves a row in `access_record`, in the transaction of the read. Whoever destroys the
subject's key destroys every sealed value and every salt of that subject.
The session must have a keyring attached (app.privacy.keys.attach).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem, define
from app.privacy import consents, halts
from app.privacy.keys import KEY_BYTES, KeyDestroyed, Keyring, keyring_of
from app.privacy.models import AccessRecord, Consent, ConsentState, Subject, SubjectKey
from app.privacy.notices import OPERATOR, purpose_named
from app.privacy.sealing import Ref, joined, keyed, open_bytes, seal_bytes

__all__ = ["Actor", "Ref", "create_subject", "erase_subject", "keyed_hash", "open_sealed", "seal"]

define(
    "data-erased",
    410,
    en=("Erased", "This person’s data can’t be read any more.", "Nothing can bring it back."),
    fr=("Effacé", "Les données de cette personne sont illisibles.", "Rien ne peut les rétablir."),
)


@dataclass(frozen=True)
class Actor:
    """Who opens: a person in a role, or a part of the system (`id` none)."""

    id: UUID | None
    role: str
    request_id: str | None = None

    @classmethod
    def system(cls, part: str) -> Actor:
        return cls(None, f"system:{part}")

    @classmethod
    def subject(cls, subject_id: UUID) -> Actor:
        """The person themselves: nothing is recorded."""
        return cls(subject_id, "self")


def create_subject(session: Session, now: datetime) -> UUID:
    """A new subject with fresh keys; not committed."""
    subject = Subject(created_at=now)
    session.add(subject)
    session.flush()
    keyring = keyring_of(session)
    epoch = keyring.current_epoch(now)
    session.add(_wrapped(keyring, subject.id, epoch, _fresh(), _fresh()))
    session.flush()
    return subject.id


def seal(session: Session, subject_id: UUID, ref: Ref, text: str) -> bytes:
    """The sealed form of a text, for exactly this place. Raises Problem data-erased."""
    key = _data_key(session, subject_id)
    return seal_bytes(key, text.encode(), ref.label(str(subject_id)))


def open_sealed(
    session: Session,
    subject_id: UUID,
    ref: Ref,
    value: bytes,
    *,
    purpose: str,
    actor: Actor,
    recipient: str = OPERATOR,
) -> str:
    """The text again, through the consent gate and the access log.

    Raises Problem data-erased, consent-missing or use-halted, SealBroken for an altered or moved
    value, KeyError for a purpose that no notice describes.
    """
    if purpose_named(purpose).needs_consent:
        consents.check_consent(session, subject_id, purpose, recipient)
    if actor.id != subject_id:
        halts.check_not_halted(session, subject_id, purpose)
    text = open_bytes(_data_key(session, subject_id), value, ref.label(str(subject_id))).decode()
    if actor.id != subject_id:
        record_access(
            session,
            subject_id,
            resource=ref.table,
            fields=[ref.column],
            purpose=purpose,
            actor=actor,
        )
    return text


def record_access(
    session: Session,
    subject_id: UUID,
    *,
    resource: str,
    fields: Iterable[str],
    purpose: str,
    actor: Actor,
) -> None:
    """Notes a read of a person's data; a list of actions of one citizen is such a read too."""
    session.execute(
        insert(AccessRecord).values(
            at=func.clock_timestamp(),  # a log of security is never in a demo's moved time
            actor_id=actor.id,
            actor_role=actor.role,
            subject_id=subject_id,
            resource=resource,
            fields=list(fields),
            purpose=purpose,
            request_id=actor.request_id,
        )
    )


def accesses_to(subject_id: UUID) -> Select[AccessRecord]:
    """Who looked at this person's data: shown to the person, by pages."""
    return select(AccessRecord).where(col(AccessRecord.subject_id) == subject_id)


def accesses_of(session: Session, subject_id: UUID, limit: int = 100) -> list[AccessRecord]:
    """The newest of them."""
    newest = accesses_to(subject_id).order_by(col(AccessRecord.id).desc())
    return list(session.scalars(newest.limit(limit)))


def salt_for(session: Session, subject_id: UUID, action_id: UUID) -> bytes:
    """The 32-byte salt of an action's leaf: the same for ever, until the subject is erased."""
    return salts_for(session, [(subject_id, action_id)])[action_id]


def salts_for(session: Session, pairs: Iterable[tuple[UUID, UUID]]) -> dict[UUID, bytes]:
    """Salts of many (subject, action) by action, with one query. Raises Problem data-erased."""
    wanted = list(pairs)
    keyring = keyring_of(session)
    subjects = {subject_id for subject_id, _ in wanted}
    rows = session.scalars(select(SubjectKey).where(col(SubjectKey.subject_id).in_(subjects)))
    keys = {row.subject_id: _unwrap(keyring, row, "salt") for row in rows}
    if subjects - keys.keys():
        raise Problem("data-erased")
    return {action_id: keyed(keys[subject], action_id.bytes) for subject, action_id in wanted}


def keyed_hash(session: Session, purpose: str, *parts: bytes | str) -> bytes:
    """A 32-byte pseudonym of guessable parts, with a key of this purpose alone."""
    return pseudonym(keyring_of(session), purpose, *parts)


def pseudonym(keyring: Keyring, purpose: str, *parts: bytes | str) -> bytes:
    """The same where there is no session yet."""
    return keyed(keyring.derived(f"hash|{purpose}"), *parts)


def seal_for_service(session: Session, purpose: str, plain: bytes, *place: bytes | str) -> bytes:
    """Seals what belongs to no single subject (a letter, a stored answer), for one place."""
    key = keyring_of(session).derived(f"seal|{purpose}")
    return seal_bytes(key, plain, joined(b"civis.service.v1", purpose, *place))


def open_for_service(session: Session, purpose: str, value: bytes, *place: bytes | str) -> bytes:
    """What `seal_for_service` sealed for this place. Raises SealBroken."""
    key = keyring_of(session).derived(f"seal|{purpose}")
    return open_bytes(key, value, joined(b"civis.service.v1", purpose, *place))


def erase_subject(session: Session, subject_id: UUID, now: datetime) -> None:
    """Destroys the subject's keys and ends their consents; a second time changes nothing.

    Backups of the vault can still open the values until the month's key is destroyed too, at
    most 35 days later (app.privacy.retention.rotate_epochs).
    """
    session.execute(select(col(Subject.id)).where(col(Subject.id) == subject_id).with_for_update())
    row = session.get(SubjectKey, subject_id)
    if row is not None:
        session.delete(row)
    erased = update(Subject).where(col(Subject.id) == subject_id, col(Subject.erased_at).is_(None))
    session.execute(erased.values(erased_at=now))
    given = update(Consent).where(
        col(Consent.subject_id) == subject_id, col(Consent.state) == ConsentState.GIVEN
    )
    session.execute(given.values(state=ConsentState.WITHDRAWN, ended_at=now))
    session.flush()


def rewrap(session: Session, row: SubjectKey, epoch: str) -> None:
    """Wraps a living subject's keys under another month's key."""
    keyring = keyring_of(session)
    data, salt = _unwrap(keyring, row, "data"), _unwrap(keyring, row, "salt")
    fresh = _wrapped(keyring, row.subject_id, epoch, data, salt)
    row.wrapped_data_key, row.wrapped_salt_key = fresh.wrapped_data_key, fresh.wrapped_salt_key
    row.epoch = epoch


def _data_key(session: Session, subject_id: UUID) -> bytes:
    row = session.get(SubjectKey, subject_id)
    if row is None:
        raise Problem("data-erased")
    return _unwrap(keyring_of(session), row, "data")


def _unwrap(keyring: Keyring, row: SubjectKey, which: str) -> bytes:
    wrapped = row.wrapped_data_key if which == "data" else row.wrapped_salt_key
    try:
        key = keyring.epoch_key(row.epoch)
    except KeyDestroyed as error:
        raise Problem("data-erased") from error
    return open_bytes(key, wrapped, _wrap_label(row.subject_id, which))


def _wrapped(
    keyring: Keyring, subject_id: UUID, epoch: str, data: bytes, salt: bytes
) -> SubjectKey:
    key = keyring.epoch_key(epoch)
    return SubjectKey(
        subject_id=subject_id,
        wrapped_data_key=seal_bytes(key, data, _wrap_label(subject_id, "data")),
        wrapped_salt_key=seal_bytes(key, salt, _wrap_label(subject_id, "salt")),
        epoch=epoch,
    )


def _wrap_label(subject_id: UUID, which: str) -> bytes:
    return joined(b"civis.wrapped.v1", str(subject_id), which)


def _fresh() -> bytes:
    return secrets.token_bytes(KEY_BYTES)
