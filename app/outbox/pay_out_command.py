"""`civis pay-out`: shops whose account has less than their payments come to, and what leads on."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.as_json import AS_JSON, answer
from app.identity.models import Organisation
from app.merchants.lost_refunds import enter_lost_refunds
from app.merchants.models import Merchant, MerchantProgramme
from app.merchants.pay_outs import NOT_COVERED, close_period
from app.merchants.periods import last_week
from app.outbox.command_parts import REASON, by_whom, deed, work
from app.outbox.models import Incident
from app.outbox.operator import NotPossibleError, record
from app.rewards.models import Programme


@click.group()
def command() -> None:
    """Shops that wait for their euros since their account lacks something."""


@command.command("list")
@AS_JSON
def list_waiting(*, as_json: bool) -> None:
    """Who waits, for which programme, and what is lacking."""
    with work() as (_parts, session, _now):
        rows = [_shown(session, one) for one in session.scalars(_waiting()).all()]
    lines = [f"{row['shop']} {row['programme']}: {row['detail']}" for row in rows]
    answer(rows, *(lines or ["No shop waits."]), as_json=as_json)


@command.command()
@click.argument("shop")
@click.argument("programme")
@REASON
@AS_JSON
def partly(*, shop: str, programme: str, reason: str, as_json: bool) -> None:
    """Pay out to SHOP what its account covers of last week's payments in PROGRAMME (both as `list`
    names them); the rest stays open, and goes into a later pay-out once it is covered."""
    with deed() as (_parts, session, now):
        by = by_whom(reason)
        payee, season = _named(session, shop, programme)
        entered = enter_lost_refunds(session, payee.address)
        period, cut_off = last_week(session, now)
        made = close_period(
            session,
            merchant_id=payee.organisation_id,
            programme_id=season.id,
            period=period,
            cut_off=cut_off,
            now=now,
            partly=True,
        )
        if made is None:
            raise NotPossibleError("Its account covers none of what it is owed.")
        if made.created_at < now:
            raise NotPossibleError(f"It was paid out for {period} already: wait for the next week.")
        about = f"{payee.organisation_id}:{season.id}"
        detail = f"{shop}, {programme}, {period}: {made.gross_cents} cents, {by.words}"
        record(session, "pay_out_partly", detail, about, now)
        said = {"period": period, "gross_cents": made.gross_cents, "lost_refunds": entered}
    answer(said, f"{said['gross_cents']} cents go out for {period}.", as_json=as_json)


def _waiting() -> Any:
    return (
        select(Incident)
        .where(col(Incident.code) == NOT_COVERED, col(Incident.acknowledged_at).is_(None))
        .order_by(col(Incident.id))
    )


def _shown(session: Session, one: Incident) -> dict[str, str]:
    shop, _, programme = (one.reference or "").partition(":")
    slugs = {
        "shop": session.scalar(_slug(Organisation, shop)),
        "programme": session.scalar(_slug(Programme, programme)),
    }
    return {name: slug or "?" for name, slug in slugs.items()} | {"detail": one.detail}


def _slug(kind: type[Organisation] | type[Programme], row_id: str) -> Any:
    return select(col(kind.slug)).where(col(kind.id) == row_id)


def _named(session: Session, shop: str, programme: str) -> tuple[Merchant, Programme]:
    """Raises NotPossibleError for what isn't there."""
    query = (
        select(Merchant, Programme)
        .join(Organisation, col(Organisation.id) == col(Merchant.organisation_id))
        .join(
            MerchantProgramme,
            col(MerchantProgramme.merchant_id) == col(Merchant.organisation_id),
        )
        .join(Programme, col(Programme.id) == col(MerchantProgramme.programme_id))
        .where(col(Organisation.slug) == shop, col(Programme.slug) == programme)
    )
    found = session.execute(query).first()
    if found is None:
        raise NotPossibleError(f"No shop {shop} takes part in a programme {programme}.")
    return found[0], found[1]
