"""What another version of a rule set would change, entry by entry, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.rewards.language.describing import by_entry
from app.rewards.language.exact import fraction
from app.rewards.language.naming import Names, named
from app.typography import printed

Rules = Mapping[str, Any]


@dataclass(frozen=True)
class Changed:
    """An entry that says something else: `before` is empty where it is new, `after` where it
    goes. Both are the same where only its order or what words don't tell has changed."""

    rule: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        if not self.before:
            return "new"
        return "changed" if self.after else "gone"


def changes(before: Rules, after: Rules, language: str, names: Names) -> list[Changed]:
    """From one canonical rule set to another, in the order of the new one; what goes is last."""
    return list(_changes(_told(before, language, names), _told(after, language, names)))


Told = Mapping[str, tuple[str, Any]]


def _changes(old: Told, new: Told) -> Iterator[Changed]:
    for rule, (words, data) in new.items():
        was = old.get(rule)
        if was is None:
            yield Changed(rule, "", words)
        elif exact_worth(was[1]) != exact_worth(data):
            yield Changed(rule, was[0], words)
    for rule, (words, _) in old.items():
        if rule not in new:
            yield Changed(rule, words, "")


def exact_worth(said: Any) -> Any:
    """The same for what is worth the same: 20 cents for 1,000 l, and 2 for 100."""
    if isinstance(said, list):
        return [exact_worth(one) for one in said]
    if not isinstance(said, Mapping):
        return said
    found = {word: exact_worth(value) for word, value in said.items()}
    if {"cents", "size"} <= said.keys():
        found |= {"cents": fraction(said["cents"]) / fraction(said["size"]), "size": 1}
    return found


def _told(rules: Rules, language: str, names: Names) -> dict[str, tuple[str, Any]]:
    """By id: the sentences of each entry, and all that it holds."""
    names = names.with_zones(rules, language)
    words: dict[str, list[str]] = {}
    for _, rule, sentence in by_entry(named(rules, names), language):
        words.setdefault(rule, []).append(sentence)
    data = {entry["id"]: entry for part in _LISTS for entry in rules.get(part, ())}
    found = {rule: (" ".join(words.get(rule, [rule])), entry) for rule, entry in data.items()}
    for word, unless in _WHOLE.items():
        value = rules.get(word, unless)
        said = " ".join(words.get(word, ())) or SENTENCES[language][word].format(value)
        found[word] = (said, value)
    for name, zone in rules.get("zones", {}).items():
        said = SENTENCES[language]["zone"].format(names.zone[name])
        found[f"zones.{name}"] = (said, zone)
    return found


_LISTS = ("conditions", "tariffs", "adjustments", "limits")
# What holds for the whole rule set, and what holds where it isn't said.
_WHOLE = {"time_zone": "", "rounding": "", "negative": "zero", "limits_order": "together"}
SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "time_zone": "Days and hours are those of {}.",
        "rounding": "Rounding: {}.",
        "negative": "An amount under zero becomes nothing.",
        "limits_order": "Order of the limits: {}.",
        "zone": "Zone {}.",
    },
    "fr": {
        "time_zone": "Les jours et les heures sont ceux de {}.",
        "rounding": "Arrondi : {}.",
        "negative": "Un montant négatif devient nul.",
        "limits_order": "Ordre des plafonds : {}.",
        "zone": "Zone {}.",
    },
}
SENTENCES = printed(SENTENCES)
