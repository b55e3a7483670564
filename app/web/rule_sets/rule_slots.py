"""What the form says of one kind of deed, each as an entry of a rule set, there and back.

An entry is shown by the form only if what was read off it writes the same entry again; all others
are kept as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any

from app.errors import Problem
from app.impact.catalogue import ActionType
from app.rewards.language.exact import fraction, written
from app.rewards.rule_sets.rule_format import IDENTITY_LEVELS, PAYABLE_PROOF_LEVELS
from app.web import formats
from app.web.rule_sets import rule_calendars
from app.web.words import lazy_gettext as _l
from app.web.words import locale

Entry = dict[str, Any]
Form = Mapping[str, str]
EACH, PER = "each", "per"
DAYS = range(1, 8)
MOST_DECIMALS = 6
YES = "yes"
HOURS = {"from": _l("from this hour on"), "before": _l("before this hour")}


@dataclass(frozen=True)
class Slot:
    """`write` gives the entry that was typed, or None; `read` what is typed for an entry. Both
    without id, order and `when`."""

    part: str
    name: str
    write: Callable[[ActionType, Form], Entry | None]
    read: Callable[[ActionType, Mapping[str, Any]], dict[str, str]]

    def id_of(self, kind: ActionType) -> str:
        return f"{self.name}-{kind.id}"


def said(form: Form, name: str, kind: ActionType) -> str:
    return form.get(f"{name}_{kind.id}", "").strip()


def number(form: Form, name: str, kind: ActionType) -> Decimal:
    """What was typed, over 0. Raises Problem rate-not-understood."""
    text = "".join(said(form, name, kind).split()).replace(",", ".")
    try:
        found = Decimal(text)
        cents = found * 100
    except ArithmeticError as error:  # no number, or one that overflows
        raise wrong(name, kind) from error
    if not (found.is_finite() and 0 < cents <= formats.MAX_CENTS):
        raise wrong(name, kind)
    if int(cents.normalize().as_tuple().exponent) < -MOST_DECIMALS:
        raise wrong(name, kind)
    return found


def wrong(name: str, kind: ActionType) -> Problem:
    return Problem("rate-not-understood", field=f"{name}_{kind.id}", name=kind.name[locale()])


def free(name: str, taken: Collection[str]) -> str:
    """The name, with a number where it is taken."""
    numbered = (f"{name}-{n}" for n in count(2))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def _cents(form: Form, name: str, kind: ActionType) -> int:
    """A whole amount."""
    cents = number(form, name, kind) * 100
    if cents != cents.to_integral_value():
        raise wrong(name, kind)
    return int(cents)


def _size(form: Form, name: str, kind: ActionType) -> int:
    """A quantity, in the smallest unit."""
    size = number(form, name, kind) * kind.entry_size
    if size != size.to_integral_value():
        raise wrong(name, kind)
    return int(size)


def _sized(size: int, kind: ActionType) -> str:
    text = formats.plain_decimal(Decimal(size) / kind.entry_size)
    return text[:-3] if text.endswith("00") and not text[-3].isdecimal() else text


def _tariff(kind: ActionType, form: Form) -> Entry | None:
    if not said(form, "rate", kind):
        return None
    if said(form, "way", kind) == EACH:
        for name in ("most", "upto", "plus"):
            if said(form, name, kind):
                raise wrong(name, kind)
        step: Entry = {"fixed_cents": _cents(form, "rate", kind)}
    else:
        cents = written(Fraction(number(form, "rate", kind) * 100))
        step = {"per": {"of": "quantity", "cents": cents, "size": kind.entry_size}}
        if said(form, "upto", kind):
            step["per"]["limit"] = _size(form, "upto", kind)
        if said(form, "most", kind):
            step["per"]["max_cents"] = _cents(form, "most", kind)
        step["times_seats"] = False
        if said(form, "plus", kind):
            step["fixed_cents"] = _cents(form, "plus", kind)
    return {"bands": "cumulative", "measure": "quantity", "steps": [step]}


def _tariff_typed(kind: ActionType, entry: Mapping[str, Any]) -> dict[str, str]:
    step = entry["steps"][0]
    if "per" not in step:
        return {"rate": formats.plain_euros(step["fixed_cents"]), "way": EACH}
    per = step["per"]
    rate = fraction(per["cents"]) * kind.entry_size / per["size"] / 100
    exact = Decimal(rate.numerator) / rate.denominator
    found = {"rate": formats.plain_decimal(exact), "way": PER}
    if "max_cents" in per:
        found["most"] = formats.plain_euros(per["max_cents"])
    if "limit" in per:
        found["upto"] = _sized(per["limit"], kind)
    if "fixed_cents" in step:
        found["plus"] = formats.plain_euros(step["fixed_cents"])
    return found


def _least(kind: ActionType, form: Form) -> Entry | None:
    if not said(form, "least", kind):
        return None
    least = {"at_least": _size(form, "least", kind), "unknown": "fail"}
    return {"require": {_measure(kind): least}}


def _measure(kind: ActionType) -> str:
    """Lengths are called so: sentences then have them in km."""
    return "distance_m" if kind.unit == "m" else "quantity"


def _days(kind: ActionType, form: Form) -> Entry | None:
    days = [day for day in DAYS if said(form, f"day{day}", kind) == YES]
    return {"require": {"weekday": {"in": days}}} if days else None


def _hours(kind: ActionType, form: Form) -> Entry | None:
    ends = {name: said(form, name, kind)[:5] for name in ("from", "before")}
    if not any(ends.values()):
        return None
    for name, text in ends.items():
        if not text:
            field = f"{name}_{kind.id}"
            raise Problem("hour-missing", field=field, name=kind.name[locale()], hour=HOURS[name])
    return {"require": {"hours": ends}}


def _calendar(kind: ActionType, form: Form) -> Entry | None:
    return rule_calendars.asked(said(form, "calendar", kind))


def _proofs(kind: ActionType, form: Form) -> Entry | None:
    levels = [one for one in PAYABLE_PROOF_LEVELS if said(form, f"proof-{one}", kind) == YES]
    return {"require": {"proof_level": {"in": levels}}} if levels else None


def _identity(kind: ActionType, form: Form) -> Entry | None:
    level = said(form, "identity", kind)
    if level not in IDENTITY_LEVELS:
        return None
    levels = list(IDENTITY_LEVELS[IDENTITY_LEVELS.index(level) :])
    return {"require": {"identity_level": {"in": levels}}}


def _floor(kind: ActionType, form: Form) -> Entry | None:
    if not said(form, "floor", kind):
        return None
    return {"at_least": {"cents": _cents(form, "floor", kind)}}


SLOTS = (
    Slot("tariffs", "rate", _tariff, _tariff_typed),
    Slot("conditions", "least", _least,
         lambda kind, entry: {"least": _sized(entry["require"][_measure(kind)]["at_least"], kind)}),
    Slot("conditions", "days", _days,
         lambda _, entry: {f"day{day}": YES for day in entry["require"]["weekday"]["in"]}),
    Slot("conditions", "hours", _hours,
         lambda _, entry: {one: entry["require"]["hours"][one] for one in ("from", "before")}),
    Slot("conditions", "calendar", _calendar,
         lambda _, entry: {"calendar": rule_calendars.typed(entry)}),
    Slot("conditions", "proof", _proofs,
         lambda _, entry: {f"proof-{one}": YES for one in entry["require"]["proof_level"]["in"]}),
    Slot("conditions", "identity", _identity,
         lambda _, entry: {"identity": entry["require"]["identity_level"]["in"][0]}),
    Slot("adjustments", "floor", _floor,
         lambda _, entry: {"floor": formats.plain_euros(entry["at_least"]["cents"])}),
)  # fmt: skip
DETAILS = (
    *("plus", "upto", "least", "floor", "from", "before", "identity", "calendar"),
    *(f"day{day}" for day in DAYS),
    *(f"proof-{one}" for one in PAYABLE_PROOF_LEVELS),
)
FIELDS = ("rate", "way", "most", *DETAILS)
