"""Cards for programs: made and printed in batches, given out and ended at the city's counter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from app.context import db_session, now, services
from app.idempotency import idempotent
from app.identity import counter, people
from app.identity.api.blueprint import blueprint
from app.identity.cards import service as cards
from app.identity.cards.models import CardBatch, CounterVisit
from app.identity.cards.pdf import batch_pdf
from app.identity.cards.schemas import (
    CardBatchOut,
    CardShown,
    ChosenPin,
    CodeShown,
    CounterVisitOut,
    EmailSaid,
    NewCard,
    NewCardBatch,
)
from app.identity.models import Role
from app.limits import limited
from app.openapi import answers, body, streams
from app.security import principal, requires, session_token


@blueprint.post("/card-batches")
@requires(Role.OFFICER)
@limited("card-batch", quota=10, window=3600)
@idempotent
@body(NewCardBatch)
@answers(CardBatchOut, status=201)
def make_batch(body: dict[str, Any]) -> CardBatch:
    """Opens a batch of cards. They are made when it is printed."""
    by = principal().person_id
    return cards.make_batch(db_session(), count=body["count"], by=by, now=now())


@blueprint.post("/card-batches/<uuid:batch_id>/pdf")
@requires(Role.OFFICER)
@streams("application/pdf")
def print_batch(batch_id: UUID) -> Response:
    """Makes the cards and prints them, once: their numbers are stored nowhere.

    If this answer is lost, so are the cards; open another batch.
    """
    return pdf_of(batch_id)


def pdf_of(batch_id: UUID) -> Response:
    numbers = cards.print_batch(
        db_session(),
        batch_id,
        by=principal().person_id,
        signer=services().signer,
        now=now(),
        simulated=services().settings.demo,
    )
    answer = Response(
        batch_pdf(numbers, services().settings.help.phone), mimetype="application/pdf"
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="civis-cards.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/counter/visits/by-card")
@requires(Role.OFFICER)
@idempotent
@body(CardShown)
@answers(CounterVisitOut, status=201)
def visit_by_card(body: dict[str, Any]) -> dict[str, Any]:
    """Finds a person by a card of theirs, or by its stub. They see that you looked."""
    officer = principal().person_id
    typed = body["card_number"]
    return _shown(counter.visit_by_card(db_session(), typed, officer=officer, now=now()))


@blueprint.post("/counter/visits/by-code")
@requires(Role.OFFICER)
@idempotent
@body(CodeShown)
@answers(CounterVisitOut, status=201)
def visit_by_code(body: dict[str, Any]) -> dict[str, Any]:
    """Finds a person by the code on their telephone. They see that you looked."""
    officer = principal().person_id
    return _shown(counter.visit_by_code(db_session(), **body, officer=officer, now=now()))


@blueprint.post("/counter/visits/by-email")
@requires(Role.OFFICER)
@idempotent
@body(EmailSaid)
@answers(CounterVisitOut, status=201)
def visit_by_email(body: dict[str, Any]) -> dict[str, Any]:
    """Finds a person by the address that they say. They see that you looked."""
    officer = principal().person_id
    return _shown(counter.visit_by_email(db_session(), **body, officer=officer, now=now()))


@blueprint.post("/counter/visits/<uuid:visit_id>/pin")
@requires(Role.OFFICER)
@idempotent
@body(ChosenPin)
@answers(CounterVisitOut)
def choose_pin(visit_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Sets the PIN that the holder typed. The first one activates the card."""
    pin = cards.check_pin(body["pin"], body["pin"])
    visit = own_visit(visit_id)
    counter.choose_pin(db_session(), visit, pin, signer=_signer(), now=now())
    return _shown(visit)


@blueprint.post("/counter/visits/<uuid:visit_id>/card")
@requires(Role.OFFICER)
@idempotent
@body(NewCard)
@answers(CounterVisitOut)
def give_card(visit_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Gives a made card in place of any other one; balance and deeds stay."""
    pin = cards.check_pin(body["pin"], body["pin"])
    visit = own_visit(visit_id)
    counter.give_card(db_session(), visit, body["card_number"], pin, signer=_signer(), now=now())
    return _shown(visit)


@blueprint.post("/counter/visits/<uuid:visit_id>/block")
@requires(Role.OFFICER)
@idempotent
@answers(CounterVisitOut)
def block(visit_id: UUID) -> dict[str, Any]:
    """Blocks the person's card, at once and for good; another one can be given."""
    visit = own_visit(visit_id)
    by = principal().person_id
    cards.block_cards(db_session(), visit.person_id, signer=_signer(), by=by, now=now())
    return _shown(visit)


def own_visit(visit_id: UUID) -> CounterVisit:
    return counter.live_visit(db_session(), visit_id, officer=principal().person_id, now=now())


def _signer() -> cards.CardSigner:
    return services().signer.for_session(session_token())


def _shown(visit: CounterVisit) -> dict[str, Any]:
    return {
        "id": visit.id,
        "expires_at": visit.expires_at,
        "identity_level": people.person(db_session(), visit.person_id).identity_level,
        "cards": cards.cards_of(db_session(), visit.person_id),
    }
