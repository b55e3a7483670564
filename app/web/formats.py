"""How numbers and times are said on a page, in the reader's language.

Amounts come in as integers in cents and go out as text; nothing is computed from the text.
Tables hand in the language (`spoken`), else it is the request's.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from math import ceil
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_percent
from flask import Flask

from app.context import services
from app.impact.accounting import shown
from app.web.words import Speech, locale, speech

MAX_CENTS = 100_000_000
kept = lru_cache(maxsize=8192)  # a table says the same numbers again and again
_TYPED_EUROS = re.compile(r"[0-9]{1,12}(\.([0-9]{1,2}0*)?)?|\.[0-9]{1,2}0*")


@cache
def _signs(spoken: str) -> dict[int, str]:
    """The language's own signs for those that Python writes."""
    symbols = Locale.parse(spoken).number_symbols["latn"]
    return {
        ord(sign): symbols[name]
        for sign, name in ((",", "group"), (".", "decimal"), ("-", "minusSign"))
    }


@kept
def _month(first: date, spoken: str) -> str:
    return format_date(first, "MMM y", locale=spoken)


def euros(cents: int) -> str:
    return str(format_currency(Decimal(cents) / 100, "EUR", locale=locale()))


def small_euros(amount: Decimal) -> str:
    """A price that may be less than a cent."""
    digits = "#,##0.00#" if amount >= Decimal("0.01") else "#,##0.00####"
    pattern = f"¤{digits}" if locale() == "en" else f"{digits}\u00a0¤"
    return str(format_currency(amount, "EUR", pattern, locale=locale(), currency_digits=False))


def plain_euros(cents: int) -> str:
    """An amount as a person types it into a form."""
    return f"{Decimal(cents) / 100:.2f}".translate(_signs(locale()))


def tokens(cents: int, spoken: Speech | None = None) -> str:
    return _tokens(cents, spoken or speech())


@kept
def _tokens(cents: int, spoken: Speech) -> str:
    amount = f"{Decimal(cents) / 100:,.2f}".translate(_signs(spoken.locale))
    many = _many(cents, spoken)
    return spoken.ngettext("%(amount)s token", "%(amount)s tokens", many, amount=amount)


def _many(cents: int, spoken: Speech) -> int:
    """For the noun: French counts below two as one, English has one of exactly 1.00 only."""
    if spoken.locale == "fr":
        return abs(cents) // 100
    return 1 if abs(cents) == 100 else 2


def whole(number: int, spoken: Speech | None = None) -> str:
    return _whole(number, spoken or speech())


@kept
def _whole(number: int, spoken: Speech) -> str:
    return f"{number:,}".translate(_signs(spoken.locale))


def people(number: int) -> str:
    """How many, or nobody."""
    return speech().ngettext("%(num)s person", "%(num)s people", number) if number else _nobody()


def _nobody() -> str:
    return speech().gettext("nobody")


def percent(basis_points: int) -> str:
    pattern = "0.##%" if locale() == "en" else "0.##\u00a0%"
    return str(format_percent(Decimal(basis_points) / 10_000, pattern, locale=locale()))


def plain_number(number: Decimal | float, spoken: Speech | None = None) -> str:
    """With three decimals at most, and no zeros after the last that says something."""
    return _plain_number(number, spoken or speech())


@kept
def _plain_number(number: Decimal | float, spoken: Speech) -> str:
    exact = number if isinstance(number, Decimal) else Decimal(str(number))
    text = f"{exact:,.3f}".rstrip("0").rstrip(".")
    return text.translate(_signs(spoken.locale))


def mass(grams: int, spoken: Speech | None = None) -> str:
    """Two significant figures in g, kg or t."""
    return _mass(grams, spoken or speech())


@kept
def _mass(grams: int, spoken: Speech) -> str:
    found = shown(grams)
    return f"{plain_number(found.value, spoken)} {found.unit}"


def plain_decimal(number: Decimal) -> str:
    """A number as a person types it into a form: all its decimals, at least two."""
    whole_part, _, decimals = f"{number:.8f}".partition(".")
    return f"{whole_part}.{decimals.rstrip('0'):0<2}".translate(_signs(locale()))


def amount(number: float, unit: str, spoken: Speech | None = None) -> str:
    """A quantity in the unit people read; pieces are counted in words."""
    return _amount(number, unit, spoken or speech())


def unit(name: str) -> str:
    """A unit as a word of its own, such as "kg" or "piece"."""
    return speech().gettext("piece") if name == "item" else name


@kept
def _amount(number: float, unit: str, spoken: Speech) -> str:
    if unit == "item":
        count = whole(int(number), spoken)
        return spoken.ngettext("%(count)s piece", "%(count)s pieces", ceil(number), count=count)
    return f"{plain_number(round(number, 1 if number >= 10 else 2), spoken)} {unit}"


def month(first: date, spoken: Speech | None = None) -> str:
    """A short month name and the year."""
    return _month(first, (spoken or speech()).locale)


def day(value: date) -> str:
    """As `moment` orders it, with the month in full: English pages put the day first too."""
    return format_date(value, "d MMMM y" if locale() == "en" else "long", locale=locale())


def weekday(value: datetime) -> str:
    """The day of a moment where the city is, by its name: no year, it is near."""
    return format_date(_local(value, here()).date(), "EEEE d MMMM", locale=locale())


def here() -> ZoneInfo:
    """Where the city is: the zone of all that has none of its own."""
    return services().settings.time_zone


def moment(value: datetime, zone: str | None = None) -> str:
    place = ZoneInfo(zone) if zone else here()
    return format_datetime(_local(value, place), "d MMM y, HH:mm", locale=locale())


def _local(value: datetime, place: ZoneInfo) -> datetime:
    """As it is where the calendar ends: one odd row takes no page down."""
    try:
        return value.astimezone(place)
    except OverflowError:
        return value


def hour(value: datetime) -> str:
    return format_time(_local(value, here()), "HH:mm:ss", locale=locale())


def cents_of(text: str) -> int | None:
    """Cents of an amount typed in euros (comma or point), None if it is none.

    Digits only: "1e3" is a slip, not a thousand.
    """
    cleaned = "".join(text.split()).replace("€", "").replace(",", ".")
    if not _TYPED_EUROS.fullmatch(cleaned):
        return None
    value = int(Decimal(cleaned) * 100)
    return value if 0 < value <= MAX_CENTS else None


def install(app: Flask) -> None:
    for function in (euros, plain_euros, tokens, whole, people, percent, day, moment, hour):
        app.add_template_filter(function)
