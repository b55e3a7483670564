"""What a restored backup must not undo: ends and erasures, in a file outside the database.

A use case notes its act on the session; the lines are on disk for certain before the transaction
commits, and a closing line follows when it has. So an act that is committed is never missing, and
one without its closing line may or may not have been: whoever replays decides by its kind. Lines
hold ids, times and ceilings, nothing that says anything about anybody. Months have files of their
own; lines are only ever added.

    journal.note(session, "role_ended", now, grant=grant.id)
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from app import telemetry
from app.db import Database, uuid7
from app.keyfiles import sync_folder

log = telemetry.logger("journal")

ERASED = "erased"
CONSENT_WITHDRAWN = "consent_withdrawn"
WALLET_BLOCKED, WALLET_UNBLOCKED = "wallet_blocked", "wallet_unblocked"
ROLE_ENDED = "role_ended"
CARD_BLOCKED = "card_blocked"  # or replaced: it was lost, and may be in somebody's hand
PASSKEY_REMOVED, PASSKEY_CLONED = "passkey_removed", "passkey_cloned"
KEY_REVOKED = "key_revoked"  # a clerk's
ORGANISATION_KEY_REVOKED = "organisation_key_revoked"
DEVICE_REVOKED, DEVICE_TOKEN_ENDED = "device_revoked", "device_token_ended"
BADGE_ENDED, STATION_ENDED = "badge_ended", "station_ended"
OPENID_ENDED = "openid_ended"
ADDRESS_CHANGED = "address_changed"  # the earlier one opens nothing, nor what hung on it
RIDER_LINK_ENDED = "rider_link_ended"
USE_HALTED, USE_RESUMED = "use_halted", "use_resumed"
MANDATE_ENDED = "mandate_ended"
BANK_DETAILS_CONFIRMED = "bank_details_confirmed"  # the account before them is paid no more
CEILINGS_SET = "ceilings_set"  # an organisation's or a device's
BANK_FILE_RELEASED = "bank_file_released"
KEY_DESTROYED = "key_destroyed"  # a month's: in its backup too, and if that brings it back
STRANGER_TAKEN = "stranger_taken"  # a nonce that somebody else used with our key

_ATTACHED, _NOTED, _WRITTEN = "civis.journal", "civis.journal.noted", "civis.journal.written"
_DONE = "done"


@dataclass(frozen=True)
class Entry:
    """`done`: its transaction is known to have committed."""

    id: UUID
    at: datetime
    kind: str
    ids: dict[str, str]
    done: bool = False


@dataclass(frozen=True)
class Reading:
    """All entries, oldest first; `torn`: lines that a crash cut short."""

    entries: tuple[Entry, ...]
    torn: int


class Journal:
    """One folder; any number of processes write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, entries: Sequence[Entry]) -> None:
        """On disk for certain when this returns. Raises OSError: then nothing may commit."""
        self._append(entries, [_line(entry) for entry in entries])

    def close(self, entries: Sequence[Entry]) -> None:
        """Their transaction has committed."""
        self._append(entries, [json.dumps({_DONE: str(entry.id)}) for entry in entries])

    def read(self) -> Reading:
        """In the order of writing; nothing of a folder that isn't there."""
        found: dict[UUID, Entry] = {}
        torn = 0
        for path in sorted(self.folder.glob("*.jsonl")):
            for line in path.read_text(encoding="ascii").splitlines():
                try:
                    _take(found, json.loads(line))
                except (ValueError, KeyError, TypeError):
                    torn += 1
        return Reading(tuple(found.values()), torn)

    def _append(self, entries: Sequence[Entry], lines: Sequence[str]) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{entries[0].at:%Y-%m}.jsonl"
        fresh = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            size = file.seek(0, os.SEEK_END)
            cut_short = size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"
            text = "".join(f"{line}\n" for line in lines)
            file.write((("\n" if cut_short else "") + text).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            sync_folder(self.folder)


@dataclass
class _Noted:
    """Entries of a session, each with the savepoint or transaction that it belongs to."""

    rows: list[tuple[SessionTransaction | None, Entry]] = field(default_factory=list)


def attach(target: Database | Session, journal: Journal) -> None:
    """Hands the journal to a session, or to every session that a database will open."""
    if isinstance(target, Session):
        target.info[_ATTACHED] = journal
    else:
        target.attach(_ATTACHED, journal)


def note(session: Session, kind: str, now: datetime, **ids: UUID | str | datetime) -> None:
    """This act, in the transaction that does it. Raises LookupError where no journal is attached:
    an act that a backup could undo unnoticed must not happen."""
    if session.info.get(_ATTACHED) is None:
        raise LookupError("this session has no journal: call app.journal.attach first")
    entry = Entry(uuid7(), now, kind, {name: _text(value) for name, value in ids.items()})
    noted = session.info.setdefault(_NOTED, _Noted())
    noted.rows.append((session.get_nested_transaction() or session.get_transaction(), entry))


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    noted = session.info.get(_NOTED)
    if noted is None or session.in_nested_transaction():
        return
    entries = [entry for _, entry in noted.rows]
    if entries:
        session.info[_ATTACHED].write(entries)
        session.info[_WRITTEN] = entries
    del session.info[_NOTED]  # where they could not be written, nobody may commit without them


@event.listens_for(Session, "after_commit")
def _after_commit(session: Session) -> None:
    """It has committed, whatever the disk says: without its closing line an act stays open."""
    entries = session.info.pop(_WRITTEN, None)
    if not entries:
        return
    try:
        session.info[_ATTACHED].close(entries)
    except OSError:
        log.exception("journal_not_closed", entries=[str(entry.id) for entry in entries])


@event.listens_for(Session, "after_soft_rollback")
def _after_rollback(session: Session, previous: SessionTransaction) -> None:
    """What was undone before anything was written is not noted; what was written stays open."""
    session.info.pop(_WRITTEN, None)
    noted = session.info.get(_NOTED)
    if noted is not None:
        noted.rows = [row for row in noted.rows if not _within(row[0], previous)]


def _within(inner: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while inner is not None:
        if inner is outer:
            return True
        inner = inner.parent
    return False


def _line(entry: Entry) -> str:
    head = {"id": str(entry.id), "at": entry.at.isoformat(), "kind": entry.kind}
    return json.dumps({**head, "ids": entry.ids})


def _take(found: dict[UUID, Entry], said: dict[str, Any]) -> None:
    if _DONE in said:
        entry = found[UUID(said[_DONE])]
        found[entry.id] = Entry(entry.id, entry.at, entry.kind, entry.ids, done=True)
        return
    entry_id = UUID(said["id"])
    at = datetime.fromisoformat(said["at"])
    found[entry_id] = Entry(entry_id, at, said["kind"], dict(said["ids"]))


def _text(value: UUID | str | datetime) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
