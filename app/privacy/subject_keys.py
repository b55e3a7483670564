"""Each subject's two keys, wrapped by the month's key: one seals their data, one salts proofs.

Unwrapped keys are kept for the transaction that asked for them and no longer, so that many values
cost one query and one unwrapping; whoever was erased meanwhile is gone with the next one.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session, SessionTransaction

from app.driver import Fixed
from app.errors import Problem, define
from app.privacy.keyed import joined, keyed
from app.privacy.keys import KEY_BYTES, KeyDestroyed, Keyring, keyring_of
from app.privacy.models import Subject, SubjectKey
from app.privacy.sealing import (
    Ref,
    SealBroken,
    cipher_with,
    open_bytes,
    open_with,
    seal_bytes,
    seal_with,
)

_OPENED = "civis.subject_keys"
_DATA, _SALT = "data", "salt"
_SQL = """
    select uuid_send(subject_id), epoch, {} from vault.subject_key
    where subject_id = any(cast(%(ids)s as uuid[]))
"""
_WRAPPED = {which: Fixed(_SQL.format(f"wrapped_{which}_key")) for which in (_DATA, _SALT)}

define(
    "data-erased",
    410,
    en=("Erased", "This person’s data can’t be read any more.", "Nothing can bring it back."),
    fr=("Effacé", "Les données de cette personne sont illisibles.", "Rien ne peut les rétablir."),
)


def create_subject(session: Session, now: datetime) -> UUID:
    """A new subject with fresh keys; not committed."""
    subject = Subject(created_at=now)
    session.add(subject)
    session.flush()
    keyring = keyring_of(session)
    epoch = keyring.current_epoch(now)
    data, salt = secrets.token_bytes(2 * KEY_BYTES), secrets.token_bytes(KEY_BYTES)
    session.add(_wrapped(keyring, subject.id, epoch, data, salt))
    session.flush()
    return subject.id


def seal(session: Session, subject_id: UUID, ref: Ref, text: str) -> bytes:
    """The sealed form of a text, for exactly this place. Raises Problem data-erased."""
    label = ref.label(subject_id)
    return seal_with(cipher_of(session, subject_id, ref, label), text.encode(), label)


def cipher_of(session: Session, subject_id: UUID, ref: Ref, label: bytes) -> AESGCM:
    """What seals and opens this place. Raises Problem data-erased."""
    if ref.shown:
        return cipher_with(shown_key(session, subject_id, label))
    ciphers = _opened(session).ciphers
    cipher = ciphers.get(subject_id.int)
    if cipher is None:
        key = _data_key(session, subject_id)[:KEY_BYTES]
        cipher = ciphers[subject_id.int] = cipher_with(key)
    return cipher


def shown_key(session: Session, subject_id: UUID, label: bytes) -> bytes:
    """The key of one place alone (`Ref.shown`). Raises Problem data-erased."""
    return hmac.digest(_data_key(session, subject_id)[KEY_BYTES:], label, "sha256")


def _data_key(session: Session, subject_id: UUID) -> bytes:
    """Two keys in one wrapping: of the subject's cipher, and of what `shown_key` derives."""
    found = _opened(session).keys[_DATA].get(subject_id.int)
    return found or _keys(session, {subject_id}, _DATA)[subject_id]


def fetch_keys(session: Session, subject_ids: Iterable[UUID]) -> None:
    """With one query, for many values that are opened next; of the erased there are none."""
    _fetch(session, set(subject_ids), _DATA)


def salt_for(session: Session, subject_id: UUID, action_id: UUID) -> bytes:
    """The 32-byte salt of an action's leaf: the same for ever, until the subject is erased."""
    return salts_for(session, [(subject_id, action_id)])[action_id]


def salts_for(session: Session, pairs: Iterable[tuple[UUID, UUID]]) -> dict[UUID, bytes]:
    """Salts of many (subject, action) by action, with one query. Raises Problem data-erased."""
    wanted = list(pairs)
    keys = _keys(session, {subject_id for subject_id, _ in wanted}, _SALT)
    return {action_id: keyed(keys[subject], action_id.bytes) for subject, action_id in wanted}


