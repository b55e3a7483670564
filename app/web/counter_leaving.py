"""What leaves with the person at the counter: all of their data, or they themselves.

Both for an officer who has just proved who they are, since neither can be taken back.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response, request, send_file

from app.context import db_session, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity import counter
from app.identity.api.cards import own_visit
from app.identity.cards.models import CounterVisit
from app.identity.cards.service import card_of_number
from app.identity.models import Role
from app.limits import limited
from app.merchants.signing import ByCard, Payer
from app.rights import closing, requests
from app.rights.export import export
from app.rights.models import RequestKind
from app.security import requires, requires_step_up
from app.web.card_counter import blueprint
from app.web.counter_rights import note_look, show_rights
from app.web.parts import desk, signer
from app.web.shell import page

HANDED_OUT = "counter_export"


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/export")
@requires(Role.OFFICER)
@requires_step_up
@limited("counter-export", quota=20, window=3600)
def hand_out(visit_id: UUID) -> Response:
    """The same archive that the person takes along when signed in; it tells of this look too."""
    try:
        visit = own_visit(visit_id)
        counter.check_shown(visit)
    except Problem as over:
        return show_rights(visit_id, over)
    session, person, at = db_session(), visit.person_id, now()
    note_look(visit, HANDED_OUT, ["all"])
    requests.note_done(session, person, RequestKind.ACCESS, at, by=visit.officer_id)
    archive = export(session, person, at)
    name = f"civis-{at.date().isoformat()}.zip"
    answer = send_file(archive, "application/zip", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/closing")
@requires(Role.OFFICER)
@requires_step_up
@idempotent
def close(visit_id: UUID) -> Response:
    """Only with the box ticked; the visit ends with it. What is left stays, or goes to an
    association if the person types their card's PIN, which the signer checks itself."""
    session, letters = db_session(), services().settings.mail
    try:
        visit = own_visit(visit_id)
        person, by = visit.person_id, visit.officer_id
        counter.check_shown(visit)
        _check_sure()
        gift = _gift(visit)
        found = closing.close(session, person, gift=gift, letters=letters, now=now(), by=by)
        closing.end_card(session, person, signer=signer(), by=by, now=now())
    except Problem as problem:
        session.rollback()  # a wrong PIN is the signer's to count
        return show_rights(visit_id, problem)
    return page("counter/closed.html", closed=found)


def _gift(visit: CounterVisit) -> closing.Gift | None:
    """Raises Problem closing-receiver, card-or-pin-wrong."""
    chosen, typed = request.form.get("gift_to", ""), request.form.get("card_number", "")
    if not chosen:
        return None
    try:
        receiver = UUID(chosen)
    except ValueError as error:
        raise Problem("closing-receiver", field="gift_to") from error
    number = typed or counter.number_of(db_session(), visit) or ""
    card = card_of_number(db_session(), number)
    if card is None or card.person_id != visit.person_id:
        raise Problem("card-or-pin-wrong", field="card_number")
    by_card = ByCard(number, request.form.get("pin", ""), at_counter=True)
    return closing.Gift(receiver, desk(), Payer(visit.person_id, by_card))


def _check_sure() -> None:
    if request.form.get("sure") != "yes":
        raise Problem("closing-unsure", field="sure")
