"""What the office shows: sentences of the month, places of spending, what is kept back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.identity.models import Organisation, OrganisationKind
from app.impact.accounting import co2e, total
from app.impact.catalogue import catalogue
from app.merchants.models import Merchant, Payment, PaymentState
from app.outbox.models import Incident
from app.reporting.models import PublishedCell
from app.web import formats
from app.web.dashboard import mass
from app.web.words import gettext as _
from app.web.words import locale, ngettext

ZONE = ZoneInfo("Europe/Paris")
COUNTED = (ActionState.AUTHENTICATED, ActionState.BATCHED, ActionState.SETTLED)
VOUCHING = (OrganisationKind.ATTESTER, OrganisationKind.PARTNER)


@dataclass(frozen=True)
class Kept:
    """Deeds before the public, and kept from it until five people stand behind them."""

    published: int
    kept_back: int
    reversed_published: int
    reversed_kept_back: int


def month_start(at: datetime) -> datetime:
    local = at.astimezone(ZONE)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def sentences(session: Session, at: datetime) -> list[str]:
    """What was done, what it cost per unit, where nothing happens. From the city's records."""
    done = _done(session, month_start(at))
    found = [_sentence(row) for row in done[:3]]
    if done:
        found.append(_cost(done))
        silent = _silent_districts(session, month_start(at))
        if silent:
            found.append(_("Nothing yet from %(names)s.", names=", ".join(silent)))
    return found


def _done(session: Session, since: datetime) -> Sequence[Any]:
    """Kind, version, deeds, people, cents and metrics of the month, most deeds first."""
    count = func.count().label("deeds")
    wanted: list[Any] = [
        col(Action.action_type_id).label("kind"),
        col(Action.action_type_version).label("version"),
        count,
        func.count(func.distinct(col(Action.person_id))).label("people"),
        func.sum(col(Action.reward_cents)).label("cents"),
        func.sum(col(Action.quantity)).label("quantity"),
    ]
    query = (
        select(*wanted)
        .where(col(Action.deed_at) >= since, col(Action.state).in_(COUNTED))
        .group_by(col(Action.action_type_id), col(Action.action_type_version))
        .order_by(count.desc())
    )
    return session.execute(query).all()


def _sentence(row: Any) -> str:
    kind = catalogue().action_type(row.kind, row.version)
    amount = formats.amount(int(row.quantity) / kind.entry_size, kind.entry_unit)
    return ngettext(
        "%(name)s: %(num)s deed by %(people)s people, %(amount)s in all, for %(tokens)s.",
        "%(name)s: %(num)s deeds by %(people)s people, %(amount)s in all, for %(tokens)s.",
        row.deeds,
        name=kind.name[locale()],
        people=row.people,
        amount=amount,
        tokens=formats.tokens(int(row.cents)),
    )


def _cost(done: Sequence[Any]) -> str:
    """Euros per kilogram of CO2e, over the kinds that have a factor."""
    estimates, cents = [], 0
    for row in done:
        kind = catalogue().action_type(row.kind, row.version)
        metrics = {name: int(row.quantity) * factor for name, factor in kind.metrics.items()}
        estimate = co2e(metrics, kind)
        if estimate is not None:
            estimates.append(estimate)
            cents += int(row.cents)
    grams = total(estimates).central if estimates else 0
    if grams <= 0:
        return _("The deeds of this month have no CO₂e figure.")
    return _(
        "About %(mass)s of CO₂e avoided (an estimate), at %(euros)s per kilogram.",
        mass=mass(grams),
        euros=formats.euros(round(cents * 1000 / grams)),
    )


def _silent_districts(session: Session, since: datetime) -> list[str]:
    """Districts that are known and have no deed this month."""
    known = session.scalars(select(func.distinct(col(Organisation.district))))
    active = session.scalars(
        select(func.distinct(col(Action.district))).where(col(Action.deed_at) >= since)
    )
    return sorted({name for name in known if name} - {name for name in active if name})


def spent(session: Session) -> list[dict[str, Any]]:
    """Accepted payments by the shop's district; never by shop, never by payer."""
    query = (
        select(
            func.coalesce(col(Organisation.district), "–").label("district"),
            func.count(func.distinct(col(Merchant.organisation_id))).label("shops"),
            func.sum(col(Payment.amount_cents)).label("cents"),
        )
        .join(Merchant, col(Merchant.organisation_id) == col(Payment.merchant_id))
        .join(Organisation, col(Organisation.id) == col(Merchant.organisation_id))
        .where(col(Payment.state).in_((PaymentState.ACCEPTED, PaymentState.SETTLED)))
        .group_by(col(Organisation.district))
        .order_by(func.sum(col(Payment.amount_cents)).desc())
    )
    return [dict(row._mapping) for row in session.execute(query)]


def kept(session: Session) -> Kept:
    """The two truths side by side: the public figure, and what waits for five people."""
    published = session.execute(
        select(col(PublishedCell.correction), func.sum(col(PublishedCell.actions))).group_by(
            col(PublishedCell.correction)
        )
    ).all()
    sums = {bool(correction): int(actions) for correction, actions in published}
    settled = col(Action.state).in_((ActionState.SETTLED, ActionState.REVERSED))
    waiting = _count(session, settled, col(Action.published_period).is_(None))
    reversed_waiting = _count(
        session,
        col(Action.state) == ActionState.REVERSED,
        col(Action.reversal_published_period).is_(None),
    )
    return Kept(sums.get(False, 0), waiting, sums.get(True, 0), reversed_waiting)


def _count(session: Session, *conditions: Any) -> int:
    return int(session.scalar(select(func.count()).select_from(Action).where(*conditions)) or 0)


def incidents(session: Session) -> list[dict[str, str]]:
    query = select(Incident).where(col(Incident.acknowledged_at).is_(None))
    rows = session.scalars(query.order_by(col(Incident.at).desc()).limit(10))
    return [
        {"what": row.code, "when": formats.moment(row.at), "detail": row.detail} for row in rows
    ]


def vouching(session: Session, at: datetime) -> list[dict[str, Any]]:
    """Attesters and partners with what they vouched for today, and their ceilings."""
    midnight = at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    today = {
        row[0]: (int(row[1]), int(row[2]))
        for row in session.execute(
            select(col(Action.organisation_id), func.count(), func.sum(col(Action.reward_cents)))
            .where(col(Action.recorded_at) >= midnight)
            .group_by(col(Action.organisation_id))
        )
    }
    query = select(Organisation).where(col(Organisation.kind).in_(VOUCHING))
    return [
        _vouching(row, *today.get(row.id, (0, 0)))
        for row in session.scalars(query.order_by(col(Organisation.name)))
    ]


def _vouching(row: Organisation, actions: int, cents: int) -> dict[str, Any]:
    custody = row.key_custody.value if row.key_custody else None
    key_words = {
        "browser": _("kept by its administrator"),
        "server": _("held by this server, counted apart"),
        None: _("none yet"),
    }
    return {
        "id": row.id,
        "name": row.name,
        "district": row.district,
        "kind_words": _("partner") if row.kind is OrganisationKind.PARTNER else _("attester"),
        "key_words": key_words[custody],
        "key_address": row.key_address,
        "key_offered": row.key_address is not None and row.key_valid_from is None,
        "actions_today": actions,
        "reward_today": cents,
        "actions_per_day": row.actions_per_day,
        "reward_cents_per_day": row.reward_cents_per_day,
    }
