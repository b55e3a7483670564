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
from app.identity.models import Role
from app.limits import limited
from app.rights import closing, requests
from app.rights.export import export
from app.rights.models import RequestKind
from app.security import requires, requires_step_up
from app.web.card_counter import blueprint
from app.web.counter_rights import show_rights
from app.web.parts import signer
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
    counter.note_look(session, visit, HANDED_OUT, ["all"])
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
    """Only with the box ticked; the visit ends with it.

    What is left stays: the signer takes a gift from the person's session or at a till, never here.
    """
    session, letters = db_session(), services().settings.mail
    try:
        visit = own_visit(visit_id)
        person, by = visit.person_id, visit.officer_id
        counter.check_shown(visit)
        _check_sure()
        found = closing.close(session, person, gift=None, letters=letters, now=now(), by=by)
        closing.end_card(session, person, signer=signer(), by=by, now=now())
    except Problem as problem:
        session.rollback()
        return show_rights(visit_id, problem)
    return page("counter/closed.html", closed=found)


def _check_sure() -> None:
    if request.form.get("sure") != "yes":
        raise Problem("closing-unsure", field="sure")