def without_salt(session: Session, subject_ids: Iterable[UUID]) -> set[UUID]:
    """Those whose leaves can't be made any more: erased, or their keys are lost."""
    wanted = set(subject_ids)
    _fetch(session, wanted, _SALT)
    opened = _opened(session).keys[_SALT]
    return {one for one in wanted if one.int not in opened}


def destroy_keys(session: Session, subject_id: UUID) -> None:
    row = session.get(SubjectKey, subject_id)
    if row is not None:
        session.delete(row)
        session.flush()
    opened = _opened(session)
    opened.ciphers.pop(subject_id.int, None)
    for which in (_DATA, _SALT):
        opened.keys[which].pop(subject_id.int, None)


def rewrap(session: Session, row: SubjectKey, epoch: str) -> None:
    """Wraps a living subject's keys under another month's key."""
    keyring = keyring_of(session)
    data, salt = _unwrap(keyring, row, _DATA), _unwrap(keyring, row, _SALT)
    fresh = _wrapped(keyring, row.subject_id, epoch, data, salt)
    row.wrapped_data_key, row.wrapped_salt_key = fresh.wrapped_data_key, fresh.wrapped_salt_key
    row.epoch = epoch


def _keys(session: Session, subject_ids: set[UUID], which: str) -> dict[UUID, bytes]:
    _fetch(session, subject_ids, which)
    opened = _opened(session).keys[which]
    try:
        return {subject_id: opened[subject_id.int] for subject_id in subject_ids}
    except KeyError as error:
        raise Problem("data-erased") from error


def _fetch(session: Session, subject_ids: set[UUID], which: str) -> None:
    opened = _opened(session).keys[which]
    missing = [one.hex for one in subject_ids if one.int not in opened]
    if not missing:
        return
    keyring, epochs = keyring_of(session), dict[str, AESGCM | None]()
    for raw, epoch, wrapped in _WRAPPED[which].rows(session, {"ids": f"{{{','.join(missing)}}}"}):
        if epoch not in epochs:
            epochs[epoch] = _epoch_cipher(keyring, epoch)
        cipher = epochs[epoch]
        if cipher is not None:  # else gone for ever, as if there were no row
            with suppress(SealBroken):  # the same
                key = open_with(cipher, wrapped, _wrap_label(raw, which))
                opened[int.from_bytes(raw, "big")] = key


def _epoch_cipher(keyring: Keyring, epoch: str) -> AESGCM | None:
    try:
        return cipher_with(keyring.epoch_key(epoch))
    except KeyDestroyed:
        return None


@dataclass
class _Opened:
    """What this transaction has unwrapped, by the subject's number, which is quicker to find than
    its id; a cipher is made at the first value."""

    transaction: SessionTransaction
    keys: dict[str, dict[int, bytes]] = field(default_factory=lambda: {_DATA: {}, _SALT: {}})
    ciphers: dict[int, AESGCM] = field(default_factory=dict)


def _opened(session: Session) -> _Opened:
    transaction = session.get_transaction() or session.begin()
    kept = cast("_Opened | None", session.info.get(_OPENED))
    if kept is None or kept.transaction is not transaction:
        kept = session.info[_OPENED] = _Opened(transaction)
    return kept


def _unwrap(keyring: Keyring, row: SubjectKey, which: str) -> bytes:
    """Raises KeyDestroyed."""
    wrapped = row.wrapped_data_key if which == _DATA else row.wrapped_salt_key
    key = keyring.epoch_key(row.epoch)
    return open_bytes(key, wrapped, _wrap_label(row.subject_id.bytes, which))


def _wrapped(
    keyring: Keyring, subject_id: UUID, epoch: str, data: bytes, salt: bytes
) -> SubjectKey:
    key = keyring.epoch_key(epoch)
    return SubjectKey(
        subject_id=subject_id,
        wrapped_data_key=seal_bytes(key, data, _wrap_label(subject_id.bytes, _DATA)),
        wrapped_salt_key=seal_bytes(key, salt, _wrap_label(subject_id.bytes, _SALT)),
        epoch=epoch,
    )


def _wrap_label(subject_id: bytes, which: str) -> bytes:
    return joined(b"civis.wrapped.v1", subject_id, which)
