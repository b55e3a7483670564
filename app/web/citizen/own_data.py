"""What Civis knows about a person, what they allow, who looked, and where they are signed in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from app.acting import covered_by
from app.actions.imports import links
from app.config import LANGUAGES
from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity import service as identity
from app.identity.age_asked import check_may_agree, may_say
from app.identity.ages import AgeBand
from app.identity.mandates.models import Act
from app.identity.models import SignInSession
from app.identity.openid import service as openid
from app.identity.schemas import MeChanges
from app.paging import page as page_of
from app.privacy import consents
from app.privacy.models import AccessRecord
from app.privacy.notices import OPERATOR, purposes
from app.privacy.service import Actor, Look, accesses_to, looks
from app.rights.api.own import download
from app.rights.disclosures import check_recipient
from app.security import principal, requires, requires_step_up
from app.web import formats, forms
from app.web.citizen import own_data_words as words
from app.web.citizen import own_wallet
from app.web.citizen.me import blueprint
from app.web.citizen.permissions import purposes_of
from app.web.entering.openid_provider import provider
from app.web.entering.passkeys import passkey_view
from app.web.shell import LANGUAGE_NAMES, page, to
from app.web.words import locale

LOOKS = 20


@blueprint.get("/me/data")
@requires()
def data() -> Response:
    return _data(None)


def _data(problem: Problem | None) -> Response:
    session, caller = db_session(), principal()
    wanted, told = accesses_to(caller.person_id), purposes_of(caller.person_id)
    rows, cursor = page_of(
        session, wanted, key=AccessRecord.id, cursor=request.args.get("cursor"), limit=LOOKS
    )
    return page(
        "me/data.html",
        problem=problem,
        known=known(caller.person_id, "own_data", Actor.subject(caller.person_id)),
        provider_linked=openid.linked(session, caller.person_id) is not None,
        wallet=own_wallet.shown(caller.person_id),
        languages=[(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
        asked=[one for one in told if one.asked and one.shown],
        told=[one for one in told if not one.asked],
        looks=[look_shown(one) for one in looks(session, caller.person_id, rows)],
        next_url=url_for("me.data", cursor=cursor, _anchor="looks") if cursor else None,
        passkeys=passkey_view(caller),
        sessions=[_sign_in(row) for row in identity.sessions_of(session, caller.person_id, now())],
    )


def known(person_id: UUID, purpose: str, actor: Actor) -> SimpleNamespace:
    found = identity.person(db_session(), person_id)
    return SimpleNamespace(
        email=identity.email_of(db_session(), person_id, purpose=purpose, actor=actor),
        level=str(words.LEVEL[found.identity_level]),
        age=str(words.AGE[found.age_band]) if found.age_band else "",
        child=found.age_band is AgeBand.UNDER_15,
        ask_age=may_say(db_session(), found, now()),
        language=found.language,
        since=formats.day(found.created_at.astimezone(formats.here()).date()),
    )


def look_shown(row: Look) -> SimpleNamespace:
    purpose = purposes().get(row.purpose)
    return SimpleNamespace(
        when=formats.moment(row.at),
        who=words.who(row.actor_role),
        what=words.what(row.resource, row.fields),
        why=purpose.texts[locale()]["title"] if purpose else row.purpose,
    )


def _sign_in(row: SignInSession) -> SimpleNamespace:
    return SimpleNamespace(
        id=row.id,
        kind=str(words.KIND[row.kind]),
        own=row.id == principal().session_id,
        since=formats.moment(row.created_at),
        seen=formats.moment(row.last_seen_at),
    )


@blueprint.post("/me/data/language")
@requires()
@idempotent
def speak() -> Response:
    """The language that letters come in."""
    try:
        chosen: dict[str, Any] = forms.load(MeChanges, forms.given("language"))
        identity.set_language(db_session(), principal().person_id, chosen["language"])
    except Problem as problem:
        db_session().rollback()
        return _data(problem)
    return to("me.data")


@blueprint.post("/me/data/consents")
@requires()
@idempotent
def choose_consent() -> Response:
    """A yes or a no to one purpose, in one tap, to exactly the notice that was shown."""
    try:
        _decide(principal().person_id)
    except Problem as problem:
        db_session().rollback()
        return _data(problem)
    return to("me.data", _anchor="permissions")


def _decide(person: UUID) -> None:
    """Records the form's yes or no. Raises Problem."""
    form, record = request.form, consents.refuse_consent
    purpose, shown = form.get("purpose", ""), form.get("notice_version", "")
    recipient = form.get("recipient", OPERATOR)
    if form.get("given") == "yes":
        check_may_agree(db_session(), person)
        check_recipient(db_session(), purpose, recipient, now())
        record = consents.give_consent
    record(db_session(), person, purpose, recipient, now(), notice_version=shown, language=locale())


@blueprint.post("/me/data/export")
@requires()
@covered_by(Act.EXPORT, noted=False)
def take_along() -> ResponseReturnValue:
    """A form, so that the way over the page of proof comes back to it."""
    return cast("ResponseReturnValue", download())


@blueprint.post("/me/data/consents/withdrawal")
@requires()
@idempotent
def withdraw_consent() -> Response:
    """One tap: the next use is refused; a partner's link ends with it."""
    purpose, recipient = request.form.get("purpose", ""), request.form.get("recipient", "")
    links.end_consent(db_session(), principal().person_id, purpose, recipient, now())
    return to("me.data", _anchor="permissions")


@blueprint.post("/me/data/sessions/<uuid:session_id>/end")
@requires()
@idempotent
def end_session(session_id: UUID) -> Response:
    identity.end_own_session(db_session(), session_id, principal().person_id, now())
    return to("me.data", _anchor="sessions")


@blueprint.post("/me/data/sessions/others/end")
@requires()
@idempotent
def end_other_sessions() -> Response:
    caller = principal()
    identity.end_other_sessions(db_session(), caller.person_id, caller.session_id, now())
    return to("me.data", _anchor="sessions")


@blueprint.post("/me/data/openid/end")
@requires()
@requires_step_up
@idempotent
def openid_unlink() -> Response:
    name = provider().settings.name
    openid.unlink(db_session(), principal().person_id, name, now())
    return to("me.data", _anchor="sessions")
