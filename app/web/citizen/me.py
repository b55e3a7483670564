"""The citizen's own pages: balance, what is coming, deeds, the code, appeals."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request, url_for

from app.acting import covered_by, reader
from app.actions import review
from app.actions.api.appeal_schemas import NewAppeal
from app.actions.models import Action
from app.actions.recording import Deed
from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity import service as identity
from app.identity.accounts import accounts_of
from app.identity.age_asked import asks
from app.identity.mandates.models import Act
from app.identity.models import Role
from app.impact.catalogue import catalogue
from app.merchants.queries import payments_of_person
from app.rewards.models import Programme
from app.rewards.money.ledger import owned
from app.rewards.valuing import deeds as money_deeds
from app.rewards.valuing.terms import rules_in_force
from app.security import principal, requires
from app.web import formats, forms
from app.web.citizen.ideas import ideas
from app.web.parts import available_of, own_keys, signer, standing_still, to_another_key
from app.web.public.dashboard import progress
from app.web.shell import page, to
from app.web.telling import deed_lists, deeds
from app.web.telling.coming import coming_lines
from app.web.telling.endings_view import endings_of
from app.web.telling.owed_words import owed_lines
from app.web.telling.payment_view import shown as payment_shown
from app.web.words import locale

blueprint = Blueprint("me", __name__)
PAYMENTS = 5
_NUMBER = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,6})?")


@blueprint.get("/me")
@requires(Role.CITIZEN)
@covered_by(Act.SEE, sees=["balance", "deeds", "payments"])
def home() -> Response:
    session, person, at = db_session(), principal().whose, now()
    rows, cursor = deed_lists.own(session, person, request.args.get("cursor"))
    return page(
        "me/home.html",
        ask_age="" if principal().acting else asks(session, identity.person(session, person), at),
        balance_cents=available_of(person),
        shops=deed_lists.shops_of(session, person),
        last_day=_last_day(person),
        own_keys=own_keys(person),
        announced=to_another_key(person),
        still=standing_still(person),
        endings=endings_of(session, person, at),
        owed=owed_lines(session, person),
        coming=coming_lines(session, person, at),
        actions=[deeds.shown(one, at) for one in sorted(rows, key=_done_at, reverse=True)],
        next_url=url_for("me.home", cursor=cursor) if cursor else None,
        progress=progress(session.connection()),
        ideas=_ideas(),
        payments=[
            payment_shown(view)
            for view in payments_of_person(session, person_id=person, now=at, limit=PAYMENTS)
        ],
    )


def _last_day(person: UUID) -> date | None:
    """The first day on which something of the balance would expire; empty accounts lose nothing."""
    session = db_session()
    programmes = [
        session.get_one(Programme, account.programme_id)
        for account in accounts_of(session, person)
        if owned(session, account.address, account.programme_id) > 0
    ]
    return min((programme.last_day_to_spend for programme in programmes), default=None)


def _done_at(action: Action) -> datetime:
    """What the page says of each: a partner's file is recorded days after."""
    return action.deed_at


def _ideas() -> list[SimpleNamespace]:
    """What can be done in the running programme, for an account that is empty too."""
    programme = deed_lists.running_programme(db_session(), now())
    rules = rules_in_force(db_session(), programme, now()) if programme else None
    return ideas(rules.rules) if rules else []


@blueprint.get("/me/deeds/<uuid:action_id>")
@requires(Role.CITIZEN)
@covered_by(Act.SEE, sees=["deeds"])
def action(action_id: UUID) -> Response:
    return _action(action_id, None)


def _action(action_id: UUID, problem: Problem | None) -> Response:
    session, person = db_session(), principal().whose
    found = deed_lists.own_one(session, person, action_id)
    appeal = deed_lists.appeal_of(session, action_id)
    read = review.read_appeal(session, appeal, reader()) if appeal else None
    return page(
        "me/action.html",
        problem=problem,
        action=deeds.in_detail(found, now()),
        appeal={"text": read[0], "answer": read[1]} if read else None,
        typed=request.form.get("text", ""),
    )


@blueprint.post("/me/deeds/<uuid:action_id>/withdrawal")
@requires(Role.CITIZEN)
@idempotent
def withdraw(action_id: UUID) -> Response:
    money_deeds.undo(db_session(), action_id, by=principal().person_id, now=now())
    return to("me.action", action_id=action_id)


@blueprint.post("/me/deeds/<uuid:action_id>/appeal")
@requires(Role.CITIZEN)
@idempotent
def appeal(action_id: UUID) -> Response:
    try:
        review.appeal(
            db_session(),
            action_id=action_id,
            person_id=principal().person_id,
            **forms.load(NewAppeal, forms.given("text")),
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return _action(action_id, problem)
    return to("me.action", action_id=action_id)


@blueprint.get("/me/declaration")
@requires(Role.CITIZEN)
def declare() -> Response:
    return _declare({}, None)


def _declare(form: Any, problem: Problem | None) -> Response:
    kinds = [kind for kind in catalogue().action_types() if "declared" in kind.proof_levels]
    named = [(kind, formats.unit(kind.entry_unit)) for kind in kinds]
    return page(
        "me/declare.html",
        problem=problem,
        types=[(kind.id, f"{kind.name[locale()]} ({unit})") for kind, unit in named],
        form={**_this_moment(), **form},
    )


@blueprint.post("/me/declaration")
@requires(Role.CITIZEN)
@idempotent
def declare_now() -> Response:
    form = request.form.to_dict()
    try:
        action = _record(form)
    except Problem as problem:
        db_session().rollback()
        return _declare(form, problem)
    return to("me.action", action_id=action.id)


def _record(form: dict[str, str]) -> Action:
    """The citizen's own word of a day. Raises Problem."""
    person, at = principal().person_id, now()
    programme = deed_lists.running_programme(db_session(), at)
    if programme is None:
        raise Problem("programme-not-running")
    slug = form.get("action_type", "")
    deed = Deed(
        slug,
        _quantity(slug, form.get("quantity", "")),
        _moment(form, ZoneInfo(programme.time_zone), at),
        confirmed_unusual=True,
    )
    return money_deeds.declare(
        db_session(),
        deed,
        person_id=person,
        programme_id=programme.id,
        wallets=signer(),
        now=at,
    )


def _quantity(slug: str, text: str) -> int | None:
    """ "2,5" in the type's smallest unit; None of an unknown type. Raises Problem."""
    kinds = {kind.id: kind for kind in catalogue().action_types()}
    if slug not in kinds:
        return None
    unit = formats.unit(kinds[slug].entry_unit)
    if not _NUMBER.fullmatch(text.strip()):
        raise Problem("quantity-not-understood", field="quantity", unit=unit)
    number = Decimal(text.strip().replace(",", ".")) * kinds[slug].entry_size
    if number != int(number):
        raise Problem("quantity-not-understood", field="quantity", unit=unit)
    return int(number)


def _this_moment() -> dict[str, str]:
    programme = deed_lists.running_programme(db_session(), now())
    here = now().astimezone(ZoneInfo(programme.time_zone) if programme else formats.here())
    return {"day": here.date().isoformat(), "hour": here.strftime("%H:%M")}


def _moment(form: dict[str, str], zone: ZoneInfo, at: datetime) -> datetime:
    """Day and hour as typed, or a moment ago if that is to come today. Raises Problem."""
    try:
        day = date.fromisoformat(form.get("day", ""))
        hour = time.fromisoformat(form.get("hour") or "12:00")
        said = datetime.combine(day, hour.replace(tzinfo=None), zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Problem("day-not-understood", field="day") from error
    return min(said, at) if day == at.astimezone(zone).date() else said
