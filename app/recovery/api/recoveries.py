"""Blocking a wallet, and giving an account back, as programs do it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.context import db_session, now
from app.idempotency import idempotent
from app.identity.block_models import BlockChannel, WalletBlock
from app.identity.blocks import blocks_in_force
from app.identity.models import Role
from app.limits import limited
from app.openapi import answers, body
from app.recovery import announcing, blocks, cases, proposing
from app.recovery.api.blueprint import blueprint
from app.recovery.models import DeathPaper, Recovery, Seen
from app.recovery.schemas import (
    BlockOut,
    NewBlock,
    NewDeath,
    NewDeviceRecovery,
    NewRecovery,
    NewVote,
    OwnWallet,
    RecoveryConfirmation,
    RecoveryList,
    RecoveryOut,
    RecoveryRead,
)
from app.rights import deaths
from app.security import principal, requires, requires_step_up


@blueprint.get("/me/wallet")
@requires()
@answers(OwnWallet)
def own_wallet() -> dict[str, Any]:
    """What holds this person's wallet still now, the recoveries that are open, and the moves to
    another key that are announced."""
    person, at = principal().person_id, now()
    return {
        "blocks": db_session().scalars(blocks_in_force(person, at)).all(),
        "recoveries": cases.open_cases(db_session(), at, person),
        "announced": announcing.announced(db_session(), person, at),
    }


@blueprint.post("/me/wallet/block")
@requires()
@idempotent
@limited("own-block", quota=20, window=86_400)
@answers(BlockOut, status=201)
def block_own() -> WalletBlock:
    """Nothing is paid from any of the person's accounts for 72 hours; lifted earlier by an officer
    only. Deeds go on being recorded."""
    person = principal().person_id
    return blocks.block_wallet(
        db_session(), person, channel=BlockChannel.SESSION, by=person, now=now()
    )


@blueprint.post("/me/recoveries/<uuid:case_id>/objection")
@requires()
@idempotent
@answers(RecoveryOut)
def object_to(case_id: UUID) -> Recovery:
    """ "It wasn't me who asked": everything stops until two other officers decide."""
    person = principal().person_id
    return cases.object_in_person(db_session(), case_id, person_id=person, now=now())


@blueprint.post("/blocks")
@requires(Role.OFFICER)
@idempotent
@body(NewBlock)
@answers(BlockOut, status=201)
def block(body: dict[str, Any]) -> WalletBlock:
    """At once, for somebody at the counter or on the telephone. 72 hours; going on takes another
    officer."""
    person = proposing.known_person(db_session(), body["known_by"])
    channel = BlockChannel(body["channel"])
    by = principal().person_id
    return blocks.block_wallet(db_session(), person.id, channel=channel, by=by, now=now())


@blueprint.post("/blocks/<uuid:block_id>/end")
@requires(Role.OFFICER)
@idempotent
@answers(None, status=204)
def lift(block_id: UUID) -> None:
    """Before its end, by an officer who did not set it."""
    blocks.lift_block(db_session(), block_id, by=principal().person_id, now=now())


@blueprint.get("/recoveries")
@requires(Role.OFFICER)
@answers(RecoveryList)
def list_recoveries() -> dict[str, Any]:
    """Those that are open, oldest first."""
    return {"items": cases.open_cases(db_session(), now())}


@blueprint.post("/recoveries")
@requires(Role.OFFICER)
@idempotent
@body(NewRecovery)
@answers(RecoveryRead, status=201)
def propose(body: dict[str, Any]) -> Recovery:
    """Another e-mail address to sign in with, for somebody whose papers or card were seen."""
    seen, by = Seen(body.pop("seen")), principal().person_id
    return proposing.propose_address(db_session(), **body, seen=seen, by=by, now=now())


@blueprint.post("/recoveries/devices")
@requires(Role.OFFICER)
@idempotent
@body(NewDeviceRecovery)
@answers(RecoveryRead, status=201)
def propose_device(body: dict[str, Any]) -> Recovery:
    """A new account on the chain in the place of one whose device is lost."""
    seen, by = Seen(body.pop("seen")), principal().person_id
    return proposing.propose_device(db_session(), **body, seen=seen, by=by, now=now())


@blueprint.post("/recoveries/deaths")
@requires(Role.OFFICER)
@requires_step_up
@idempotent
@body(NewDeath)
@answers(RecoveryRead, status=201)
def propose_death(body: dict[str, Any]) -> Recovery:
    """Closing the account of somebody who died; from another officer's yes on, 30 days in which
    whoever signs in as them, shows their card or code, or objects, stops it."""
    paper, by = DeathPaper(body.pop("paper")), principal().person_id
    return deaths.propose(db_session(), **body, paper=paper, by=by, now=now())


@blueprint.post("/recoveries/<uuid:case_id>/confirmation")
@requires(Role.OFFICER)
@requires_step_up
@idempotent
@body(RecoveryConfirmation)
@answers(RecoveryRead)
def confirm(case_id: UUID, body: dict[str, Any]) -> Recovery:
    """The second officer's yes: the person is told, and 72 hours begin; 30 days after a death."""
    by, code = principal().person_id, body["code"]
    return cases.confirm(db_session(), case_id, by=by, now=now(), code=code)


@blueprint.post("/recoveries/<uuid:case_id>/withdrawal")
@requires(Role.OFFICER)
@idempotent
@answers(RecoveryRead)
def withdraw(case_id: UUID) -> Recovery:
    """Takes back what is not confirmed yet."""
    return cases.withdraw(db_session(), case_id, now=now())


@blueprint.post("/recoveries/<uuid:case_id>/objection")
@requires(Role.OFFICER)
@idempotent
@answers(RecoveryRead)
def contest(case_id: UUID) -> Recovery:
    """For a person who telephoned or came: everything stops until two other officers decide."""
    return cases.contest(db_session(), case_id, by=principal().person_id, now=now())


@blueprint.post("/recoveries/<uuid:case_id>/votes")
@requires(Role.OFFICER)
@idempotent
@body(NewVote)
@answers(RecoveryRead, status=201)
def vote(case_id: UUID, body: dict[str, Any]) -> Recovery:
    """After an objection: the first two who agree, and had no part in it, decide."""
    by, at = principal().person_id, now()
    return cases.vote(db_session(), case_id, in_favour=body["in_favour"], by=by, now=at)
