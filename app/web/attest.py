"""The clerk's counter: who stands there, what they did, how much; signed in the clerk's browser."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from app.actions import review
from app.actions.attestation import Signed, open_visit, record_by_attester
from app.actions.keys import ask_key as ask
from app.actions.keys import certificate_of, certify_key, key_of
from app.actions.models import Action
from app.actions.recording import Doer
from app.chain import typed
from app.context import db_session, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.accounts import account_for
from app.identity.models import KeyCustody, Organisation, Role
from app.identity.presence import identify_by_code
from app.impact.catalogue import catalogue
from app.json_depth import check_depth
from app.privacy.service import Actor
from app.rewards.authenticate import Money
from app.rewards.models import Programme
from app.rewards.terms import terms_of
from app.security import principal, requires
from app.web import deed_lists, tour_state
from app.web.counter import counter, own_organisation, visit_of
from app.web.parts import attesters_domain, signer, typed_address
from app.web.shell import to

blueprint = Blueprint("attest", __name__)


@blueprint.get("/attest")
@requires(Role.ATTESTER)
def home() -> Response:
    done = request.args.get("done", "")
    return counter(None, done=UUID(done) if done else None, visit=request.args.get("visit"))


@blueprint.post("/attest/citizen")
@requires(Role.ATTESTER)
def identify() -> Response:
    session, clerk, at = db_session(), principal(), now()
    organisation = own_organisation()
    try:
        programme = deed_lists.running_programme(session, now())
        if programme is None:
            raise Problem("programme-not-running")  # noqa: TRY301
        person = identify_by_code(
            session,
            organisation.id,
            request.form.get("short_number", ""),
            request.form.get("time_code", ""),
            at,
            by=Actor(clerk.person_id, Role.ATTESTER.value),
        )
        visit = open_visit(
            session,
            person_id=person,
            organisation=organisation,
            clerk_id=clerk.person_id,
            programme_id=programme.id,
            now=at,
        )
    except Problem as problem:
        session.commit() if problem.keep else session.rollback()  # a wrong code uses up a try
        return counter(problem)
    return to("attest.home", visit=visit.subject.hex())


@blueprint.post("/attest")
@requires(Role.ATTESTER)
@idempotent
def certify() -> Response:
    ticket = request.form.get("ticket", "")
    try:
        action = _record(ticket)
    except Problem as problem:
        db_session().rollback()
        return counter(problem, visit=ticket)
    tour_state.mark("deed")
    return to("attest.home", done=action.id)


def _record(ticket: str) -> Action:
    session, clerk, at = db_session(), principal().person_id, now()
    visit = visit_of(ticket, clerk, at)
    programme = session.get_one(Programme, visit.programme_id)
    account = account_for(session, visit.person_id, programme.id, signer=signer(), now=at)
    return record_by_attester(
        session,
        terms=terms_of(session, programme, at),
        catalogue=catalogue(),
        domain=attesters_domain(),
        organisation=own_organisation(),
        clerk_id=clerk,
        doer=Doer(visit.person_id, account.address),
        statement=_statement(),
        confirmed_unusual=request.form.get("confirmed_unusual") == "yes",
        now=at,
        valuer=Money(catalogue()).value,
    )


def _statement() -> Signed[typed.Attestation]:
    """What the browser signed. Raises Problem statement-unreadable."""
    try:
        text = request.form.get("statement", "")
        check_depth(text)
        said = json.loads(text)
        struct = typed.Attestation(
            programme_id=_bytes(said["programmeId"]),
            attester=str(said["attester"]),
            subject=_bytes(said["subject"]),
            action_type_id=int(said["actionTypeId"]),
            action_type_version=int(said["actionTypeVersion"]),
            quantity=int(said["quantity"]),
            deed_at=int(said["deedAt"]),
            nonce=_bytes(said["nonce"]),
        )
        return Signed(struct, _bytes(request.form.get("signature", "")))
    except (ValueError, KeyError, TypeError) as error:
        raise Problem("statement-unreadable", field="statement") from error


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


@blueprint.post("/attest/undo/<uuid:action_id>")
@requires(Role.ATTESTER)
@idempotent
def undo(action_id: UUID) -> Response:
    review.undo(
        db_session(),
        action_id=action_id,
        by=principal().person_id,
        now=now(),
        unvaluer=Money(catalogue()).give_back,
    )
    return to("attest.home")


@blueprint.post("/attest/key")
@requires(Role.ATTESTER)
def ask_key() -> Response:
    """This browser's key asks for its certificate; a server-held organisation key gives it."""
    organisation, at = own_organisation(), now()
    address = typed_address(request.form.get("address", ""))
    key = ask(
        db_session(),
        organisation=organisation,
        person_id=principal().person_id,
        address=address,
        scope=[],
        now=at,
    )
    if organisation.key_custody is KeyCustody.SERVER and services().settings.demo:
        _certify_by_server(key.address, organisation, at)
    return jsonify({"state": "certified" if key.certificate_signature else "asked"})


def _certify_by_server(address: str, organisation: Organisation, at: datetime) -> None:
    """The demo's organisations leave their key with the server, which the figures say."""
    certificate = certificate_of(key_of(db_session(), address, organisation), organisation)
    signature = signer().sign_statement(str(organisation.key_address), certificate)
    certify_key(
        db_session(),
        address=address,
        organisation=organisation,
        signature=signature,
        domain=attesters_domain(),
        now=at,
    )
