"""Told once that a budget is nearly used up: officers and treasurers, again after new fundings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.governance.roles import holders
from app.identity.models import Role
from app.identity.people import person
from app.letter_times import date_words
from app.rewards.language.figures import amount
from app.rewards.letters import write
from app.rewards.models import Programme, ProgrammeState
from app.rewards.money.budget import WARN_AT, Budget, budget_of
from app.rewards.programmes import lock
from app.rewards.valuing.slices import promised
from app.rewards.valuing.valuation import funded

SHORT = {
    "fr": (
        "Budget bientôt épuisé : {programme}",
        (
            "{promised} sur {funded} sont promis. Il reste {left}.\n{pace}\n"
            "Ajoutez un financement, changez les règles ou annoncez la fin.\n"
        ),
    ),
    "en": (
        "Budget nearly used up: {programme}",
        (
            "{promised} of {funded} are promised. {left} are left.\n{pace}\n"
            "Fund it again, change its rules or announce its end.\n"
        ),
    ),
}
PACE = {
    "fr": ("Au rythme actuel, il sera épuisé le {day}.", "Au rythme actuel, il suffira."),
    "en": ("At this pace it runs out on {day}.", "At this pace it lasts to the end."),
}
EARNING = (ProgrammeState.RUNNING, ProgrammeState.PAUSED)


def warn_short(session: Session, now: datetime) -> int:
    """How many programmes were told of."""
    query = select(Programme).where(col(Programme.state).in_(EARNING))
    return sum(_warn(session, one, now) for one in session.scalars(query).all())


def _warn(session: Session, programme: Programme, now: datetime) -> bool:
    has = funded(session, programme.id)
    if _told(programme, has) or promised(session, programme.id) * 100 < has * WARN_AT:
        return False
    locked = lock(session, programme.id)
    if _told(locked, has):
        return False
    budget = budget_of(session, locked, now)
    staff = {who for role in (Role.OFFICER, Role.TREASURER) for who in holders(session, role, now)}
    for who in sorted(staff):
        language = person(session, who).language
        write(session, who, SHORT, now, **_values(locked, budget, language))
    locked.budget_warned_cents = has
    session.flush()
    return True


def _told(programme: Programme, has: int) -> bool:
    return has == 0 or (programme.budget_warned_cents or 0) >= has


def _values(programme: Programme, budget: Budget, language: str) -> dict[str, str]:
    known = language if language in PACE else "fr"
    ends, lasts = PACE[known]
    day = budget.runs_out_on
    return {
        "programme": programme.name[known],
        "promised": amount(budget.promised, known),
        "funded": amount(budget.funded, known),
        "left": amount(budget.left, known),
        "pace": lasts if day is None else ends.format(day=date_words(day, known)),
    }
