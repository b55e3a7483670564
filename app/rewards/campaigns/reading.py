"""Facts read strictly: what isn't understood is refused where it stands, never passed over."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.json_depth import TooDeepError, check_depth
from app.rewards.campaigns.faults import CampaignError, kind_of

_DEPTH = 64
_INTEGER_MOST = 10**12
EXACT_MOST = 2**53 - 1  # what every JSON reader keeps exact
_TEXT_MOST = 100
_PLACES = 20  # a float in a file has up to 18


def read_file(path: Path) -> Any:
    """The JSON of a file; numbers with a fraction as exact decimals. Raises CampaignError."""
    try:
        return read_text(path.read_text("utf-8-sig"))
    except OSError as error:
        raise CampaignError("$", "unreadable", why=error.strerror) from error
    except UnicodeDecodeError as error:
        raise CampaignError("$", "no_utf8") from error


def read_text(source: str) -> Any:
    """The same of a text. Raises CampaignError."""
    try:
        check_depth(source, _DEPTH)
        return json.loads(
            source, parse_float=Decimal, parse_constant=no_number, object_pairs_hook=once
        )
    except TooDeepError as error:
        raise CampaignError("$", "too_deep", most=_DEPTH) from error
    except json.JSONDecodeError as error:
        raise CampaignError(
            "$", "no_json", message=error.msg, line=error.lineno, column=error.colno
        ) from error
    except CampaignError:
        raise
    except (ValueError, ArithmeticError) as error:  # a number with thousands of digits
        raise CampaignError("$", "number_too_long") from error


def once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object, none said twice."""
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise CampaignError("$", "twice", name=twice)
    return found


def no_number(text: str) -> Any:
    """NaN and the infinities."""
    raise CampaignError("$", "no_number", text=text)


def mapping(
    value: object, path: str, *, required: Collection[str] = (), optional: Collection[str] = ()
) -> dict[str, Any]:
    """An object with these members and no others."""
    found = any_mapping(value, path)
    for name in required:
        if name not in found:
            raise CampaignError(f"{path}.{name}", "missing")
    known = (*required, *optional)
    for name in found:
        if name not in known:
            raise CampaignError(f"{path}.{name}", "unknown", known=known)
    return found


def any_mapping(value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise CampaignError(path, "wanted", wanted="object", found=kind_of(value))
    return value


def entries(value: object, path: str) -> Iterator[tuple[Any, str]]:
    """The items of a list with their paths; none for null."""
    if value is None:
        return
    if not isinstance(value, list):
        raise CampaignError(path, "wanted", wanted="list", found=kind_of(value))
    for index, item in enumerate(value):
        yield item, f"{path}[{index}]"


def text(value: object, path: str) -> str:
    if not isinstance(value, str) or not value:
        raise CampaignError(path, "wanted", wanted="text", found=kind_of(value))
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        raise CampaignError(path, "half_sign")
    return value


def label(value: object, path: str) -> str:
    """Of somebody or something; a number is taken as its digits."""
    found = str(value) if type(value) is int else text(value, path)
    if len(found) > _TEXT_MOST:
        raise CampaignError(path, "too_long", most=_TEXT_MOST)
    return found


def labels(value: object, path: str) -> list[str]:
    """A list of names, or one."""
    if not isinstance(value, list):
        return [label(_there(value, path), path)]
    return [label(item, where) for item, where in entries(value, path)]


def code(value: object, path: str) -> str:
    """An administrative code; some are empty."""
    return "" if value == "" else label(value, path)


def whole(value: object, path: str, least: int = -_INTEGER_MOST, most: int = _INTEGER_MOST) -> int:
    """A whole number, also where it is written as 5000.0."""
    if type(value) is not int and not (isinstance(value, Decimal) and value.is_finite()):
        raise CampaignError(path, "wanted", wanted="whole", found=kind_of(value))
    if not least <= value <= most:
        raise CampaignError(path, "between", least=least, most=most)
    if value % 1:  # of a number within bounds, or the division itself fails
        raise CampaignError(path, "wanted", wanted="whole", found=kind_of(value))
    return int(value)


def whole_or_none(
    value: object, path: str, least: int = -_INTEGER_MOST, most: int = _INTEGER_MOST
) -> int | None:
    return None if value is None else whole(value, path, least, most)


def decimal(value: object, path: str) -> int | str:
    """An exact decimal, as the language writes it."""
    if type(value) is int:
        return whole(value, path)
    if not isinstance(value, Decimal):
        raise CampaignError(path, "wanted", wanted="number", found=kind_of(value))
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_PLACES or abs(value) > _INTEGER_MOST:
        raise CampaignError(path, "digits", most=_PLACES)
    written = f"{value:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return int(written) if "." not in written else written


def flag(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise CampaignError(path, "wanted", wanted="flag", found=kind_of(value))
    return value


def one_of(value: object, path: str, allowed: Collection[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise CampaignError(path, "one_of", known=allowed)
    return value


def instant(value: object, path: str) -> datetime:
    try:
        found = datetime.fromisoformat(text(value, path))
    except ValueError as error:
        if isinstance(error, CampaignError):
            raise
        raise CampaignError(path, "no_time") from error
    if found.tzinfo is None:
        raise CampaignError(path, "no_zone_of_time")
    try:
        found = found.astimezone(UTC)
    except OverflowError as error:
        raise CampaignError(path, "outside_calendar") from error
    if not 1 < found.year < 9999:  # so that every time zone has it
        raise CampaignError(path, "outside_calendar")
    return found


def day(value: object, path: str) -> date:
    try:
        return date.fromisoformat(text(value, path))
    except ValueError as error:
        if isinstance(error, CampaignError):
            raise
        raise CampaignError(path, "no_day") from error


def merged(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What holds where something is said over defaults; nested objects are replaced whole."""
    return {**defaults, **own}


def _there(value: object, path: str) -> object:
    if value is None:
        raise CampaignError(path, "wanted", wanted="list", found="null")
    return value
