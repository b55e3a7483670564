"""How numbers and times are said on a page, in the reader's language.

Amounts come in as integers in cents and go out as text; nothing is computed from the text.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal

MAX_CENTS = 100_000_000


def _locale() -> str:
    return str(get_locale() or "fr")


def euros(cents: int) -> str:
    return format_currency(Decimal(cents) / 100, "EUR", locale=_locale())


def plain_euros(cents: int) -> str:
    """An amount as a person types it into a form."""
    return format_decimal(Decimal(cents) / 100, "0.00", locale=_locale())


def tokens(cents: int) -> str:
    amount = format_decimal(Decimal(cents) / 100, "#,##0.00", locale=_locale())
    return _("%(amount)s tokens", amount=amount)


def whole(number: int) -> str:
    return format_decimal(number, locale=_locale())


def day(value: date) -> str:
    return format_date(value, "long", locale=_locale())


def moment(value: datetime, zone: str = "Europe/Paris") -> str:
    return format_datetime(value, "d MMM y, HH:mm", tzinfo=ZoneInfo(zone), locale=_locale())


def hour(value: datetime, zone: str = "Europe/Paris") -> str:
    return format_time(value, "HH:mm:ss", tzinfo=ZoneInfo(zone), locale=_locale())


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
