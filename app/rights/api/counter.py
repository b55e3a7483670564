"""At the city's counter, as programs do it: what an officer enters on somebody's word.

Each needs a visit of the officer's own that still lasts (`POST /counter/visits/by-…`).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.context import db_session, language, now
from app.idempotency import idempotent
from app.identity.age_asked import month_of
from app.identity.block_models import WalletBlock
from app.identity.cards.models import CounterVisit
from app.identity.counter import live_visit
from app.identity.models import Role
from app.identity.papers import see_papers
from app.identity.schemas import AgeSaid, MeChanges
from app.openapi import answers, body
from app.privacy.models import Consent
from app.privacy.schemas import ConsentEnd, ConsentOut
from app.recovery.models import Recovery
from app.recovery.schemas import BlockOut, RecoveryOut
from app.rights import counter_acts
from app.rights.api.blueprint import blueprint
from app.rights.counter_schemas import (
    CounterAppeal,
    CounterConsent,
    CounterLink,
    CounterLinkCode,
    CounterPapers,
    CounterWords,
)
from app.rights.models import RightsRequest
from app.rights.schemas import NewRequest, RequestOut
from app.security import principal, requires


def own_visit(visit_id: UUID) -> CounterVisit:
    return live_visit(db_session(), visit_id, officer=principal().person_id, now=now())


@blueprint.post("/counter/visits/<uuid:visit_id>/consents")
@requires(Role.OFFICER)
@idempotent
@body(CounterConsent)
@answers(ConsentOut, status=201)
def decide(visit_id: UUID, body: dict[str, Any]) -> Consent:
    """Their yes or no to what the city asks, to exactly the notice that they were shown."""
    visit, spoken = own_visit(visit_id), language()
    return counter_acts.decide(db_session(), visit, **body, language=spoken, now=now())


@blueprint.post("/counter/visits/<uuid:visit_id>/consents/withdrawals")
@requires(Role.OFFICER)
@idempotent
@body(ConsentEnd)
@answers(None, status=204)
def end_consent(visit_id: UUID, body: dict[str, Any]) -> None:
    """Ends a consent of theirs, and a partner's link with it."""
    counter_acts.end_consent(db_session(), own_visit(visit_id), **body, now=now())


@blueprint.post("/counter/visits/<uuid:visit_id>/rider-link-codes")
@requires(Role.OFFICER)
@idempotent
@body(CounterLink)
@answers(CounterLinkCode, status=201)
def link_partner(visit_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Their yes to one partner, and the code that they type there within an hour."""
    visit, spoken = own_visit(visit_id), language()
    how: dict[str, Any] = {**body, "language": spoken, "now": now()}
    code, ends = counter_acts.link_partner(db_session(), visit, **how)
    return {"code": code, "expires_at": ends}


@blueprint.post("/counter/visits/<uuid:visit_id>/requests")
@requires(Role.OFFICER)
@idempotent
@body(NewRequest)
@answers(RequestOut, status=201)
def ask_there(visit_id: UUID, body: dict[str, Any]) -> RightsRequest:
    """They ask for a correction, restrict all uses, or object to one."""
    return counter_acts.ask(db_session(), own_visit(visit_id), body, now())


@blueprint.post("/counter/visits/<uuid:visit_id>/requests/<uuid:request_id>/withdrawal")
@requires(Role.OFFICER)
@idempotent
@answers(None, status=204)
def take_back_there(visit_id: UUID, request_id: UUID) -> None:
    """They take an open request back."""
    counter_acts.take_back(db_session(), own_visit(visit_id), request_id, now())


@blueprint.post("/counter/visits/<uuid:visit_id>/restriction/end")
@requires(Role.OFFICER)
@idempotent
@answers(None, status=204)
def let_go_on(visit_id: UUID) -> None:
    """They let all uses go on that a restriction stopped."""
    counter_acts.end_restriction(db_session(), own_visit(visit_id), now())


@blueprint.post("/counter/visits/<uuid:visit_id>/actions/<uuid:action_id>/appeal")
@requires(Role.OFFICER)
@idempotent
@body(CounterWords)
@answers(CounterAppeal, status=201)
def appeal_there(visit_id: UUID, action_id: UUID, body: dict[str, Any]) -> Any:
    """They object to the refusal of a deed; another person decides."""
    visit = own_visit(visit_id)
    return counter_acts.appeal(db_session(), visit, action_id, body["text"], now())


@blueprint.post("/counter/visits/<uuid:visit_id>/wallet/block")
@requires(Role.OFFICER)
@idempotent
@answers(BlockOut, status=201)
def block_wallet(visit_id: UUID) -> WalletBlock:
    """Nothing is paid from any of their accounts for 72 hours."""
    return counter_acts.block_wallet(db_session(), own_visit(visit_id), now())


@blueprint.post("/counter/visits/<uuid:visit_id>/recoveries/<uuid:case_id>/objection")
@requires(Role.OFFICER)
@idempotent
@answers(RecoveryOut)
def stop_recovery(visit_id: UUID, case_id: UUID) -> Recovery:
    """It wasn't they who asked: everything stops until two other officers decide."""
    return counter_acts.stop_recovery(db_session(), own_visit(visit_id), case_id, now())


@blueprint.post("/counter/visits/<uuid:visit_id>/language")
@requires(Role.OFFICER)
@idempotent
@body(MeChanges)
@answers(None, status=204)
def speak(visit_id: UUID, body: dict[str, Any]) -> None:
    """The language that letters to them come in."""
    counter_acts.set_language(db_session(), own_visit(visit_id), body["language"])


@blueprint.post("/counter/visits/<uuid:visit_id>/papers")
@requires(Role.OFFICER)
@idempotent
@body(CounterPapers)
@answers(None, status=204)
def papers(visit_id: UUID, body: dict[str, Any]) -> None:
    """Papers seen: a keyed hash and an age band stay, names and birth date are kept nowhere."""
    see_papers(db_session(), own_visit(visit_id), **body, now=now())


@blueprint.post("/counter/visits/<uuid:visit_id>/age")
@requires(Role.OFFICER)
@idempotent
@body(AgeSaid)
@answers(None, status=204)
def say_age(visit_id: UUID, body: dict[str, Any]) -> None:
    """Their age band, for the first time or where its month has come (`ask_age`)."""
    visit, month = own_visit(visit_id), month_of(body["month"])
    counter_acts.say_their_age(db_session(), visit, body["band"], month, now())
