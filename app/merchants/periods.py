"""Which week is paid out when: Monday to Sunday, cut off at the city's midnight before Monday; and
what a treasurer closes in between."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app.clock import city_day, city_midnight, clock_of

WEEK = timedelta(days=7)


def last_week(session: Session, now: datetime) -> tuple[str, datetime]:
    """The ISO week that ended last, and the midnight (in UTC) at which it did."""
    monday = next_cut_off(session, now) - WEEK
    year, week, _ = (monday - timedelta(days=1)).isocalendar()
    return f"{year}-W{week:02}", city_midnight(session, monday)


def next_cut_off(session: Session, now: datetime) -> date:
    """The Monday at whose midnight the running week will be cut off."""
    today = city_day(session, now)
    return today - timedelta(days=today.weekday()) + WEEK


def up_to(session: Session, now: datetime) -> str:
    """A period of its own that ends now, named by that: where the city is, with the offset for the
    hour that comes twice."""
    return f"{now.astimezone(clock_of(session).zone):%Y-%m-%d %H:%M%z}"
