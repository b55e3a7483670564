"""Files that a rule set is tried with: the rule set itself, and what is kept outside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.rewards.campaigns import journeys
from app.rewards.campaigns.faults import CampaignError
from app.rewards.campaigns.places import Places
from app.rewards.campaigns.reading import any_mapping, day, entries, read_file, whole
from app.rewards.language.action import Outside
from app.rewards.language.form import form_faults_of
from app.rewards.language.loading import RuleSet, Vocabulary, load
from app.rewards.rule_sets.published import general, rule_set_hash
from app.rewards.rule_sets.rule_format import FORMAT_VERSION, rule_faults

TIME_ZONE = "Europe/Paris"


def rule_set(path: Path, time_zone: str = TIME_ZONE) -> RuleSet:
    """Of either version. Raises CampaignError, InvalidRulesError."""
    return understood(read_file(path), time_zone)


def understood(rules: Any, time_zone: str = TIME_ZONE) -> RuleSet:
    """Raises CampaignError, InvalidRulesError."""
    if is_version_1(rules):
        check_version_1(rules)
        return general(rules, time_zone)
    return load(rules, Vocabulary.anything())


def hash_of(rules: Any) -> bytes:
    """As it stands on the chain: of what is stored, which is canonical where it is version 2."""
    if is_version_1(rules):
        check_version_1(rules)
        return rule_set_hash(rules)
    return load(rules, Vocabulary.anything()).hash


def is_version_1(rules: Any) -> bool:
    return isinstance(rules, dict) and rules.get("version") == FORMAT_VERSION


def check_version_1(rules: dict[str, Any]) -> None:
    """Raises CampaignError."""
    rates = rules.get("rates")
    listed = rates if isinstance(rates, list) else []
    types = [rate.get("action_type") for rate in listed if isinstance(rate, dict)]
    known = [one for one in types if isinstance(one, str)]
    for fault in rule_faults(rules, known):
        raise CampaignError(fault.path, "version_1", fault=fault.code)


def outside_of(path: Path | None) -> Outside:
    """Calendars as lists of days, zones as in rules, numbers; or what the facts of a campaign say
    in their default settings. Raises CampaignError."""
    if path is None:
        return Outside()
    data = any_mapping(read_file(path), "$")
    if "rules" in data:
        return _of_facts(data)
    for name in data:
        if name not in ("calendars", "zones", "numbers"):
            raise CampaignError(f"$.{name}", "unknown", known=("calendars", "zones", "numbers"))
    calendars = any_mapping(data.get("calendars", {}), "$.calendars")
    numbers = any_mapping(data.get("numbers", {}), "$.numbers")
    zones = any_mapping(data.get("zones", {}), "$.zones")
    return Outside(
        calendars={
            name: [day(one, where) for one, where in entries(days, f"$.calendars.{name}")]
            for name, days in calendars.items()
        },
        zones={name: _zone(zone, f"$.zones.{name}") for name, zone in zones.items()},
        numbers={name: whole(one, f"$.numbers.{name}", 0) for name, one in numbers.items()},
    )


def _of_facts(data: dict[str, Any]) -> Outside:
    places = Places(any_mapping(data["rules"], "$.rules"))
    defaults = any_mapping(data.get("defaults") or {}, "$.defaults")
    settings = any_mapping(defaults.get("settings") or {}, "$.defaults.settings")
    calendars = [name for name, said in settings.items() if isinstance(said, list)]
    return journeys.outside(settings, "$.defaults.settings", places, calendars)


def _zone(said: object, path: str) -> dict[str, Any]:
    """As a rule set would hold it."""
    zone, found = any_mapping(said, path), form_faults_of(said, "zone")
    if found:
        raise CampaignError(f"{path}{found[0].path[1:]}", "fault", fault=found[0])
    return zone
