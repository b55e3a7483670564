"""Predicates of the facts as predicates of the language. Several members of one object all hold."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from app.rewards.campaigns.faults import CampaignError, kind_of
from app.rewards.campaigns.places import ID, Places
from app.rewards.campaigns.reading import (
    any_mapping,
    code,
    day,
    entries,
    instant,
    labels,
    mapping,
    one_of,
    text,
    whole,
    whole_or_none,
)
from app.rewards.language.form import form_faults_of

Predicate = dict[str, Any]
ALWAYS: Predicate = {"all": []}
NEVER: Predicate = {"any": []}
BOOSTER_DAYS = "booster_days"


class Predicates:
    """Of one campaign: its zones, shapes, calendars and time zone."""

    def __init__(self, places: Places, time_zone: str, calendars: Collection[str]) -> None:
        self.places, self.time_zone = places, time_zone
        self._known = {BOOSTER_DAYS, *filter(ID.fullmatch, calendars)}
        self.calendars: list[str] = []

    def read(self, said: object, path: str) -> Predicate:
        members = any_mapping(said, path)
        if not members:
            raise CampaignError(path, "no_predicate")
        parts = [self._one(kind, value, f"{path}.{kind}") for kind, value in members.items()]
        return parts[0] if len(parts) == 1 else {"all": parts}

    def whole(self, said: object, path: str) -> Predicate:
        """One that stands by itself, of a form that the language takes."""
        found = self.read(said, path)
        for fault in form_faults_of(found, "predicate"):
            raise CampaignError(path, "fault", fault=fault)
        return found

    def when(self, entry: dict[str, Any], path: str) -> Predicate:
        """The `when` of an entry that may have one."""
        if entry.get("when") is None:
            return {}
        return {"when": self.whole(entry["when"], f"{path}.when")}

    def _one(self, kind: str, said: object, path: str) -> Predicate:
        reader = _READERS.get(kind)
        if reader is None:
            raise CampaignError(path, "unknown_predicate", known=_READERS)
        return reader(self, said, path)

    def _list(self, word: str, said: object, path: str) -> Predicate:
        if not isinstance(said, list):
            raise CampaignError(path, "wanted", wanted="predicates", found=kind_of(said))
        return {word: [self.read(part, where) for part, where in entries(said, path)]}

    def _all(self, said: object, path: str) -> Predicate:
        return self._list("all", said, path)

    def _any(self, said: object, path: str) -> Predicate:
        return self._list("any", said, path)

    def _not(self, said: object, path: str) -> Predicate:
        return {"not": self.read(said, path)}

    def _distance(self, said: object, path: str) -> Predicate:
        bounds = mapping(said, path, optional=("min", "below"))
        found = {
            word: value
            for name, word in (("min", "at_least"), ("below", "below"))
            if (value := whole_or_none(bounds.get(name), f"{path}.{name}", 0)) is not None
        }
        return {"distance_m": {**found, "unknown": "fail"}} if found else ALWAYS

    def _class(self, said: object, path: str) -> Predicate:
        classes = labels(said, path)
        return {"proof_class": {"in": classes, "unknown": "fail"}} if classes else NEVER

    def _adult(self, said: object, path: str) -> Predicate:
        one_of(said, path, ("not_known_minor",))
        return {"adult": {"who": "other", "unknown": "pass"}}

    def _start_in(self, said: object, path: str) -> Predicate:
        zone = self.places.zone(said, path)
        return {"in_zone": {"zone": zone, "end": "start", "unknown": "fail"}}

    def _end_in(self, said: object, path: str) -> Predicate:
        zone = self.places.zone(said, path)
        return {"in_zone": {"zone": zone, "end": "end", "unknown": "fail"}}

    def _both_ends(self, said: object, path: str) -> Predicate:
        shape = self.places.shape(said, path)
        return {"in_zone": {"zone": shape, "end": "both", "unknown": "fail"}}

    def _same_code(self, said: object, path: str) -> Predicate:
        kind = code(said, path)
        return {"same_code": {"kind": kind, "unknown": "fail", "both_unknown": "pass"}}

    def _weekday(self, said: object, path: str) -> Predicate:
        listed = said if isinstance(said, list) else [said]
        days = []
        for value, where in entries(listed, path):
            number = whole(value, where)
            if not 1 <= number <= 7:
                raise CampaignError(where, "weekday")
            days.append(number)
        found = sorted(set(days))
        return {"weekday": {"in": found, "time_zone": self.time_zone}} if found else NEVER

    def _contribution(self, said: object, path: str) -> Predicate:
        bounds = mapping(said, path, optional=("min", "below"))
        least = whole_or_none(bounds.get("min"), f"{path}.min")
        most = whole_or_none(bounds.get("below"), f"{path}.below")
        # What isn't known counts as 0, so whether it holds is known already.
        holds = (least is None or least <= 0) and (most is None or most > 0)
        found = {} if least is None else {"at_least": max(0, least)}
        found |= {} if most is None else {"below": max(0, most)}
        if not found:
            return ALWAYS
        return {"contribution_cents": {**found, "unknown": "pass" if holds else "fail"}}

    def _instant(self, said: object, path: str) -> Predicate:
        bounds = mapping(said, path, optional=("from", "before"))
        found = {
            name: moment(bounds[name], f"{path}.{name}")
            for name in ("from", "before")
            if bounds.get(name) is not None
        }
        if len(found) > 1 and instant(found["before"], path) < instant(found["from"], path):
            raise CampaignError(f"{path}.before", "backwards")
        return {"instant": found} if found else ALWAYS

    def _utc_day(self, said: object, path: str) -> Predicate:
        return self._day(said, path, "UTC")

    def _local_day(self, said: object, path: str) -> Predicate:
        return self._day(said, path, self.time_zone)

    def _day(self, said: object, path: str, time_zone: str) -> Predicate:
        bounds = mapping(said, path, optional=("from", "to", "in"))
        found = {
            name: day(bounds[name], f"{path}.{name}").isoformat()
            for name in ("from", "to")
            if bounds.get(name) is not None
        }
        if len(found) > 1 and found["to"] < found["from"]:
            raise CampaignError(f"{path}.to", "backwards")
        parts: list[Predicate] = [{"day": {**found, "time_zone": time_zone}}] if found else []
        if bounds.get("in") is not None:
            parts.append(self._days(bounds["in"], f"{path}.in", time_zone))
        return parts[0] if len(parts) == 1 else {"all": parts}

    def _days(self, said: object, path: str, time_zone: str) -> Predicate:
        """A calendar of the settings, or days listed in place."""
        if not isinstance(said, list):
            named = text(said, path)
            if named not in self._known:
                raise CampaignError(path, "unknown_days", known=sorted(self._known))
            if named not in self.calendars:
                self.calendars.append(named)
            return {"in_calendar": {"calendar": named, "time_zone": time_zone}}
        days = [day(item, where).isoformat() for item, where in entries(said, path)]
        return {"any": [{"day": {"from": d, "to": d, "time_zone": time_zone}} for d in days]}


def moment(value: object, path: str) -> str:
    """An instant as the language writes it."""
    return f"{instant(value, path).replace(tzinfo=None).isoformat()}Z"


_READERS: dict[str, Callable[[Predicates, object, str], Predicate]] = {
    "all": Predicates._all,
    "any": Predicates._any,
    "not": Predicates._not,
    "distance_m": Predicates._distance,
    "class": Predicates._class,
    "passenger_adult": Predicates._adult,
    "start_in": Predicates._start_in,
    "end_in": Predicates._end_in,
    "same_code": Predicates._same_code,
    "weekday": Predicates._weekday,
    "contribution_cents": Predicates._contribution,
    "both_ends_inside": Predicates._both_ends,
    "instant": Predicates._instant,
    "utc_day": Predicates._utc_day,
    "local_day": Predicates._local_day,
}
