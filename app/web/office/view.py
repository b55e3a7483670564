"""What the office shows: sentences of the month, places of spending, what is kept back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.device_models import Device
from app.actions.models import Action, ActionState, ProofLevel
from app.governance.emergencies import to_review
from app.governance.service import open_proposals
from app.identity.models import Organisation
from app.impact.accounting import co2e, total
from app.impact.catalogue import catalogue
from app.impact.entries import VOUCHED, ActionType
from app.merchants.models import Payment, PaymentState, Refund
from app.outbox.models import Incident
from app.recovery.cases import to_decide as recoveries_to_decide
from app.reporting.models import PublishedCell
from app.rewards.batches.held_up import held_up
from app.rewards.valuing.authenticate import CEILING_INCIDENTS
from app.web import formats
from app.web.office import chain_words, shops_view
from app.web.office.incident_words import said
from app.web.words import gettext as _
from app.web.words import locale, ngettext

COUNTED = (ActionState.AUTHENTICATED, ActionState.BATCHED, ActionState.SETTLED)


@dataclass(frozen=True)
class Kept:
    """Deeds before the public, and kept from it until five people stand behind them."""

    published: int
    kept_back: int
    reversed_published: int
    reversed_kept_back: int


def month_start(at: datetime) -> datetime:
    local = at.astimezone(formats.here())
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def sentences(session: Session, at: datetime) -> list[str]:
    """What was done, what it cost per unit, where tokens were spent, where nothing happens.

    From the city's records of this month.
    """
    since = month_start(at)
    done = _done(session, since)
    found = [_sentence(row) for row in done[:3]]
    if done:
        found.append(_cost(done, since.date()))
    if paid := spent(session, since):
        found.append(_spent(paid))
    if silent := _silent_districts(session, since):
        found.append(_("No deed this month from %(names)s.", names=", ".join(silent)))
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
        .where(col(Action.deed_at) >= since, *_counts())
        .group_by(col(Action.action_type_id), col(Action.action_type_version))
        .order_by(count.desc())
    )
    return session.execute(query).all()


def _counts() -> tuple[Any, ...]:
    """Neither refused nor on the doer's own word: one person alone could move the sentences."""
    vouched = [ProofLevel(level) for level in VOUCHED]
    return col(Action.state).in_(COUNTED), col(Action.proof_level).in_(vouched)


def _sentence(row: Any) -> str:
    kind = catalogue().action_type(row.kind, row.version)
    amount = formats.amount(int(row.quantity) / kind.entry_size, kind.entry_unit)
    return ngettext(
        "%(name)s: %(num)s deed by %(people)s, %(amount)s, for %(tokens)s: %(each)s.",
        "%(name)s: %(num)s deeds by %(people)s, %(amount)s, for %(tokens)s: %(each)s.",
        row.deeds,
        name=kind.name[locale()],
        people=formats.people(row.people),
        amount=amount,
        tokens=formats.tokens(int(row.cents)),
        each=_each(int(row.cents), int(row.quantity), kind),
    )


def _each(cents: int, quantity: int, kind: ActionType) -> str:
    """What one unit, as people read it, cost: a token is a euro."""
    unit = formats.unit(kind.entry_unit)
    euros = Decimal(cents) * kind.entry_size / quantity / 100
    return _("%(euros)s per %(unit)s", euros=formats.small_euros(euros), unit=unit)


def _spent(paid: list[dict[str, Any]]) -> str:
    """Districts by what was spent there, the first three by name."""
    places = [f"{row['district']} ({formats.euros(int(row['cents']))})" for row in paid[:3]]
    return ngettext(
        "Tokens were spent in %(num)s district: %(places)s.",
        "Tokens were spent in %(num)s districts, most in %(places)s.",
        len(paid),
        places=", ".join(places),
    )


def _cost(done: Sequence[Any], month: date) -> str:
    """Euros per kilogram of CO2e, over the kinds that have a factor."""
    estimates, cents = [], 0
    for row in done:
        kind = catalogue().action_type(row.kind, row.version)
        metrics = {name: int(row.quantity) * factor for name, factor in kind.metrics.items()}
        estimate = co2e(metrics, kind, month)
        if estimate is not None:
            estimates.append(estimate)
            cents += int(row.cents)
    grams = total(estimates).central if estimates else 0
    if grams <= 0:
        return _("The deeds of this month have no CO₂e figure.")
    return _(
        "About %(mass)s of CO₂e avoided (a gross estimate), at %(euros)s per kilogram.",
        mass=formats.mass(grams),
        euros=formats.euros(round(cents * 1000 / grams)),
    )


def _silent_districts(session: Session, since: datetime) -> list[str]:
    """Districts that are known and have no deed this month that counts."""
    known = session.scalars(select(func.distinct(col(Organisation.district))))
    active = session.scalars(
        select(func.distinct(col(Action.district))).where(col(Action.deed_at) >= since, *_counts())
    )
    return sorted({name for name in known if name} - {name for name in active if name})


def spent(session: Session, since: datetime) -> list[dict[str, Any]]:
    """What stayed spent of payments accepted since, by the shop's district; never by shop or payer.

    What was given back of a payment was not spent.
    """
    given_back = (
        select(func.coalesce(func.sum(col(Refund.amount_cents)), 0))
        .where(col(Refund.payment_id) == col(Payment.id))
        .scalar_subquery()
    )
    paid = (
        select(col(Payment.merchant_id), (col(Payment.amount_cents) - given_back).label("cents"))
        .where(
            col(Payment.state).in_((PaymentState.ACCEPTED, PaymentState.SETTLED)),
            col(Payment.accepted_at) >= since,
        )
        .subquery()
    )
    query = (
        select(
            func.coalesce(col(Organisation.district), "–").label("district"),
            func.count(func.distinct(paid.c.merchant_id)).label("shops"),
            func.sum(paid.c.cents).label("cents"),
        )
        .join(paid, paid.c.merchant_id == col(Organisation.id))
        .where(paid.c.cents > 0)
        .group_by(col(Organisation.district))
        .order_by(func.sum(paid.c.cents).desc())
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
    return [_incident(session, row) for row in rows]


def _incident(session: Session, row: Incident) -> dict[str, str]:
    """A ceiling with its name, since an officer acts on it; the rest with the log's own detail."""
    what, when = chain_words.incident(row.code), formats.moment(row.at)
    shown = {"what": what, "when": when, "detail": said(row.detail), "page": ""}
    if row.code not in CEILING_INCIDENTS.values() or row.reference is None:
        return shown
    reference = UUID(row.reference.partition(":")[0])
    if row.code == CEILING_INCIDENTS["device"]:
        found: Device | Organisation | None = session.get(Device, reference)
    else:
        found = session.get(Organisation, reference)
    name = found.name if found else "–"
    return shown | {
        "what": _("%(name)s is over its daily ceiling", name=name),
        "detail": _("What exceeds it waits."),
        "page": "office.waiting",
    }


def to_decide(session: Session, at: datetime) -> SimpleNamespace:
    """How much waits for a second officer, for any, and to be reviewed."""
    return SimpleNamespace(
        proposals=len(open_proposals(session)),
        shops=len(shops_view.to_confirm(session)),
        deeds=_count(session, held_up()),
        emergencies=to_review(session, at),
        recoveries=recoveries_to_decide(session, at),
    )
