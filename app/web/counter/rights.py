"""All that a citizen can see, opened at the counter for whoever stands there; on paper if wished.

Each opening of this page is a look, which the person reads on the page itself.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import select
from sqlmodel import col

from app.actions.models import Action, ActionState, Appeal
from app.actions.review import read_appeal
from app.config import LANGUAGES
from app.context import db_session, now
from app.errors import Problem
from app.identity import counter
from app.identity import service as identity
from app.identity.api.cards import own_visit
from app.identity.cards.models import CounterVisit
from app.identity.mandates.views import views_of
from app.identity.models import Role
from app.merchants.queries import payments_of_person
from app.privacy import halts
from app.privacy.service import Actor, accesses_of
from app.rewards.batches.waiting import waits_of
from app.rights import closing, requests
from app.rights.counter_view import RESOURCE, ROWS, SEEN
from app.rights.models import RightsRequest
from app.rights.schemas import ASKED
from app.security import requires
from app.web import formats
from app.web.citizen import own_age, own_data, own_wallet, permissions
from app.web.counter.visits import blueprint, front, visit_shown
from app.web.parts import available_of
from app.web.shell import LANGUAGE_NAMES, page
from app.web.telling import deeds, mandate_words
from app.web.telling import request_words as words
from app.web.telling.endings_view import endings_of
from app.web.telling.payment_view import shown as payment_shown
from app.web.telling.rule_words import names


@blueprint.get("/counter/visits/<uuid:visit_id>/rights")
@requires(Role.OFFICER)
def rights(visit_id: UUID) -> Response:
    return show_rights(visit_id, None)


def officer(visit: CounterVisit) -> Actor:
    return Actor(visit.officer_id, Role.OFFICER.value)


def show_rights(visit_id: UUID, problem: Problem | None, **more: Any) -> Response:
    """`more`: the code that a partner is shown."""
    try:
        visit = own_visit(visit_id)
    except Problem as over:
        return front(over)
    if problem is not None and problem.code == "age-needed":
        problem = Problem("age-needed-there")  # told to the officer, who enters it
    counter.note_look(db_session(), visit, RESOURCE, SEEN)
    shown = page(
        "counter/rights.html",
        problem=problem,
        form=request.form,
        visit=visit_shown(visit),
        **_known(visit),
        **_decided(visit),
        age_first=problem is not None and problem.code == "age-needed-there",
        **{"code": None, "coded": None, **more},
    )
    db_session().commit()  # looking is recorded, though this is a GET
    return shown


def _known(visit: CounterVisit) -> dict[str, Any]:
    """What is known of the person, what they have, did and paid."""
    session, person, at = db_session(), visit.person_id, now()
    paid = payments_of_person(session, person_id=person, now=at, limit=ROWS)
    known = own_data.known(person, counter.PURPOSE, officer(visit))
    return {
        "known": known,
        "languages": [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
        "balance_cents": available_of(person),
        "endings": endings_of(session, person, at),
        "wallet": own_wallet.shown(person),
        "bands": own_age.bands(first=not known.age),
        "mandates": _mandates(visit),
        "choices": mandate_words.choices(request.form.getlist("acts") or ["see"]),
        "actions": _deeds(visit),
        "payments": [payment_shown(view) for view in paid],
        "printed_at": formats.moment(at),
    }


def _mandates(visit: CounterVisit) -> SimpleNamespace:
    found = views_of(db_session(), visit.person_id, now(), officer=visit.officer_id)
    shown = mandate_words.shown
    return SimpleNamespace(
        named=[shown(one) for one in found.named], acting=[shown(one) for one in found.acting]
    )


def _decided(visit: CounterVisit) -> dict[str, Any]:
    """What the person decides: permissions, requests, the end of the account; and who looked."""
    session, person, at = db_session(), visit.person_id, now()
    told, halted = permissions.purposes_of(person), halts.open_halts(session, person)
    asked = requests.of_person(person).order_by(col(RightsRequest.id).desc()).limit(ROWS)
    opened = [
        words.shown(row, requests.read(session, row, officer(visit), at), at)
        for row in session.scalars(asked).all()
    ]
    return {
        "asked": [one for one in told if one.asked and one.shown],
        "partners": identity.partners(session),
        "kinds": [(kind.value, str(words.KIND[kind])) for kind in ASKED],
        "purposes": [(one, words.title(one)) for one in halts.objectionable()],
        "requests": opened,
        "halted": [words.halt(one) for one in halted],
        "restricted": any(one.purpose is None for one in halted),
        "standing": closing.standing(session, person, at),
        "receivers": closing.receivers(session),
        "looks": [own_data.look_shown(row) for row in accesses_of(session, person, ROWS)],
    }


def _deeds(visit: CounterVisit) -> list[SimpleNamespace]:
    """Newest first, with why and with what was objected; a refusal can be objected to once."""
    session, person = db_session(), col(Appeal.person_id) == visit.person_id
    own = select(Action).where(col(Action.person_id) == visit.person_id)
    rows = session.scalars(own.order_by(col(Action.id).desc()).limit(ROWS)).all()
    appealed = {one.action_id: one for one in session.scalars(select(Appeal).where(person))}
    known, waits = names(session), waits_of(session, rows, now())
    shown = [deeds.in_detail(row, now(), known=known, waits=waits) for row in rows]
    return [
        _deed(visit, row, appealed.get(row.id), one) for row, one in zip(rows, shown, strict=True)
    ]


def _deed(
    visit: CounterVisit, row: Action, appeal: Appeal | None, one: SimpleNamespace
) -> SimpleNamespace:
    one.may_appeal = row.state is ActionState.REFUSED and appeal is None
    if appeal is not None:
        text, answer = read_appeal(db_session(), appeal, officer(visit))
        one.appeal = SimpleNamespace(text=text, answer=answer)
    return one
