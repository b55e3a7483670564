"""The city's counter: who stands there, their card, balance and deeds, on paper if wished."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request

from app.context import db_session, now
from app.errors import Problem
from app.identity import counter, people
from app.identity.api.cards import own_visit
from app.identity.cards import service as cards
from app.identity.cards.models import LIVE, Card, CardState, CounterVisit, Shown
from app.identity.models import Role
from app.merchants.queries import payments_of_person
from app.privacy.service import accesses_of
from app.rewards.batches.waiting import waits_of
from app.security import principal, requires
from app.web import formats
from app.web.citizen import own_data, own_data_words
from app.web.parts import available_of, demo_cards
from app.web.shell import page, state_words, to
from app.web.telling import deed_lists, deeds
from app.web.telling.endings_view import endings_of
from app.web.telling.payment_view import contest_reasons
from app.web.telling.payment_view import shown as payment_shown
from app.web.telling.rule_words import names
from app.web.words import gettext as _

blueprint = Blueprint("counter", __name__)
LOOKS = PAYMENTS = 10


@blueprint.get("/counter")
@requires(Role.OFFICER)
def home() -> Response:
    return front(None)


def front(problem: Problem | None) -> Response:
    session, officer, at = db_session(), principal().person_id, now()
    return page(
        "counter/home.html",
        problem=problem,
        form=request.form,
        demo_shown=demo_cards(CardState.ACTIVE),
        demo_pile=demo_cards(CardState.MADE),
        visits=[visit_shown(row) for row in counter.visits_of(session, officer, at)],
        batches=[
            SimpleNamespace(id=row.id, count=row.count, when=formats.moment(row.made_at))
            for row in cards.batches_to_print(session, officer)
        ],
    )


def visit_shown(row: CounterVisit) -> SimpleNamespace:
    since, until = formats.hour(row.at), formats.hour(row.expires_at)
    words = _("from %(since)s to %(until)s", since=since, until=until)
    proven, by_card = row.shown is not Shown.ADDRESS, row.number_sealed is not None
    return SimpleNamespace(id=row.id, words=words, proven=proven, by_card=by_card)


@blueprint.post("/counter")
@requires(Role.OFFICER)
def find() -> Response:
    """By card, by the telephone's two numbers, or by address; whichever was typed."""
    try:
        visit = _found()
    except Problem as problem:
        session = db_session()
        session.commit() if problem.keep else session.rollback()  # a wrong number uses up a try
        return front(problem)
    return to("counter.visit", visit_id=visit.id)


def _found() -> CounterVisit:
    session, officer, at, form = db_session(), principal().person_id, now(), request.form
    if form.get("card_number", "").strip():
        return counter.visit_by_card(session, form["card_number"], officer=officer, now=at)
    if form.get("email", "").strip():
        return counter.visit_by_email(session, form["email"], officer=officer, now=at)
    number, code = form.get("short_number", ""), form.get("time_code", "")
    return counter.visit_by_code(session, number, code, officer=officer, now=at)


@blueprint.get("/counter/visits/<uuid:visit_id>")
@requires(Role.OFFICER)
def visit(visit_id: UUID) -> Response:
    return show(visit_id, None)


def show(visit_id: UUID, problem: Problem | None, **more: Any) -> Response:
    session, at = db_session(), now()
    try:
        found = own_visit(visit_id)
    except Problem as over:
        return front(over)
    person = found.person_id
    own = cards.cards_of(session, person)
    rows, _cursor = deed_lists.own(session, person, None)
    known, waits = names(session), waits_of(session, rows, at)
    return page(
        "counter/visit.html",
        problem=problem,
        visit=visit_shown(found),
        by_card=found.number_sealed is not None,
        level=str(own_data_words.LEVEL[people.person(session, person).identity_level]),
        has_email=people.person(session, person).email_lookup is not None,
        cards=[_card(row) for row in own],
        live=next((row.state.value for row in own if row.state in LIVE), None),
        balance_cents=available_of(person),
        endings=endings_of(session, person, at),
        actions=[deeds.in_detail(row, at, known=known, waits=waits) for row in rows],
        payments=_payments(person),
        reasons=contest_reasons(),
        looks=[own_data.look_shown(row) for row in accesses_of(session, person, LOOKS)],
        printed_at=formats.moment(at),
        **{"asked": None, **more},
    )


def _payments(person: UUID) -> list[SimpleNamespace]:
    found = payments_of_person(db_session(), person_id=person, now=now(), limit=PAYMENTS)
    return [payment_shown(view) for view in found]


def _card(row: Card) -> SimpleNamespace:
    since = row.ended_at or row.activated_at or row.made_at
    active = row.state is CardState.ACTIVE  # in French a card's word has another ending
    words = _("in use") if active else state_words(row.state.value)
    return SimpleNamespace(state=row.state.value, words=words, since=formats.moment(since))
