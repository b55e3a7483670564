"""How numbers and times are said on a page, in the reader's language.

Amounts come in as integers in cents and go out as text; nothing is computed from the text.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from math import ceil
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, format_percent
from flask import Flask

from app.web.words import gettext as _
from app.web.words import locale, ngettext

MAX_CENTS = 100_000_000


@lru_cache(maxsize=4096)
def _decimal(number: Decimal | float, pattern: str | None, spoken: str) -> str:
    """Kept, since a table says the same numbers again and Babel takes long for each."""
    return format_decimal(number, pattern, locale=spoken)


@lru_cache(maxsize=512)
def _month(value: int, spoken: str) -> str:
    return format_date(date(value // 100, value % 100, 1), "MMM y", locale=spoken)


def euros(cents: int) -> str:
    return str(format_currency(Decimal(cents) / 100, "EUR", locale=locale()))


def small_euros(amount: Decimal) -> str:
    """A price that may be less than a cent."""
    digits = "#,##0.00#" if amount >= Decimal("0.01") else "#,##0.00####"
    pattern = f"¤{digits}" if locale() == "en" else f"{digits}\u00a0¤"
    return str(format_currency(amount, "EUR", pattern, locale=locale(), currency_digits=False))


def plain_euros(cents: int) -> str:
    """An amount as a person types it into a form."""
    return _decimal(Decimal(cents) / 100, "0.00", locale())


def tokens(cents: int) -> str:
    amount = _decimal(Decimal(cents) / 100, "#,##0.00", locale())
    return _("%(amount)s tokens", amount=amount)


def whole(number: int) -> str:
    return _decimal(number, None, locale())


def percent(basis_points: int) -> str:
    return str(format_percent(Decimal(basis_points) / 10_000, "0.##%", locale=locale()))


def plain_number(number: Decimal | float) -> str:
    return _decimal(number, None, locale())


def plain_decimal(number: Decimal) -> str:
    """A number as a person types it into a form: all its decimals, at least two."""
    return _decimal(number, "0.00######", locale())


def amount(number: float, unit: str) -> str:
    """A quantity in the unit people read; pieces are counted in words."""
    if unit == "item":
        return ngettext(
            "%(count)s piece", "%(count)s pieces", ceil(number), count=whole(int(number))
        )
    return f"{plain_number(round(number, 1 if number >= 10 else 2))} {unit}"


def month(value: int) -> str:
    """yyyymm as a short month name and year."""
    return _month(value, locale())


def day(value: date) -> str:
    return format_date(value, "long", locale=locale())


def moment(value: datetime, zone: str = "Europe/Paris") -> str:
    return format_datetime(value, "d MMM y, HH:mm", tzinfo=ZoneInfo(zone), locale=locale())


def hour(value: datetime, zone: str = "Europe/Paris") -> str:
    return format_time(value, "HH:mm:ss", tzinfo=ZoneInfo(zone), locale=locale())


def cents_of(text: str) -> int | None:
    """Cents of an amount typed in euros (comma or point), None if it is none."""
    cleaned = "".join(text.split()).replace("€", "").replace(",", ".")
    try:
        value = Decimal(cleaned) * 100
    except InvalidOperation:
        return None
    if not value.is_finite() or value != value.to_integral_value():
        return None
    return int(value) if 0 < value <= MAX_CENTS else None


def install(app: Flask) -> None:
    for function in (euros, plain_euros, tokens, whole, day, moment, hour):
        app.add_template_filter(function)
