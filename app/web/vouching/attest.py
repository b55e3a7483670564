"""The clerk's counter: who stands there, what they did, how much; signed in the clerk's browser."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError

from app.actions.api.schemas import SignedAttestation
from app.actions.attestation import Signed, open_visit
from app.actions.keys import ask_key as ask
from app.actions.keys import certificate_of, certify_key, key_of
from app.actions.models import Action
from app.chain import typed
from app.context import db_session, now, services
from app.error_answers import from_database
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.cards.service import identify_by_card
from app.identity.models import KeyCustody, Organisation, Role
from app.identity.presence import identify_by_code
from app.identity.stations.models import StationStatementKind as Said
from app.identity.stations.shifts import note_statement
from app.json_depth import check_depth
from app.privacy.service import Actor
from app.rewards.valuing import deeds
from app.security import principal, requires
from app.web.parts import attesters_domain, signer, typed_address
from app.web.shell import to
from app.web.telling import deed_lists
from app.web.vouching.clerk_view import counter, own_organisation, tour_code
from app.web.welcome import tour_deed, tour_state

blueprint = Blueprint("attest", __name__)
_SIGNED = SignedAttestation()


@blueprint.get("/attest")
@requires(Role.ATTESTER)
def home() -> Response:
    asked = request.args
    done, again = _id(asked.get("done")), asked.get("again")
    try:
        return counter(None, done=done, visit=asked.get("visit"), again=again)
    except Problem as problem:  # their ten minutes are over: a page left open, or an old link
        return counter(problem, done=done, again=again)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None  # an address typed by hand: the page without it


@blueprint.post("/attest/citizen")
@requires(Role.ATTESTER)
def identify() -> Response:
    session, clerk, at = db_session(), principal(), now()
    organisation = own_organisation()
    try:
        programme = deed_lists.running_programme(session, now())
        if programme is None:
            raise Problem("programme-not-running")  # noqa: TRY301
        person = _stands_there(organisation.id, Actor(clerk.person_id, Role.ATTESTER.value), at)
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


def _stands_there(organisation: UUID, clerk: Actor, at: datetime) -> UUID:
    """By the card that was shown, else by the telephone's two numbers. Raises Problem."""
    session, form = db_session(), request.form
    if form.get("card_number", "").strip():
        return identify_by_card(session, organisation, form["card_number"], at, by=clerk)
    number, code = form.get("short_number", ""), form.get("time_code", "")
    if form.get("tour") and (told := tour_code(at)):  # the code of now, however old the page
        number, code = told.short_number, told.time_code
    return identify_by_code(session, organisation, number, code, at, by=clerk)


@blueprint.post("/attest")
@requires(Role.ATTESTER)
@idempotent
def certify() -> Response:
    ticket = request.form.get("ticket", "")
    try:
        action = _record()
    except (Problem, IntegrityError) as error:
        db_session().rollback()
        return _refused(error, ticket)
    note_statement(db_session(), principal(), Said.ATTESTATION, str(action.id), now())
    tour_state.mark("deed")
    tour_deed.remember(db_session(), action, now())
    return to("attest.home", done=action.id, again=ticket)


def _refused(error: Problem | IntegrityError, ticket: str) -> Response:
    """The same person still stands there, unless it is this which is over."""
    problem = from_database(error) if isinstance(error, IntegrityError) else error
    if problem is None:
        raise error
    try:
        return counter(problem, visit=ticket)
    except Problem as over:
        return counter(over)


def _record() -> Action:
    return deeds.attest(
        db_session(),
        _statement(),
        organisation_id=own_organisation().id,
        clerk_id=principal().person_id,
        confirmed_unusual=request.form.get("confirmed_unusual") == "yes",
        domain=attesters_domain(),
        wallets=signer(),
        now=now(),
    )


def _statement() -> Signed[typed.Attestation]:
    """What the browser signed, by the API's own schema. Raises Problem statement-unreadable."""
    try:
        text = request.form.get("statement", "")
        check_depth(text)
        said = {"statement": json.loads(text), "signature": request.form.get("signature", "")}
        read = _SIGNED.load(said)
        return Signed(typed.Attestation(**read["statement"]), read["signature"])
    except (ValueError, ValidationError) as error:
        raise Problem("statement-unreadable", field="statement") from error


@blueprint.post("/attest/undo/<uuid:action_id>")
@requires(Role.ATTESTER)
@idempotent
def undo(action_id: UUID) -> Response:
    """The person still stands there: what was meant can be typed at once."""
    caller = principal()
    deeds.undo(db_session(), action_id, by=caller.person_id, at=caller.workplace, now=now())
    return to("attest.home", visit=request.form.get("again") or None)


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
