"""Blocking a wallet at once, and lifting a block. Counts here immediately; the chain follows.
What was announced to go to another key goes nowhere then, nor after the block.

Whoever accepts a payment holds the balance rows of the payer's accounts and looks for a block
afterwards; a block takes the same rows first. So once a block is committed, nothing that looked
before it can still be accepted. Callers commit.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.errors import NotFound, Problem
from app.identity import service as identity
from app.identity.block_models import BlockChannel, LetterLink, LinkKind, WalletBlock
from app.identity.blocks import block_of, blocks_in_force
from app.identity.sessions import end_sessions
from app.recovery import announcing, chain, letters, problems, rules
from app.recovery.move_models import AnnouncementEnd

__all__ = ["problems"]

BY_OFFICERS = (BlockChannel.COUNTER, BlockChannel.TELEPHONE)
ASKED = (BlockChannel.SESSION, BlockChannel.LETTER, *BY_OFFICERS)


def block_wallet(
    session: Session,
    person_id: UUID,
    *,
    channel: BlockChannel,
    by: UUID | None,
    now: datetime,
) -> WalletBlock:
    """72 hours from now, for all of a person's accounts. Raises Problem block-goes-on,
    recovery-another-officer when an officer would go on with their own block, or block themselves
    for others."""
    identity.person(session, person_id)
    announcing.end_all(session, person_id, AnnouncementEnd.BLOCKED, now)
    last = _last(session, person_id)
    if by is not None and channel in BY_OFFICERS:
        rules.check_other({person_id}, by)
        if last is not None:
            rules.check_may_block(last.by_person, last.lifted_at or last.until, by, now)
    block = _prolonged(last, now)
    last_key = last.officer_key if last else None
    if block is None:
        block = WalletBlock(
            person_id=person_id, channel=channel, since=now, until=now + rules.NOTICE
        )
        session.add(block)
    block.channel, block.by_person = channel, by
    session.flush()
    _note(session, block, now)
    chain.tell_blocked(session, block, last_key, now)
    letters.tell_blocked(session, block, now)
    return block


def block_in_emergency(
    session: Session, person_id: UUID, *, by: UUID, now: datetime
) -> WalletBlock:
    """Also by whoever blocked before, but once in 30 days for one person; here alone, since no
    officer's key on the chain is an emergency's. Raises Problem block-goes-on,
    recovery-another-officer."""
    announcing.end_all(session, person_id, AnnouncementEnd.BLOCKED, now)
    rules.check_other({person_id}, by)
    last = _last(session, person_id, of=[BlockChannel.EMERGENCY])
    if last is not None:
        rules.check_may_block(last.by_person, last.lifted_at or last.until, by, now)
    block = WalletBlock(
        person_id=person_id,
        channel=BlockChannel.EMERGENCY,
        since=now,
        until=now + rules.NOTICE,
        by_person=by,
    )
    session.add(block)
    session.flush()
    _note(session, block, now)
    letters.tell_blocked(session, block, now)
    return block


def block_by_link(session: Session, link: LetterLink, now: datetime) -> WalletBlock:
    """ "This wasn't me": blocked, and signed out everywhere; the link is worn out."""
    if link.kind is not LinkKind.BLOCK:
        raise Problem("link-worn-out")
    link.used_at = now
    end_sessions(session, link.person_id, now)
    return block_wallet(session, link.person_id, channel=BlockChannel.LETTER, by=None, now=now)


def lift_block(session: Session, block_id: UUID, *, by: UUID, now: datetime) -> WalletBlock:
    """Before its end, by an officer who neither set it nor is its owner; never while a recovery
    keeps it. Raises NotFound, Problem block-not-in-force."""
    block = session.get(WalletBlock, block_id, with_for_update=True, populate_existing=True)
    if block is None:
        raise NotFound
    rules.check_other({block.by_person, block.person_id}, by)
    if block.lifted_at is not None or now >= block.until:
        raise Problem("block-not-in-force")
    held = session.scalars(blocks_in_force(block.person_id, now)).all()
    if any(one.channel is BlockChannel.RECOVERY for one in held):
        raise Problem("recovery-open")
    block.lifted_at, block.lifted_by = now, by
    session.flush()
    journal.note(session, journal.WALLET_UNBLOCKED, now, block=block.id)
    if block.officer_key is not None:
        chain.tell_unblocked(session, block, now)
    letters.tell_lifted(session, block, now)
    return block


def keep_blocked(
    session: Session, person_id: UUID, about: UUID, until: datetime, now: datetime
) -> None:
    """As long as a recovery is open; the chain is told by the recovery itself."""
    announcing.end_all(session, person_id, AnnouncementEnd.BLOCKED, now)
    block = _of_recovery(session, about)
    if block is None:
        block = WalletBlock(
            person_id=person_id,
            channel=BlockChannel.RECOVERY,
            since=now,
            until=until,
            about=about,
        )
        session.add(block)
    block.until = until
    session.flush()
    _note(session, block, now)


def let_go(session: Session, about: UUID, now: datetime) -> None:
    """The recovery ended; officers' blocks go on to their own end."""
    block = _of_recovery(session, about)
    if block is not None and block.lifted_at is None:
        block.lifted_at = now
        session.flush()
        journal.note(session, journal.WALLET_UNBLOCKED, now, block=block.id)


def current_block(session: Session, person_id: UUID, now: datetime) -> WalletBlock | None:
    return block_of(session, person_id, now)


def _prolonged(last: WalletBlock | None, now: datetime) -> WalletBlock | None:
    if last is None or last.lifted_at is not None or now >= last.until:
        return None
    last.until = now + rules.NOTICE
    return last


def _last(
    session: Session, person_id: UUID, of: Collection[BlockChannel] = ASKED
) -> WalletBlock | None:
    """The newest that a person asked for; those of recoveries and emergencies are their own."""
    query = select(WalletBlock).where(
        col(WalletBlock.person_id) == person_id, col(WalletBlock.channel).in_(of)
    )
    newest = query.order_by(col(WalletBlock.id).desc()).limit(1).with_for_update()
    return session.scalars(newest).first()


def _of_recovery(session: Session, about: UUID) -> WalletBlock | None:
    query = select(WalletBlock).where(col(WalletBlock.about) == about).with_for_update()
    return session.scalars(query).first()


def _note(session: Session, block: WalletBlock, now: datetime) -> None:
    """A restored backup knows the block too, and when it ends by itself."""
    ids = {"block": block.id, "person": block.person_id, "channel": block.channel.value}
    about = {"about": block.about} if block.about else {}
    span = {"since": block.since, "until": block.until}
    journal.note(session, journal.WALLET_BLOCKED, now, **ids, **about, **span)
