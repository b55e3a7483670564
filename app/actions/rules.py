"""Whether a deed may be recorded: one check per rule, each with one stable code.

Pure. Quantities are whole numbers of the action type's unit, times UTC.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app.actions import problems
from app.actions.models import ProofLevel
from app.actions.timetable import Terms, day_of
from app.errors import Problem
from app.impact.catalogue import ActionType, Catalogue, UnknownActionTypeError
from app.spans import Days

__all__ = [
    "check_deed",
    "check_on_the_spot",
    "check_quantity",
    "check_type",
    "problems",
    "shown",
]

CLOCK_SLACK = timedelta(seconds=30)
ON_THE_SPOT = timedelta(hours=1)  # around midnight "today" alone would be too short


def check_type(
    catalogue: Catalogue, terms: Terms, given: Any, proof_level: ProofLevel
) -> ActionType:
    """The latest version of a type that the programme takes at this proof level."""
    try:
        action_type = catalogue.action_type(str(given))
    except UnknownActionTypeError:
        raise Problem("action-type-unknown", field="action_type", given=given) from None
    if not (terms.running or terms.action_types):  # no rules hold yet, or any more
        raise Problem("programme-not-running")
    if action_type.id not in terms.action_types:
        raise Problem("action-type-not-in-programme", field="action_type", given=given)
    if proof_level.value not in action_type.proof_levels:
        level = proof_level.value
        raise Problem("proof-level-not-accepted", field="action_type", given=given, level=level)
    return action_type


def check_deed(
    terms: Terms,
    action_type: ActionType,
    *,
    quantity: Any,
    deed_at: datetime,
    now: datetime,
    confirmed_unusual: bool,
    at_counter: bool = False,
) -> int:
    """The quantity, once everything about the deed holds."""
    check_programme(terms)
    check_time(terms, deed_at, now)
    if at_counter:
        check_on_the_spot(terms, deed_at, now)
    whole = check_quantity(action_type, quantity)
    check_usual(action_type, whole, confirmed_unusual)
    return whole


def check_programme(terms: Terms) -> None:
    if not terms.running:
        raise Problem("programme-not-running")


def check_time(terms: Terms, deed_at: datetime, now: datetime) -> None:
    if deed_at > now + CLOCK_SLACK:
        raise Problem("deed-in-the-future", field="deed_at")
    if deed_at < now - timedelta(days=Days(terms.max_age_days)):
        raise Problem("deed-too-old", field="deed_at", days=Days(terms.max_age_days))
    if not terms.first_day <= day_of(deed_at, terms.zone) <= terms.last_day_to_earn:
        first, last = terms.first_day, terms.last_day_to_earn
        raise Problem("deed-outside-programme", field="deed_at", first=first, last=last)


def check_on_the_spot(terms: Terms, deed_at: datetime, now: datetime) -> None:
    """Who vouches at a counter has just seen it: one visit never fills the caps of several days."""
    if day_of(deed_at, terms.zone) != day_of(now, terms.zone) and now - deed_at > ON_THE_SPOT:
        raise Problem("deed-not-on-the-spot", field="deed_at")


def check_quantity(action_type: ActionType, given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise Problem("quantity-fractional", field="quantity", unit=action_type.unit)
    if given == 0:
        raise Problem("quantity-zero", field="quantity")
    if given < 0:
        raise Problem("quantity-negative", field="quantity")
    if given > action_type.quantity_max:
        maximum = shown(action_type, action_type.quantity_max)
        raise Problem("quantity-too-large", field="quantity", maximum=maximum)
    return given


def check_usual(action_type: ActionType, quantity: int, confirmed: bool) -> None:
    if quantity > action_type.quantity_usual and not confirmed:
        raise Problem(
            "quantity-unusual",
            field="confirmed_unusual",
            given=shown(action_type, quantity),
            usual=shown(action_type, action_type.quantity_usual),
        )


def shown(action_type: ActionType, quantity: int) -> str:
    """A quantity as people say it: 1500 m as "1.5 km"."""
    whole, rest = divmod(quantity, action_type.entry_size)
    text = str(whole) if rest == 0 else f"{quantity / action_type.entry_size:.4g}"
    return f"{text} {action_type.entry_unit}"
