"""What the chain is told of blocks and recoveries, by rows of the outbox; nothing waits for it.

The contract wants different officers for what one after the other does. Until officers keep keys
of their own, the server holds four and takes another one where another person acted: that the
people differ is checked here, in the database (docs/adr/0018).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.typed import keccak
from app.identity.block_models import WalletBlock
from app.identity.models import Account
from app.outbox.service import enqueue
from app.recovery.models import Recovery, RecoveryKind
from app.rewards.life import ENDED
from app.rewards.models import Programme, ProgrammeState

PROPOSER, CONFIRMER = "officer", "officer_2"
VOTERS = ("officer_3", "officer_4")
_DOMAIN = b"civis.recovery.v1"
_ENDED = (ProgrammeState.DRAFT, *ENDED)


def chain_recovery_id(case_id: UUID) -> bytes:
    return keccak(_DOMAIN + case_id.bytes)


def tell_blocked(session: Session, block: WalletBlock, last_key: str | None, now: datetime) -> None:
    """All of the person's accounts in all open programmes, by another key than the last."""
    block.officer_key = CONFIRMER if last_key == PROPOSER else PROPOSER
    _of_every_account(session, "block_account", block, block.officer_key, now)


def tell_unblocked(session: Session, block: WalletBlock, now: datetime) -> None:
    key = CONFIRMER if block.officer_key == PROPOSER else PROPOSER
    _of_every_account(session, "unblock_account", block, key, now)


def _of_every_account(
    session: Session, kind: str, block: WalletBlock, signer: str, now: datetime
) -> None:
    for address, programme_id in open_accounts(session, block.person_id):
        enqueue(
            session,
            kind=kind,
            key=f"{block.id}:{block.until.isoformat()}:{address}",
            payload={"programme_id": programme_id, "account": address},
            signer=signer,
            now=now,
        )


def open_accounts(session: Session, person_id: UUID) -> list[tuple[str, bytes]]:
    """(address, the programme's chain id) of current accounts where something can still move."""
    query = (
        select(col(Account.address), col(Programme.chain_id))
        .join(Programme, col(Programme.id) == col(Account.programme_id))
        .where(
            col(Account.person_id) == person_id,
            col(Account.replaced_at).is_(None),
            col(Programme.state).not_in(_ENDED),
        )
    )
    rows = session.execute(query.order_by(col(Account.address)))
    return [(row.address, row.chain_id) for row in rows]


def tell_proposed(session: Session, case: Recovery, now: datetime) -> None:
    """Of a device's account; what only changes who may sign in moves nothing on the chain."""
    if case.kind is not RecoveryKind.DEVICE:
        return
    account = session.get_one(Account, case.account_id)
    programme = session.get_one(Programme, account.programme_id)
    payload = {
        "recovery_id": chain_recovery_id(case.id),
        "programme_id": programme.chain_id,
        "old_account": account.address,
        "new_account": case.new_address,
    }
    enqueue(
        session,
        kind="propose_recovery",
        key=str(case.id),
        payload=payload,
        signer=PROPOSER,
        now=now,
    )


def tell_step(session: Session, case: Recovery, kind: str, now: datetime) -> None:
    """`confirm_recovery`, `withdraw_recovery` or `contest_recovery`."""
    if case.kind is not RecoveryKind.DEVICE:
        return
    signer = {"confirm_recovery": CONFIRMER, "contest_recovery": VOTERS[0]}.get(kind, PROPOSER)
    payload = {"recovery_id": chain_recovery_id(case.id)}
    enqueue(session, kind=kind, key=str(case.id), payload=payload, signer=signer, now=now)


def tell_decided(session: Session, case: Recovery, in_favour: bool, now: datetime) -> None:
    """Both votes, once two agree."""
    if case.kind is not RecoveryKind.DEVICE:
        return
    for signer in VOTERS:
        enqueue(
            session,
            kind="vote_recovery",
            key=f"{case.id}:{signer}",
            payload={"recovery_id": chain_recovery_id(case.id), "in_favour": in_favour},
            signer=signer,
            now=now,
        )


def tell_released(
    session: Session, case: Recovery, holds: int, acceptance: bytes, now: datetime
) -> None:
    payload = {
        "recovery_id": chain_recovery_id(case.id),
        "holds": holds,
        "acceptor_signature": acceptance,
    }
    enqueue(session, kind="execute_recovery", key=str(case.id), payload=payload, now=now)
