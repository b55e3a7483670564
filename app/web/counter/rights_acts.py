"""What an officer does on the word of whoever stands there: their permissions, requests, papers.

Each act says who entered it: the event of a consent, the journal of a request, the block.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, request

from app.actions.api.appeal_schemas import NewAppeal
from app.context import db_session, now
from app.errors import NotFound, Problem
from app.idempotency import idempotent
from app.identity.api.cards import own_visit
from app.identity.cards.models import CounterVisit
from app.identity.cards.schemas import SeenPapers
from app.identity.models import Role
from app.identity.papers import see_papers
from app.identity.schemas import MeChanges
from app.privacy.notices import OPERATOR
from app.rights import counter_acts
from app.rights.models import RequestKind
from app.rights.schemas import NewRequest
from app.security import requires
from app.web import forms
from app.web.counter.rights import show_rights
from app.web.counter.visits import blueprint
from app.web.shell import to
from app.web.words import gettext as _
from app.web.words import locale


def done(visit_id: UUID, do: Callable[[CounterVisit], None], words: str) -> Response:
    """Does it and says so, or shows why not. A counted try stays counted."""
    try:
        do(own_visit(visit_id))
    except Problem as problem:
        session = db_session()
        session.commit() if problem.keep else session.rollback()
        return show_rights(visit_id, problem)
    flash(words, "success")
    return to("counter.rights", visit_id=visit_id)


def named(field: str) -> UUID:
    """The id that a button of the page sends. Raises NotFound."""
    try:
        return UUID(request.form.get(field, ""))
    except ValueError as error:
        raise NotFound from error


def _parent_agrees() -> bool:
    return request.form.get("parent_agrees") == "yes"


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/consents")
@requires(Role.OFFICER)
@idempotent
def decide(visit_id: UUID) -> Response:
    """A yes, a no, or the end of a yes."""

    def do(visit: CounterVisit) -> None:
        form, session, purpose = request.form, db_session(), request.form.get("purpose", "")
        if form.get("given") == "end":
            counter_acts.end_consent(session, visit, purpose, form.get("recipient", ""), now())
            return
        counter_acts.decide(
            session,
            visit,
            purpose,
            given=form.get("given") == "yes",
            recipient=form.get("recipient", OPERATOR),
            notice_version=form.get("notice_version", ""),
            language=locale(),
            parent_agrees=_parent_agrees(),
            now=now(),
        )

    return done(visit_id, do, _("Noted, as they said it."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/partners")
@requires(Role.OFFICER)
@idempotent
def link_partner(visit_id: UUID) -> Response:
    """A yes to one partner, and the code on paper that shows it to them."""
    try:
        visit, partner = own_visit(visit_id), named("organisation_id")
        code, _ends = counter_acts.link_partner(
            db_session(),
            visit,
            partner,
            notice_version=request.form.get("notice_version", ""),
            language=locale(),
            parent_agrees=_parent_agrees(),
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return show_rights(visit_id, problem)
    return show_rights(visit_id, None, code=code, coded=partner)


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/requests")
@requires(Role.OFFICER)
@idempotent
def ask(visit_id: UUID) -> Response:
    def do(visit: CounterVisit) -> None:
        given = forms.given("kind", "text")
        if given.get("kind") == RequestKind.OBJECTION.value:
            given |= forms.given("purpose")
        counter_acts.ask(db_session(), visit, forms.load(NewRequest, given), now())

    return done(visit_id, do, _("Asked. A person answers within a month; read it here."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/requests/withdrawal")
@requires(Role.OFFICER)
@idempotent
def take_back(visit_id: UUID) -> Response:
    def do(visit: CounterVisit) -> None:
        counter_acts.take_back(db_session(), visit, named("request_id"), now())

    return done(visit_id, do, _("Taken back."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/restriction/end")
@requires(Role.OFFICER)
@idempotent
def let_go_on(visit_id: UUID) -> Response:
    def do(visit: CounterVisit) -> None:
        counter_acts.end_restriction(db_session(), visit, now())

    return done(visit_id, do, _("The uses go on."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/appeals")
@requires(Role.OFFICER)
@idempotent
def appeal(visit_id: UUID) -> Response:
    """Against the refusal of a deed; another person decides."""

    def do(visit: CounterVisit) -> None:
        said = forms.load(NewAppeal, forms.given("text"))
        counter_acts.appeal(db_session(), visit, named("action_id"), said["text"], now())

    return done(visit_id, do, _("Objected. A person of the city decides and answers."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/block")
@requires(Role.OFFICER)
@idempotent
def block_wallet(visit_id: UUID) -> Response:
    """Cards, telephone and sign-in alike: nothing is paid for 72 hours."""

    def do(visit: CounterVisit) -> None:
        counter_acts.block_wallet(db_session(), visit, now())

    return done(visit_id, do, _("Blocked for 72 hours. Another officer can lift it before."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/objection")
@requires(Role.OFFICER)
@idempotent
def stop_recovery(visit_id: UUID) -> Response:
    """It wasn't they who asked for their account to be given back."""

    def do(visit: CounterVisit) -> None:
        counter_acts.stop_recovery(db_session(), visit, named("case_id"), now())

    return done(visit_id, do, _("Stopped. Two other officers decide."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/language")
@requires(Role.OFFICER)
@idempotent
def speak(visit_id: UUID) -> Response:
    """The language that letters come in."""

    def do(visit: CounterVisit) -> None:
        chosen = forms.load(MeChanges, forms.given("language"))
        counter_acts.set_language(db_session(), visit, chosen["language"])

    return done(visit_id, do, _("Letters come in this language."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/papers")
@requires(Role.OFFICER)
@idempotent
def papers(visit_id: UUID) -> Response:
    """Names and birth date go into a keyed hash and an age band, and are kept nowhere."""

    def do(visit: CounterVisit) -> None:
        names = ("family_name", "given_names", "born")
        said = forms.load(SeenPapers, forms.given(*names))
        see_papers(db_session(), visit, **said, parent_agrees=_parent_agrees(), now=now())

    return done(visit_id, do, _("Their papers are checked; nothing of them is kept in clear."))


@blueprint.get("/counter/visits/<uuid:visit_id>/rights/consents")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/partners")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/requests")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/requests/withdrawal")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/restriction/end")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/appeals")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/block")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/objection")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/language")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/papers")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/export")
@blueprint.get("/counter/visits/<uuid:visit_id>/rights/closing")
@requires(Role.OFFICER)
def after_rights(visit_id: UUID) -> Response:
    """Whoever reloads the answer to a form, or proves who they are on its way, sees the page."""
    return to("counter.rights", visit_id=visit_id)
