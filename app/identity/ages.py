"""Age bands: all that is kept of a birth date is the band and the month in which to ask again.

Fifteen is the age of consent to information services in France (loi Informatique et Libertés,
article 45).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date

CONSENTS_AT, ADULT_AT = 15, 18


class AgeBand(enum.Enum):
    UNDER_15 = "under_15"
    FROM_15_TO_17 = "from_15_to_17"
    ADULT = "adult"


@dataclass(frozen=True)
class Age:
    """`until`: the first day of the month after the birthday that ends the band; None for good."""

    band: AgeBand
    until: date | None


def age_of(born: date, today: date) -> Age:
    """The band on this day."""
    for band, ends_at in ((AgeBand.UNDER_15, CONSENTS_AT), (AgeBand.FROM_15_TO_17, ADULT_AT)):
        if _years(born, today) < ends_at:
            month = born.month % 12 + 1
            return Age(band, date(born.year + ends_at + (born.month == 12), month, 1))
    return Age(AgeBand.ADULT, None)


def said_first(band: AgeBand, month: date | None, today: date) -> Age | None:
    """What somebody says of themselves whom nobody asked before; None where it can't be.

    `month`: the first day of the one in which they turn fifteen, or eighteen; no adult has one.
    """
    if band is AgeBand.ADULT:
        return Age(band, None)
    longest = CONSENTS_AT if band is AgeBand.UNDER_15 else ADULT_AT - CONSENTS_AT
    if month is None or not 0 <= _months(month) - _months(today) <= 12 * longest:
        return None
    following = month.month % 12 + 1
    return Age(band, date(month.year + (month.month == 12), following, 1))


def is_due(until: date | None, today: date) -> bool:
    """Whether the month has come in which to ask again."""
    return until is not None and today >= until


def confirmed(before: Age, said: AgeBand, today: date) -> Age | None:
    """The band that was said, where it follows from what was noted; else papers are needed.

    Who was under fifteen is an adult three years after their month, and not before.
    """
    if before.until is None:
        return None
    adult_from = before.until
    if before.band is AgeBand.UNDER_15:
        adult_from = date(before.until.year + ADULT_AT - CONSENTS_AT, before.until.month, 1)
    if said is AgeBand.ADULT and today >= adult_from:
        return Age(AgeBand.ADULT, None)
    if said is AgeBand.FROM_15_TO_17 and before.until <= today < adult_from:
        return Age(AgeBand.FROM_15_TO_17, adult_from)
    return None


def _months(day: date) -> int:
    return 12 * day.year + day.month


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
