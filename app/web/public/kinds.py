"""The catalogue as a page shows it: each kind of deed, its factors, baseline and goals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any

from app.impact.accounting import MICROGRAMS
from app.impact.catalogue import catalogue
from app.impact.entries import CONTRIBUTES, GOAL_ONLY, PROXY, ActionType, Contribution, Factor
from app.web import formats
from app.web.citizen.ideas import GROUPS
from app.web.public.estimate_words import dataset
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l

EVIDENCE = {
    "trace": _l("a recorded trace"),
    "partner_record": _l("a partner's record"),
    "attestation": _l("somebody's word on the spot"),
    "photo": _l("a photo"),
    "meter_reading": _l("a meter's reading"),
}
RELATIONS = {
    CONTRIBUTES: _l("Contributes to"),
    PROXY: _l("Proxy of"),
    GOAL_ONLY: _l("Serves, without an indicator"),
}
PER = {
    "distance_m": ("km", 1000),
    "waste_g": ("kg", 1000),
    "water_ml": ("l", 1000),
    "energy_wh": ("kWh", 1000),
    "duration_s": ("min", 60),
    "item_count": ("item", 1),
}


@lru_cache(maxsize=2)
def kinds_by_group(language: str) -> list[dict[str, Any]]:
    """By group in the catalogue's order; the same for everybody who speaks the language."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for kind in catalogue().action_types():
        groups.setdefault(kind.category, []).append(_kind(kind, language))
    return [{"name": str(GROUPS[one]), "kinds": kinds} for one, kinds in groups.items()]


def _kind(kind: ActionType, language: str) -> dict[str, Any]:
    return {
        "id": kind.id,
        "name": kind.name[language],
        "counted": formats.unit(kind.entry_unit),
        "evidence": ", ".join(str(EVIDENCE[one]) for one in kind.evidence),
        "baseline": kind.baseline[language],
        "baseline_source": kind.baseline_source[language],
        "no_co2e": kind.no_co2e[language] if kind.no_co2e else "",
        "gain": _gain(kind),
        "factors": [_factor(one, language) for one in _factors(kind)],
        "links": [_link(link, language) for link in kind.indicators],
    }


def _gain(kind: ActionType) -> str:
    """What one unit avoids by the newest factors, as people read it."""
    if kind.co2e is None:
        return ""
    unit, size = PER[kind.co2e.metric.value]
    micrograms = kind.co2e.gains[-1].central * size
    mass = formats.mass(round(micrograms / MICROGRAMS))
    if abs(micrograms) < MICROGRAMS:
        mass = _grams(micrograms)
    return _("about %(mass)s of CO₂e avoided per %(unit)s", mass=mass, unit=formats.unit(unit))


def _factors(kind: ActionType) -> Iterator[Factor]:
    if kind.co2e:
        yield from chain(kind.co2e.baseline, kind.co2e.action or ())


def _factor(factor: Factor, language: str) -> dict[str, str]:
    unit, size = PER[factor.metric.value]
    return {
        "name": factor.name[language],
        "value": f"{_grams(factor.micrograms_per_unit * size)} / {formats.unit(unit)}",
        "range": _range(factor, size, language),
        "source": f"{dataset(factor.source)}, {factor.version} ({factor.source.licence})",
        "year": str(factor.year) if factor.year else _("not named by the source"),
        "days": _days(factor),
        "note": factor.note or "",
    }


def _range(factor: Factor, size: int, language: str) -> str:
    if factor.range is None or factor.low is None or factor.high is None:
        return _("not published by the source")
    low, high = _grams(factor.low * size), _grams(factor.high * size)
    by = factor.range.rule[language] + ", " if factor.range.rule else ""
    return _("%(low)s to %(high)s: %(by)s", low=low, high=high, by=by + factor.range.source)


def _days(factor: Factor) -> str:
    since = formats.day(factor.valid_from)
    if factor.valid_to is None:
        return _("from %(since)s", since=since)
    return _("%(since)s to %(until)s", since=since, until=formats.day(factor.valid_to))


def _grams(micrograms: int) -> str:
    """As the source has it, without rounding: grams, or kilograms where these are many."""
    grams = Decimal(micrograms) / MICROGRAMS
    if abs(grams) >= 1000:
        return f"{formats.plain_number(grams / 1000)} kg"
    return f"{formats.plain_number(grams)} g"


def _link(link: Contribution, language: str) -> dict[str, str]:
    known = catalogue()
    code, title = link.code, ""
    if link.relation != GOAL_ONLY:
        entry = known.indicators[code]
        code = ", ".join(known.same_as(code))
        title = entry.title[language]
    elif code in known.targets:
        title = known.targets[code].title[language]
    else:
        title = known.goals[code].title[language]
    return {
        "relation": str(RELATIONS[link.relation]),
        "code": code,
        "title": f"{title}.",
        "why": link.why[language],
    }
