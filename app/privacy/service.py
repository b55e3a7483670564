"""The only way to personal data: sealed under the subject's own key, opened through the gate.

Nobody opens a sealed value without saying who they are and what for; reading another person's
data leaves a row in `access_record`, in the transaction of the read. Whoever destroys the
subject's key destroys every sealed value and every salt of that subject.
The session must have a keyring attached (app.privacy.keys.attach).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.privacy import consents, halts
from app.privacy.access_log import Actor, Look, accesses_to, entry_ref, look_of, record_access
from app.privacy.consent_held import check_consent
from app.privacy.keyed import joined, keyed
from app.privacy.keys import Keyring, is_epoch, keyring_of
from app.privacy.models import AccessRecord, Subject
from app.privacy.notices import OPERATOR, Purpose, purpose_named
from app.privacy.sealing import (
    Ref,
    SealBroken,
    open_bytes,
    open_with,
    owner_label,
    seal_bytes,
)
from app.privacy.subject_keys import (
    cipher_of,
    create_subject,
    destroy_keys,
    fetch_keys,
    salt_for,
    salts_for,
    seal,
    without_salt,
)

__all__ = [
    "Actor",
    "Look",
    "Ref",
    "SealBroken",
    "accesses_to",
    "create_subject",
    "erase_subject",
    "fetch_keys",
    "keyed_hash",
    "look_at",
    "open_all",
    "open_sealed",
    "record_access",
    "salt_for",
    "salts_for",
    "seal",
    "without_salt",
]

_EPOCH_BYTES, _FRESH_EPOCH_BYTES = len("2026-11"), len("2026-11.01")


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
    own = actor.id is subject_id or actor.id == subject_id
    _pass_gate(session, subject_id, purpose_named(purpose), recipient, own)
    label = ref.label(subject_id)
    text = open_with(cipher_of(session, subject_id, ref, label), value, label).decode()
    if not own:  # whoever reads their own data is not written down
        _note(session, subject_id, ref, purpose, actor)
    return text


def open_all(
    session: Session,
    subject_id: UUID,
    sealed: Iterable[tuple[Ref, bytes]],
    *,
    purpose: str,
    actor: Actor,
    recipient: str = OPERATOR,
) -> list[str]:
    """Many values of one subject, each as `open_sealed` would open it, and quicker."""
    own, head, texts = actor.id == subject_id, owner_label(subject_id), list[str]()
    cipher: AESGCM | None = None
    described = purpose_named(purpose)
    for ref, value in sealed:
        _pass_gate(session, subject_id, described, recipient, own)
        place, shown = ref.place()
        label = head + place
        if cipher is None or shown:
            cipher = cipher_of(session, subject_id, ref, label)
        texts.append(open_with(cipher, value, label).decode())
        cipher = None if shown else cipher  # that one opens this place alone
        if not own:
            _note(session, subject_id, ref, purpose, actor)
    return texts


def look_at(
    session: Session,
    subject_id: UUID,
    *,
    resource: str,
    fields: Iterable[str],
    purpose: str,
    actor: Actor,
    recipient: str = OPERATOR,
) -> None:
    """The same gate and the same log before a use of what is not sealed. Raises Problem."""
    _pass_gate(session, subject_id, purpose_named(purpose), recipient, own=False)
    record_access(
        session, subject_id, resource=resource, fields=fields, purpose=purpose, actor=actor
    )


def _pass_gate(
    session: Session, subject_id: UUID, purpose: Purpose, recipient: str, own: bool
) -> None:
    if purpose.needs_consent:
        check_consent(session, subject_id, purpose.id, recipient)
    if not own:
        halts.check_not_halted(session, subject_id, purpose.id)


def _note(session: Session, subject_id: UUID, ref: Ref, purpose: str, actor: Actor) -> None:
    fields = [ref.column]
    record_access(
        session, subject_id, resource=ref.table, fields=fields, purpose=purpose, actor=actor
    )


def looks(session: Session, subject_id: UUID, rows: Iterable[AccessRecord]) -> list[Look]:
    """The subject's own entries, opened for the subject."""
    own, kept = Actor.subject(subject_id), list(rows)
    sealed = [(entry_ref(row.id), row.entry_sealed) for row in kept]
    opened = open_all(session, subject_id, sealed, purpose="own_data", actor=own)
    return [look_of(row, text) for row, text in zip(kept, opened, strict=True)]


def accesses_of(session: Session, subject_id: UUID, limit: int = 100) -> list[Look]:
    """The newest of them."""
    newest = accesses_to(subject_id).order_by(col(AccessRecord.id).desc())
    return looks(session, subject_id, session.scalars(newest.limit(limit)))


def keyed_hash(session: Session, purpose: str, *parts: bytes | str) -> bytes:
    """A 32-byte pseudonym of guessable parts, with a key of this purpose alone."""
    return pseudonym(keyring_of(session), purpose, *parts)


def pseudonym(keyring: Keyring, purpose: str, *parts: bytes | str) -> bytes:
    """The same where there is no session yet."""
    return keyed(keyring.derived(f"hash|{purpose}"), *parts)


def seal_for_service(session: Session, purpose: str, plain: bytes, *place: bytes | str) -> bytes:
    """Seals what belongs to no single subject (a letter, a stored answer), for one place.

    Under the month's key, since it may hold what a person had erased: no backup opens it for longer
    than it opens a person's own data. What is sealed so is of use for a few days only.
    """
    keyring = keyring_of(session)
    epoch = keyring.newest_epoch()
    key = keyring.of_epoch(epoch, f"seal|{purpose}")
    label = joined(b"civis.service.v2", epoch, purpose, *place)
    return epoch.encode() + seal_bytes(key, plain, label)


def open_for_service(session: Session, purpose: str, value: bytes, *place: bytes | str) -> bytes:
    """What `seal_for_service` sealed for this place. Raises SealBroken, and KeyDestroyed once its
    month's key is gone."""
    epoch, sealed = _split_epoch(value)
    key = keyring_of(session).of_epoch(epoch, f"seal|{purpose}")
    label = joined(b"civis.service.v2", epoch, purpose, *place)
    return open_bytes(key, sealed, label)


def _split_epoch(value: bytes) -> tuple[str, bytes]:
    """The epoch's name in front, and what its key sealed, which begins with no dot."""
    length = _EPOCH_BYTES
    if value[length : length + 1] == b".":
        length = _FRESH_EPOCH_BYTES
    epoch = value[:length].decode("ascii", "replace")
    if not is_epoch(epoch):
        raise SealBroken("not a sealed value")
    return epoch, value[length:]


def erase_subject(session: Session, subject_id: UUID, now: datetime) -> None:
    """Destroys the subject's keys and ends their consents; a second time changes nothing.

    Backups of the vault can still open the values until the month's key is destroyed too, at
    most 35 days later (app.privacy.retention.rotate_epochs).
    """
    session.execute(select(col(Subject.id)).where(col(Subject.id) == subject_id).with_for_update())
    destroy_keys(session, subject_id)
    journal.note(session, journal.ERASED, now, subject=subject_id)
    erased = update(Subject).where(col(Subject.id) == subject_id, col(Subject.erased_at).is_(None))
    session.execute(erased.values(erased_at=now))
    consents.end_consents(session, subject_id, now)
