"""What leaves with the person at the counter: all of their data, or they themselves.

Both for an officer who has just proved who they are, since neither can be taken back.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, send_file

from app.clock import city_day
from app.context import db_session, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.api.cards import own_visit
from app.identity.models import Organisation, Role
from app.limits import limited
from app.rights import counter_acts
from app.security import requires, requires_step_up
from app.web.counter.rights import show_rights
from app.web.counter.visits import blueprint
from app.web.parts import desk, signer
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
    name = f"civis-{city_day(db_session(), now()).isoformat()}.zip"
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
    form, letters = request.form, services().settings.mail
    how: dict[str, Any] = {"letters": letters, "signer": signer(), "now": now()}
    try:
        visit = own_visit(visit_id)
        typed = {name: form.get(name, "") for name in ("card_number", "pin")}
        given: dict[str, Any] = {"gift_to": _chosen(form.get("gift_to", "")), **typed}
        gift = counter_acts.gift_by_card(db_session(), visit, desk=desk(), **given)
        found = counter_acts.close(
            db_session(), visit, sure=form.get("sure") == "yes", gift=gift, **how
        )
    except Problem as problem:
        db_session().rollback()  # a wrong PIN is the signer's to count
        return show_rights(visit_id, problem)
    name = db_session().get_one(Organisation, found.given.merchant_id).name if found.given else ""
    return page("counter/closed.html", closed=found, given_to=name)


def _chosen(typed: str) -> UUID | None:
    """Raises Problem closing-receiver."""
    try:
        return UUID(typed) if typed else None
    except ValueError as error:
        raise Problem("closing-receiver", field="gift_to") from error
