"""Requests for people's data for a study: a partner or an officer asks, an officer decides."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from sqlalchemy.orm import Session

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity import service as identity
from app.identity.models import Role
from app.paging import page as page_of
from app.privacy.notices import OPERATOR, purpose_named, register
from app.rights import disclosures
from app.rights.api.disclosures import new_disclosure, own_recipient
from app.rights.disclosure_models import Disclosure, DisclosureState
from app.rights.disclosure_schemas import NewDisclosure
from app.security import principal, requires
from app.web import formats, forms
from app.web.citizen import own_data_words
from app.web.shell import page, to
from app.web.words import lazy_gettext as _l
from app.web.words import locale

blueprint = Blueprint("disclosures", __name__)
STATES = {
    DisclosureState.ASKED: _l("waits for an officer"),
    DisclosureState.ADMITTED: _l("people are asked"),
    DisclosureState.REFUSED: _l("refused"),
    DisclosureState.ENDED: _l("ended"),
}
_OPEN = (DisclosureState.ASKED, DisclosureState.ADMITTED)
SHOWN = 20


def recipient_name(session: Session, found: Disclosure) -> str:
    if found.organisation_id is None:
        return str(own_data_words.OPERATOR)
    return identity.organisation_by_id(session, found.organisation_id).name


@blueprint.get("/disclosures")
@requires(Role.OFFICER, Role.PARTNER)
def home() -> Response:
    return _home(None)


def _home(problem: Problem | None) -> Response:
    session, recipient = db_session(), own_recipient()
    rows, cursor = page_of(
        session, disclosures.listed(None if recipient == OPERATOR else recipient),
        key=Disclosure.id, cursor=request.args.get("cursor"), limit=SHOWN,
    )  # fmt: skip
    return page(
        "disclosures/home.html",
        problem=problem,
        officer=recipient == OPERATOR,
        form=request.form,
        wanted=request.form.getlist("fields"),
        purposes=[
            (one, purpose_named(one).texts[locale()]["title"]) for one in disclosures.PURPOSES
        ],
        kinds=[(name, said[locale()]) for name, said in register()["data"].items()],
        rows=[_shown(row, recipient) for row in rows],
        next_url=url_for("disclosures.home", cursor=cursor) if cursor else None,
    )


def _shown(row: Disclosure, recipient: str) -> SimpleNamespace:
    officer, kinds = recipient == OPERATOR, register()["data"]
    return SimpleNamespace(
        id=row.id,
        who=recipient_name(db_session(), row),
        study=row.study,
        purpose=purpose_named(row.purpose).texts[locale()]["title"],
        fields=", ".join(kinds[name][locale()] for name in row.fields),
        beyond=", ".join(
            kinds[name][locale()]
            for name in row.fields
            if name not in purpose_named(row.purpose).data
        ),
        state=str(STATES[row.state]),
        asked=formats.moment(row.asked_at),
        until=formats.moment(row.until) if row.until else "",
        to_decide=officer
        and row.state is DisclosureState.ASKED
        and row.asked_by != principal().person_id,
        may_end=row.state in _OPEN,
        reads=row.state is DisclosureState.ADMITTED and row.recipient == recipient,
    )


@blueprint.post("/disclosures")
@requires(Role.OFFICER, Role.PARTNER)
@idempotent
def ask() -> Response:
    try:
        said = forms.given("purpose", "study")
        given = {**said, "recipient": own_recipient(), "fields": request.form.getlist("fields")}
        new_disclosure(forms.load(NewDisclosure, given))
    except Problem as problem:
        db_session().rollback()
        return _home(problem)
    return to("disclosures.home")


@blueprint.post("/disclosures/<uuid:disclosure_id>")
@requires(Role.OFFICER)
@idempotent
def decide(disclosure_id: UUID) -> Response:
    """An officer's yes or no."""
    admitted, by = request.form.get("decision") == "admit", principal().person_id
    try:
        disclosures.decide(db_session(), disclosure_id, admitted=admitted, by=by, now=now())
    except Problem as problem:
        db_session().rollback()
        return _home(problem)
    return to("disclosures.home")


@blueprint.post("/disclosures/<uuid:disclosure_id>/end")
@requires(Role.OFFICER, Role.PARTNER)
@idempotent
def end(disclosure_id: UUID) -> Response:
    recipient = own_recipient()
    whose = None if recipient == OPERATOR else recipient
    disclosures.end(db_session(), disclosure_id, recipient=whose)
    return to("disclosures.home")
