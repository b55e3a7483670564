"""How letters say a time: in the city's time zone, with its name, in the reader's language.

A letter is written where no zone is known, so its text carries a mark for each time, which becomes
words when the letter leaves, as the installation's address does.

    moment(at, "en")    a mark: "Thursday 3 December 2026 at 14:05 (Central European Standard Time)"
    day(at, "en")       a mark: "3 December 2026"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_name

_MARK = re.compile(r"civis-(moment|day):([a-z]{2}):([0-9T:.+-]+);")
_MOMENT = {"fr": "EEEE d MMMM y 'à' HH:mm", "en": "EEEE d MMMM y 'at' HH:mm"}
_DAY = "d MMMM y"


def moment(at: datetime, language: str) -> str:
    return _mark("moment", at, language)


def day(at: datetime, language: str) -> str:
    """The day that it is in the city."""
    return _mark("day", at, language)


def worded(values: Mapping[str, str | datetime], language: str) -> dict[str, str]:
    """A letter's values, each time among them as a moment."""
    return {
        name: moment(value, language) if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def date_words(value: date, language: str) -> str:
    """A day that is known as one already."""
    return str(format_date(value, _DAY, locale=language))


def in_words(text: str, zone: ZoneInfo) -> str:
    """The text with its marks read in this zone."""
    return _MARK.sub(lambda found: _words(found[1], found[2], found[3], zone), text)


def _mark(kind: str, at: datetime, language: str) -> str:
    return f"civis-{kind}:{language}:{at.astimezone(UTC).isoformat()};"


def _words(kind: str, language: str, at: str, zone: ZoneInfo) -> str:
    when, spoken = datetime.fromisoformat(at), Locale.parse(language)
    if kind == "day":
        return str(format_datetime(when, _DAY, tzinfo=zone, locale=spoken))
    said = format_datetime(when, _MOMENT[language], tzinfo=zone, locale=spoken)
    return f"{said} ({get_timezone_name(when.astimezone(zone), locale=spoken)})"
