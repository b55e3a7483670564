"""What a person agreed to, and who looked at their data."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from app.actions.imports import links
from app.context import db_session, language, now
from app.idempotency import idempotent
from app.identity.age_asked import check_may_agree
from app.openapi import answers, body, query
from app.paging import PageQuery, page
from app.privacy import consents
from app.privacy.models import AccessRecord, Consent
from app.privacy.notices import Purpose, purposes, register
from app.privacy.schemas import AccessesOut, ConsentChoice, ConsentEnd, ConsentOut, ConsentsOut
from app.privacy.service import accesses_to, looks
from app.rights.disclosures import check_recipient
from app.security import principal, requires

blueprint = Blueprint("privacy_api", __name__, url_prefix="/api/v1/me")


@blueprint.get("/consents")
@requires()
@answers(ConsentsOut)
def list_consents() -> dict[str, Any]:
    """Every purpose with its notice in force, and what the person agreed to or refused."""
    spoken = language()
    return {
        "purposes": [_described(purpose, spoken) for purpose in purposes().values()],
        "consents": consents.consents_of(db_session(), principal().person_id),
    }


@blueprint.post("/consents")
@requires()
@idempotent
@body(ConsentChoice)
@answers(ConsentOut, status=201)
def choose_consent(body: dict[str, Any]) -> Consent:
    """A yes or a no to exactly the notice that was shown; a no ends an earlier yes."""
    person_id, at = principal().person_id, now()
    record = consents.give_consent if body["given"] else consents.refuse_consent
    version = body["notice_version"]
    purpose, recipient = body["purpose"], body["recipient"]
    if body["given"]:
        check_may_agree(db_session(), person_id)
        check_recipient(db_session(), purpose, recipient, at)
    else:
        links.end_consent(db_session(), person_id, purpose, recipient, at)
    shown = {"notice_version": version, "language": language()}
    return record(db_session(), person_id, purpose, recipient, at, **shown)


@blueprint.post("/consents/withdrawals")
@requires()
@idempotent
@body(ConsentEnd)
@answers(None, status=204)
def end_consent(body: dict[str, Any]) -> None:
    """Ends a consent, and a partner's link with it; the next use is refused. Without one, nothing
    happens."""
    person_id = principal().person_id
    links.end_consent(db_session(), person_id, body["purpose"], body["recipient"], now())


@blueprint.get("/accesses")
@requires()
@query(PageQuery)
@answers(AccessesOut)
def list_accesses(query: dict[str, Any]) -> dict[str, Any]:
    """Who else read the person's data, what, and what for; newest first."""
    session, own = db_session(), principal().person_id
    rows, cursor = page(session, accesses_to(own), key=AccessRecord.id, **query)
    return {"items": looks(session, own, rows), "next_cursor": cursor}


def _described(purpose: Purpose, spoken: str) -> dict[str, Any]:
    words = purpose.texts[spoken]
    return {
        "id": purpose.id,
        "notice_version": purpose.version,
        "basis": purpose.basis,
        "asks_consent": purpose.needs_consent,
        "title": words["title"],
        "text": words["text"],
        "data": [register()["data"][kind][spoken] for kind in purpose.data],
        "recipients": [register()["recipients"][kind][spoken] for kind in purpose.recipients],
        "retention": purpose.retention[spoken],
        "valid_days": purpose.valid_days,
    }
