"""The age band: asked of whoever has none, and again when its month has come, at the next visit or
at a counter.

Nothing else is blocked meanwhile; who would rather not say is not asked again, and agrees to no use
that needs consent. What they agreed to before ends with that answer, since nobody knows if they
could; until they answer it holds. What a parent agreed to ends with the band of under fifteen, and
what a child agreed to alone with its beginning: they decide anew. No birth date is asked or kept.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.clock import city_day
from app.errors import Problem, define
from app.identity.ages import Age, AgeBand, confirmed, is_due, said_first
from app.identity.models import Person
from app.privacy.consents import end_consents

define(
    "age-not-due",
    409,
    en=("Nobody asks for the age band now", "It is known, or was never asked.", "Reload the page."),
    fr=(
        "La tranche d’âge n’est pas demandée",
        "Elle est connue, ou ne l’a jamais été.",
        "Rechargez la page.",
    ),
)
define(
    "age-needs-papers",
    422,
    en=(
        "This band does not follow from the one before",
        "Nobody knows your birth date here, only the month that was noted then.",
        "Choose the other, or show your papers at a counter.",
    ),
    fr=(
        "Cette tranche ne suit pas la précédente",
        "On ne connaît pas ici votre date de naissance, seulement le mois noté alors.",
        "Choisissez l’autre, ou montrez vos papiers à un guichet.",
    ),
)
define(
    "age-band-missing",
    422,
    en=("No age band was chosen", "", "Choose one of the list, or that you would rather not say."),
    fr=(
        "Aucune tranche d’âge choisie",
        "",
        "Choisissez-en une de la liste, ou dites que vous préférez ne pas répondre.",
    ),
)
define(
    "age-month-wrong",
    422,
    en=(
        "The month is missing or can't be",
        "Under eighteen it is kept until which month the band holds.",
        "Say the month in which you turn 15, or 18, as 2029-03.",
    ),
    fr=(
        "Le mois manque ou n’est pas possible",
        "Avant dix-huit ans, on garde jusqu’à quel mois la tranche est vraie.",
        "Dites le mois de vos 15 ans, ou de vos 18 ans, comme 2029-03.",
    ),
)
define(
    "age-needed",
    403,
    en=(
        "Say your age band first",
        "Under fifteen a parent agrees to this, so it can't be used while nobody knows.",
        "Say it in your account, or at a counter; no birth date.",
    ),
    fr=(
        "Dites d’abord votre tranche d’âge",
        "Avant quinze ans, un parent donne son accord : sans la connaître, rien ne se fait.",
        "Dites-la sur votre compte ou au guichet ; pas de date de naissance.",
    ),
)
define(
    "age-needed-there",
    403,
    en=(
        "Enter their age band first",
        "Under fifteen a parent agrees to this, so nobody can agree while it is not known.",
        "The form is open at the top of this page; then enter their yes again.",
    ),
    fr=(
        "Entrez d’abord sa tranche d’âge",
        "Avant quinze ans, un parent donne son accord : sans la connaître, rien ne se fait.",
        "Le formulaire est ouvert en haut de cette page ; entrez ensuite de nouveau son accord.",
    ),
)

Ends = Callable[[Session, UUID, datetime], None]
_ENDS: list[Ends] = []


def ends_with_consents(do: Ends) -> Ends:
    """Marks what ends for good with the consents that it stood on, in a later part."""
    _ENDS.append(do)
    return do


def age_due(session: Session, person: Person, now: datetime) -> bool:
    """Whether the home page asks."""
    if person.age_band is None:
        return not person.age_declined
    return is_due(person.age_until, city_day(session, now))


def asks(session: Session, person: Person, now: datetime) -> str:
    """What the home page asks: for the "first" time, "again", or nothing."""
    if not age_due(session, person, now):
        return ""
    return "again" if person.age_band else "first"


def may_say(session: Session, person: Person, now: datetime) -> bool:
    """Who would rather not say may think again."""
    return person.age_band is None or age_due(session, person, now)


def check_may_agree(session: Session, person_id: UUID, *, parent_agrees: bool = False) -> bool:
    """To a use that needs consent: under fifteen with a parent, at the counter; whether it is their
    word. Raises Problem age-needed, parent-needed."""
    band = session.get_one(Person, person_id).age_band
    if band is None:
        raise Problem("age-needed")
    if band is AgeBand.UNDER_15 and not parent_agrees:
        raise Problem("parent-needed")
    return band is AgeBand.UNDER_15


def say_age(
    session: Session,
    person_id: UUID,
    said: AgeBand | None,
    *,
    month: date | None = None,
    now: datetime,
) -> Person:
    """`said` None: they would rather not. `month`: see `said_first`. Raises Problem age-not-due,
    age-needs-papers, age-month-wrong."""
    found = session.get_one(Person, person_id, with_for_update=True, populate_existing=True)
    if not may_say(session, found, now):
        raise Problem("age-not-due", field="band")
    if found.age_band is None and said is None:
        found.age_declined = True
        _end_all(session, person_id, now)
        return found
    age = _followed(found, said, month, city_day(session, now))
    set_age(session, found, age, now)
    return found


def month_of(said: str | None) -> date | None:
    """The first day of a month that is written 2029-03. Raises Problem age-month-wrong."""
    if not said:
        return None
    try:
        return date.fromisoformat(f"{said}-01")
    except ValueError as error:
        raise Problem("age-month-wrong", field="month") from error


def _followed(found: Person, said: AgeBand | None, month: date | None, today: date) -> Age:
    if found.age_band is None and said is not None:
        age, flaw = said_first(said, month, today), ("age-month-wrong", "month")
    else:
        before = Age(found.age_band or AgeBand.ADULT, found.age_until)
        age, flaw = confirmed(before, said, today) if said else None, ("age-needs-papers", "band")
    if age is None:
        raise Problem(flaw[0], field=flaw[1])
    return age


def set_age(session: Session, person: Person, age: Age, now: datetime) -> None:
    """However it came to be known."""
    if (person.age_band is AgeBand.UNDER_15) != (age.band is AgeBand.UNDER_15):
        _end_all(session, person.id, now)
    person.age_band, person.age_until = age.band, age.until
    session.flush()


def _end_all(session: Session, person_id: UUID, now: datetime) -> None:
    end_consents(session, person_id, now)
    for end in _ENDS:
        end(session, person_id, now)
    session.flush()
