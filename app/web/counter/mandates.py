"""Representatives of whoever stands at the counter: named, ended, a guardianship objected to; and
their age band, asked again."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from app.context import db_session, now
from app.idempotency import idempotent
from app.identity.cards.models import CounterVisit
from app.identity.mandates.at_counter import end_at_counter, name_at_counter
from app.identity.mandates.schemas import NewObjection
from app.identity.models import Role
from app.rights import counter_acts
from app.security import requires
from app.web import forms
from app.web.citizen.own_age import typed
from app.web.counter.rights_acts import done, named
from app.web.counter.visits import blueprint
from app.web.parts import signer
from app.web.shell import to
from app.web.telling import mandate_words
from app.web.words import gettext as _


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/representatives")
@requires(Role.OFFICER)
@idempotent
def name_representative(visit_id: UUID) -> Response:
    """Paying only with the card shown and its PIN, which the holder types."""

    def do(visit: CounterVisit) -> None:
        form = request.form
        said = form.get("email", ""), mandate_words.typed_scope(), form.get("pin", "")
        name_at_counter(db_session(), visit, *said, signer=signer(), now=now())

    return done(visit_id, do, _("Named. They must accept; a letter asks them."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/representatives/end")
@requires(Role.OFFICER)
@idempotent
def end_mandate(visit_id: UUID) -> Response:
    def do(visit: CounterVisit) -> None:
        end_at_counter(db_session(), visit, named("mandate_id"), now=now())

    return done(visit_id, do, _("Ended: nobody acts under it any more."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/representatives/objection")
@requires(Role.OFFICER)
@idempotent
def object_to_guardian(visit_id: UUID) -> Response:
    def do(visit: CounterVisit) -> None:
        said = forms.load(NewObjection, forms.given("text"))
        which, at = named("mandate_id"), now()
        counter_acts.object_to_guardian(db_session(), visit, which, said["text"], at)

    return done(visit_id, do, _("Asked. A person answers within a month; read it here."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/age")
@requires(Role.OFFICER)
@idempotent
def say_age_here(visit_id: UUID) -> Response:
    """The band, asked for the first time, or again when its month has come."""

    def do(visit: CounterVisit) -> None:
        band, month = typed()
        counter_acts.say_their_age(db_session(), visit, band, month, now())

    return done(visit_id, do, _("Noted, as they said it."))


@blueprint.get("/counter/visits/<uuid:visit_id>/rights/age")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/representatives")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/representatives/end")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/representatives/objection")
@requires(Role.OFFICER)
def after_mandates(visit_id: UUID) -> Response:
    """Whoever reloads the answer to a form, or signs in on its way, sees the page."""
    return to("counter.rights", visit_id=visit_id)
