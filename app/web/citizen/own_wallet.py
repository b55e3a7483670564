"""What holds a person's wallet still, on their page of data: seen, blocked, objected to."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

from flask import Response

from app.context import db_session, now
from app.idempotency import idempotent
from app.identity.block_models import BlockChannel
from app.identity.blocks import block_of
from app.limits import limited
from app.recovery import blocks, cases
from app.recovery.models import Recovery, RecoveryKind
from app.security import principal, requires
from app.web import formats
from app.web.citizen.me import blueprint
from app.web.parts import to_another_key
from app.web.shell import to
from app.web.telling import recovery_words as words


def shown(person: UUID) -> SimpleNamespace:
    """`blocked`: why and until when, `given_back`: when officers did, `announced`: from when on
    another key has it; or nothing."""
    session, at = db_session(), now()
    block, done = block_of(session, person, at), cases.last_done(session, person)
    return SimpleNamespace(
        blocked=words.blocked(block) if block else "",
        given_back=formats.moment(done.closed_at) if done and done.closed_at else "",
        announced=to_another_key(person),
        prolongs=block is not None,
        recoveries=[_recovery(case) for case in cases.open_cases(session, at, person)],
    )


def _recovery(case: Recovery) -> SimpleNamespace:
    return SimpleNamespace(
        id=case.id,
        what=str(words.KIND[case.kind]),
        state=words.state(case),
        may_object=words.may_object(case),
        died=case.kind is RecoveryKind.DEATH,
        since=formats.moment(case.proposed_at),
    )


@blueprint.post("/me/data/block")
@requires()
@idempotent
@limited("own-block", quota=20, window=86_400)
def block_wallet() -> Response:
    person = principal().person_id
    blocks.block_wallet(db_session(), person, channel=BlockChannel.SESSION, by=person, now=now())
    return to("me.data", _anchor="wallet")


@blueprint.post("/me/data/recoveries/<uuid:case_id>/objection")
@requires()
@idempotent
def object_to_recovery(case_id: UUID) -> Response:
    cases.object_in_person(db_session(), case_id, person_id=principal().person_id, now=now())
    return to("me.data", _anchor="wallet")
