"""What leaves with the person at the counter: all of their data, or they themselves.

Both for an officer who has just proved who they are, since neither can be taken back.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, send_file

from app.context import db_session, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.api.cards import own_visit
from app.identity.models import Role
from app.limits import limited
from app.rights import counter_acts
from app.security import requires, requires_step_up
from app.web.card_counter import blueprint
from app.web.counter_rights import show_rights
from app.web.parts import signer
from app.web.shell import page


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/export")
@requires(Role.OFFICER)
@requires_step_up
@limited("counter-export", quota=20, window=3600)
def hand_out(visit_id: UUID) -> Response:
    """The same archive that the person takes along when signed in; it tells of this look too."""
    try:
        archive = counter_acts.hand_out(db_session(), own_visit(visit_id), now())
    except Problem as over:
        return show_rights(visit_id, over)
    name = f"civis-{now().date().isoformat()}.zip"
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
    sure, letters = request.form.get("sure") == "yes", services().settings.mail
    how: dict[str, Any] = {"sure": sure, "letters": letters, "signer": signer(), "now": now()}
    try:
        found = counter_acts.close(db_session(), own_visit(visit_id), **how)
    except Problem as problem:
        db_session().rollback()
        return show_rights(visit_id, problem)
    return page("counter/closed.html", closed=found)
