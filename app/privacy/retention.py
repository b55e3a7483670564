"""How long things stay: one table, run daily by a worker, and the monthly change of keys.

A subject erased in a month could be opened from a backup of the vault until the month's key is
destroyed, KEEP_EPOCH_DAYS after its end: at most 31 + 4 = 35 days. The vault's backups must
therefore be at most KEEP_EPOCH_DAYS old when they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.privacy.keys import KeyDestroyed, keyring_of
from app.privacy.models import SubjectKey
from app.privacy.sealing import SealBroken
from app.privacy.subject_keys import rewrap

KEEP_EPOCH_DAYS = 4
_CHUNK = 5000


@dataclass(frozen=True)
class Rule:
    """Rows of `table` go `keep` after the time in `column`; `only` narrows them (SQL).

    Where something is registered for the table by `erases`, it ends each row instead.
    """

    table: str
    column: str
    keep: timedelta
    why: str
    only: str = "true"


Eraser = Callable[[Session, UUID, datetime], None]
ERASERS: dict[str, Eraser] = {}


def erases(table: str) -> Callable[[Eraser], Eraser]:
    """How a part of the house ends a row of its own, by id, where a bare deletion would break
    what refers to it."""

    def register(eraser: Eraser) -> Eraser:
        ERASERS[table] = eraser
        return eraser

    return register


# Nobody's who came: with any of these a person is known here for a reason of its own.
_TIES = {
    "account": "person_id", "action": "person_id", "badge": "person_id", "card": "person_id",
    "openid_identity": "person_id", "passkey": "person_id", "rights_request": "person_id",
    "sign_in_session": "person_id", "mandate": "person_id",
}  # fmt: skip
_OWN = "g.person_id = person.id"
_LASTS = "(g.valid_until is null or g.valid_until > :before)"
_WARDS = "mandate.representative_id = person.id and mandate.kind = 'guardianship'"
NEVER_CAME = " and ".join(
    (
        "closed_at is null",
        *(
            f"not exists (select from {table} where {table}.{column} = person.id)"
            for table, column in _TIES.items()
        ),
        f"not exists (select from role_grant g where {_OWN} and {_LASTS})",
        f"not exists (select from mandate where {_WARDS})",
    )
)


# access_record is not here: the application may only add to it. Its months are dropped by a
# function of the role that owns them, see app.reporting.access.sealing.
RULES: tuple[Rule, ...] = (
    Rule("sign_in_code", "expires_at", timedelta(days=1), "a code is of no use after ten minutes"),
    Rule("openid_session", "created_at", timedelta(days=8), "to sign out at the provider too"),
    Rule("passkey_challenge", "expires_at", timedelta(days=1), "an answer comes within minutes"),
    Rule("sign_in_session", "expires_at", timedelta(days=30), "to answer “who signed in as me”"),
    Rule("attempt", "window_ends", timedelta(hours=1), "counts of tries end with their window"),
    Rule("presence_use", "at", timedelta(days=4), "devices may be 72 hours late with a code"),
    Rule("counter_visit", "expires_at", timedelta(hours=1), "the look stays in access_record"),
    Rule("idempotency_key", "created_at", timedelta(hours=48), "retries come within two days"),
    Rule("visit", "expires_at", timedelta(days=1), "a visit at a counter lasts ten minutes"),
    Rule(
        "outgoing_mail",
        "created_at",
        timedelta(days=30),
        "a letter that could not be delivered in a month is of no use any more",
    ),
    Rule("letter_link", "expires_at", timedelta(days=1), "a link works for thirty days"),
    Rule("wallet_block", "until", timedelta(days=365), "to answer “who blocked my wallet”"),
    Rule(
        "person",
        "named_at",
        timedelta(days=90),
        "named by somebody else, and never came",
        NEVER_CAME,
    ),
    Rule("rider_link_code", "expires_at", timedelta(days=7), "to explain why a code was refused"),
)


@dataclass(frozen=True)
class Due:
    """What a rule would delete now."""

    rule: Rule
    rows: int


@dataclass(frozen=True)
class Rotation:
    """What a change of keys did."""

    epoch: str
    rewrapped: int
    destroyed: tuple[str, ...]
    lost: int = 0  # subjects whose keys nothing opens any more


def apply_retention(session: Session, now: datetime) -> dict[str, int]:
    """Deletes what is due, by chunks, committing each; rows deleted by table."""
    return {rule.table: apply_rule(session, rule, now) for rule in RULES}


def due(session: Session, now: datetime) -> list[Due]:
    """The same without deleting anything: how many rows each rule would take."""
    return [Due(rule, _count(session, rule, now)) for rule in RULES]


def rotate_epochs(session: Session, now: datetime) -> Rotation:
    """Wraps the living under this month's key, then destroys the keys whose time has passed.

    Commits by chunks; stopped in the middle it goes on where it was. A key is destroyed only
    when a query has shown that nothing in the vault needs it any more, and in a later round than
    the one that wrapped its last subjects anew: who read such a row before still opens it.
    """
    keyring = keyring_of(session)
    epoch, lost = keyring.current_epoch(now), set[UUID]()
    rewrapped = 0
    while count := _rewrap_chunk(session, epoch, col(SubjectKey.epoch) < epoch, lost):
        rewrapped += count
    if rewrapped:
        return Rotation(epoch, rewrapped, (), len(lost))
    due = [old for old in keyring.epochs() if old < epoch and _ended_before(old, now)]
    destroyed = [old for old in due if not _in_use(session, old)]
    for old in destroyed:
        journal.note(session, journal.KEY_DESTROYED, now, epoch=old)
    session.commit()
    for old in destroyed:
        keyring.destroy_epoch(old)
    return Rotation(epoch, rewrapped, tuple(destroyed), len(lost))


def destroy_again(session: Session, epochs: Collection[str], now: datetime) -> list[str]:
    """Of the keys that were destroyed once, those that a backup brought back; whoever lives is
    wrapped under this month's key first. Commits by chunks. Nobody may be reading meanwhile."""
    keyring = keyring_of(session)
    back = [epoch for epoch in keyring.epochs() if epoch in epochs]
    epoch = keyring.current_epoch(now)
    lost = set[UUID]()
    while back and _rewrap_chunk(session, epoch, col(SubjectKey.epoch).in_(back), lost):
        pass
    for old in back:
        keyring.destroy_epoch(old)
    return back


