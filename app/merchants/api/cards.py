"""Cards at the till, and what their holders contest."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.acting import covered_by, entered_by
from app.context import db_session, now, services
from app.endings.expiring import endings_of
from app.governance.models import Proposal
from app.governance.schemas import ProposalOut
from app.idempotency import idempotent
from app.identity.counter import live_visit
from app.identity.mandates.models import Act
from app.identity.models import Role
from app.identity.stations.models import StationStatementKind as Said
from app.identity.stations.shifts import note_statement
from app.merchants import contests, queries
from app.merchants.api.blueprint import blueprint
from app.merchants.api.card_schemas import (
    CardChargeOut,
    CardTyped,
    ContestList,
    ContestOut,
    NewContest,
    NewCounterContest,
    NewDecision,
)
from app.merchants.api.payments import shown
from app.merchants.card_charges import charge_card
from app.merchants.contest_models import Contest
from app.merchants.signing import ByCard
from app.merchants.wiring import desk_of
from app.openapi import answers, body
from app.security import principal, requires, session_token


@blueprint.post("/payments/<uuid:payment_id>/card-charge")
@requires(Role.MERCHANT)
@idempotent
@body(CardTyped)
@answers(CardChargeOut)
def charge(payment_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Pays your own open request with a paper card; its holder types the PIN on your device.

    Sent again it pays once. Show, print or speak what is left; the holder can contest for ten
    days, before which it is not paid out.
    """
    shop = principal().organisation(Role.MERCHANT)
    charged = charge_card(
        db_session(),
        merchant_id=shop,
        payment_id=payment_id,
        card=ByCard(body["card_number"], body["pin"]),
        desk=desk_of(services(), session_token()),
        now=now(),
    )
    if charged.balance_cents is not None:  # now, and not before
        note_statement(db_session(), principal(), Said.CARD_CHARGE, str(payment_id), now())
    view = queries.payment_for_till(
        db_session(), payment_id=payment_id, merchant_id=shop, now=now()
    )
    holder = charged.holder_id
    return {
        "payment": shown(view),
        "balance_cents": charged.balance_cents,
        "endings": endings_of(db_session(), holder, now()) if holder else [],
    }


@blueprint.post("/payments/<uuid:payment_id>/contest")
@requires()
@idempotent
@body(NewContest)
@answers(ContestOut, status=201)
@covered_by(Act.CONTEST)
def contest(payment_id: UUID, body: dict[str, Any]) -> Contest:
    """Contest a payment made with your card, within ten days."""
    payer, by = principal().whose, entered_by()
    return contests.open_contest(
        db_session(), payment_id=payment_id, payer_id=payer, **body, by=by, now=now()
    )


@blueprint.post("/counter/visits/<uuid:visit_id>/contests")
@requires(Role.OFFICER)
@idempotent
@body(NewCounterContest)
@answers(ContestOut, status=201)
def contest_at_counter(visit_id: UUID, body: dict[str, Any]) -> Contest:
    """Contest a payment for whoever stands at the counter."""
    officer = principal().person_id
    visit = live_visit(db_session(), visit_id, officer=officer, now=now())
    return contests.open_contest(
        db_session(), payer_id=visit.person_id, **body, by=officer, now=now()
    )


@blueprint.get("/contests")
@requires(Role.OFFICER)
@answers(ContestList)
def list_contests() -> dict[str, Any]:
    """What is contested and not decided, oldest first."""
    return {"items": contests.open_contests(db_session())}


@blueprint.post("/contests/<uuid:contest_id>/decision")
@requires(Role.OFFICER)
@idempotent
@body(NewDecision)
@answers(ProposalOut, status=201)
def decide(contest_id: UUID, body: dict[str, Any]) -> Proposal:
    """Propose to uphold or dismiss it. Another officer confirms; upheld, the money goes back."""
    return contests.propose_decision(
        db_session(), contest_id=contest_id, **body, by=principal().person_id, now=now()
    )
