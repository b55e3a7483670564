"""What an officer does on the word of whoever stands there: their permissions, requests, papers.

Each act says who entered it: the event of a consent, the journal of a request, the block.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, request

from app.actions import review
from app.actions.api.schemas import NewAppeal
from app.actions.imports import links
from app.context import db_session, now
from app.errors import NotFound, Problem
from app.idempotency import idempotent
from app.identity import counter
from app.identity import service as identity
from app.identity.api.cards import own_visit
from app.identity.block_models import BlockChannel
from app.identity.cards.models import CounterVisit
from app.identity.cards.schemas import SeenPapers
from app.identity.models import Role
from app.identity.papers import see_papers
from app.identity.schemas import MeChanges
from app.privacy.consent_steps import at_counter
from app.recovery import blocks, cases
from app.recovery.models import Recovery
from app.rights import requests
from app.rights.models import RequestKind
from app.rights.schemas import NewRequest
from app.security import requires
from app.web import forms, own_data
from app.web.card_counter import blueprint
from app.web.counter_rights import show_rights
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


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/consents")
@requires(Role.OFFICER)
@idempotent
def decide(visit_id: UUID) -> Response:
    """A yes, a no, or the end of a yes."""

    def do(visit: CounterVisit) -> None:
        ends = request.form.get("given") == "end"
        if not ends:
            counter.check_shown(visit)
        record = own_data.withdraw if ends else own_data.decide
        record(visit.person_id, at_counter(visit.officer_id))

    return done(visit_id, do, _("Noted, as they said it."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/partners")
@requires(Role.OFFICER)
@idempotent
def link_partner(visit_id: UUID) -> Response:
    """A yes to one partner, and the code on paper that shows it to them."""
    try:
        visit, partner = own_visit(visit_id), named("organisation_id")
        counter.check_shown(visit)
        code, _ends = links.make_code(
            db_session(),
            person_id=visit.person_id,
            organisation_id=partner,
            now=now(),
            notice_version=request.form.get("notice_version", ""),
            language=locale(),
            by=at_counter(visit.officer_id),
            parent_agrees=request.form.get("parent_agrees") == "yes",
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
        said = forms.load(NewRequest, given)
        kind, person, by = RequestKind(said.pop("kind")), visit.person_id, visit.officer_id
        requests.ask(db_session(), person, kind, **said, by=by, now=now())

    return done(visit_id, do, _("Asked. A person answers within a month; read it here."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/requests/withdrawal")
@requires(Role.OFFICER)
@idempotent
def take_back(visit_id: UUID) -> Response:
    def do(visit: CounterVisit) -> None:
        person, by = visit.person_id, visit.officer_id
        requests.withdraw(db_session(), named("request_id"), person_id=person, by=by, now=now())

    return done(visit_id, do, _("Taken back."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/restriction/end")
@requires(Role.OFFICER)
@idempotent
def let_go_on(visit_id: UUID) -> Response:
    def do(visit: CounterVisit) -> None:
        requests.end_restriction(db_session(), visit.person_id, now(), by=visit.officer_id)

    return done(visit_id, do, _("The uses go on."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/appeals")
@requires(Role.OFFICER)
@idempotent
def appeal(visit_id: UUID) -> Response:
    """Against the refusal of a deed; another person decides."""

    def do(visit: CounterVisit) -> None:
        said, person = forms.load(NewAppeal, forms.given("text")), visit.person_id
        review.appeal(
            db_session(), action_id=named("action_id"), person_id=person, **said, now=now()
        )

    return done(visit_id, do, _("Objected. A person of the city decides and answers."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/block")
@requires(Role.OFFICER)
@idempotent
def block_wallet(visit_id: UUID) -> Response:
    """Cards, telephone and sign-in alike: nothing is paid for 72 hours."""

    def do(visit: CounterVisit) -> None:
        how, by = BlockChannel.COUNTER, visit.officer_id
        blocks.block_wallet(db_session(), visit.person_id, channel=how, by=by, now=now())

    return done(visit_id, do, _("Blocked for 72 hours. Another officer can lift it before."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/objection")
@requires(Role.OFFICER)
@idempotent
def stop_recovery(visit_id: UUID) -> Response:
    """It wasn't they who asked for their account to be given back."""

    def do(visit: CounterVisit) -> None:
        case = db_session().get(Recovery, named("case_id"))
        if case is None or case.person_id != visit.person_id:
            raise NotFound
        cases.contest(db_session(), case.id, by=visit.officer_id, now=now())

    return done(visit_id, do, _("Stopped. Two other officers decide."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/language")
@requires(Role.OFFICER)
@idempotent
def speak(visit_id: UUID) -> Response:
    """The language that letters come in."""

    def do(visit: CounterVisit) -> None:
        chosen = forms.load(MeChanges, forms.given("language"))
        identity.set_language(db_session(), visit.person_id, chosen["language"])

    return done(visit_id, do, _("Letters come in this language."))


@blueprint.post("/counter/visits/<uuid:visit_id>/rights/papers")
@requires(Role.OFFICER)
@idempotent
def papers(visit_id: UUID) -> Response:
    """Names and birth date go into a keyed hash and an age band, and are kept nowhere."""

    def do(visit: CounterVisit) -> None:
        names = ("family_name", "given_names", "born")
        said = forms.load(SeenPapers, forms.given(*names))
        parent = request.form.get("parent_agrees") == "yes"
        see_papers(db_session(), visit, **said, parent_agrees=parent, now=now())

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