def apply_rule(session: Session, rule: Rule, now: datetime) -> int:
    eraser = ERASERS.get(rule.table)
    return _delete(session, rule, now) if eraser is None else _erase(session, rule, eraser, now)


def _erase(session: Session, rule: Rule, eraser: Eraser, now: datetime) -> int:
    """One by one, committing each: whoever comes meanwhile is not among them any more."""
    due_rows = text(
        f"select id from {rule.table} "  # noqa: S608 - our own constants
        f"where {rule.column} < :before and ({rule.only}) limit 1 for update skip locked"
    )
    ended = 0
    while (found := session.scalar(due_rows, {"before": now - rule.keep})) is not None:
        eraser(session, found, now)
        session.commit()
        ended += 1
    return ended


def _delete(session: Session, rule: Rule, now: datetime) -> int:
    statement = text(
        f"delete from {rule.table} where ctid = any(array("  # noqa: S608 - our own constants
        f"select ctid from {rule.table} where {rule.column} < :before and ({rule.only}) "
        "limit :chunk))"
    )
    deleted = 0
    while True:
        result = session.connection().execute(
            statement, {"before": now - rule.keep, "chunk": _CHUNK}
        )
        session.commit()
        deleted += result.rowcount
        if result.rowcount < _CHUNK:
            return deleted


def _count(session: Session, rule: Rule, now: datetime) -> int:
    counted = text(
        f"select count(*) from {rule.table} "  # noqa: S608 - our own constants
        f"where {rule.column} < :before and ({rule.only})"
    )
    return int(session.scalar(counted, {"before": now - rule.keep}) or 0)


def _rewrap_chunk(session: Session, epoch: str, stale: ColumnElement[bool], lost: set[UUID]) -> int:
    """How many; those that nothing opens any more are `lost` from now on, and hold up no other."""
    known = col(SubjectKey.subject_id).not_in(lost)
    chunk = select(SubjectKey).where(stale, known).limit(_CHUNK)
    rows, before = list(session.scalars(chunk.with_for_update(skip_locked=True))), len(lost)
    for row in rows:
        try:
            rewrap(session, row, epoch)
        except (KeyDestroyed, SealBroken):
            lost.add(row.subject_id)
    session.commit()
    session.expunge_all()
    wrapped = len(rows) - (len(lost) - before)
    return wrapped or (_rewrap_chunk(session, epoch, stale, lost) if rows else 0)


def _in_use(session: Session, epoch: str) -> bool:
    """Also by what this key doesn't open: it may be another than the one that a backup has."""
    used = select(func.count()).select_from(SubjectKey).where(col(SubjectKey.epoch) == epoch)
    return session.scalar(used) != 0


def _ended_before(epoch: str, now: datetime) -> bool:
    """Whether the month ended more than KEEP_EPOCH_DAYS ago."""
    year, month = int(epoch[:4]), int(epoch[5:7])
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return now >= end + timedelta(days=KEEP_EPOCH_DAYS)
