"""An explanation in words: a sentence for each line, in French and English."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.rewards.language.clauses import clause
from app.rewards.language.figures import MONEY, amount, exact, measure, noun
from app.rewards.language.line_words import RESULT, SENTENCES
from app.rewards.language.lines import Line

FIELDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "distance_m": "The distance",
        "quantity": "The quantity",
        "contribution_cents": "what the other person paid",
        "revenue_cents": "what the trip brought already",
    },
    "fr": {
        "distance_m": "La distance",
        "quantity": "La quantité",
        "contribution_cents": "ce que l’autre personne a payé",
        "revenue_cents": "ce que le trajet a déjà rapporté",
    },
}
WHOSE: Mapping[str, Mapping[str, str]] = {
    "en": {
        "citizen": "for you",
        "other": "for the person you shared with",
        "pair": "for the two of you",
        "partner": "through this partner",
        "attester": "through this attester",
        "trip": "for this trip",
        "programme": "in the programme",
    },
    "fr": {
        "citizen": "pour vous",
        "other": "pour la personne avec qui vous partagez",
        "pair": "pour vous deux",
        "partner": "par ce partenaire",
        "attester": "par cet attesteur",
        "trip": "pour ce trajet",
        "programme": "dans le programme",
    },
}
NOBODY: Mapping[str, Mapping[str, str]] = {
    "en": {
        "citizen": "whom", "other": "whom you shared with that", "pair": "which two people",
        "partner": "which partner", "attester": "which attester", "trip": "which trip",
    },
    "fr": {
        "citizen": "pour qui", "other": "pour quelle autre personne",
        "pair": "pour quelles deux personnes", "partner": "pour quel partenaire",
        "attester": "pour quel attesteur", "trip": "pour quel trajet",
    },
}  # fmt: skip
PERIODS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "day": "that day",
        "week": "that week",
        "month": "that month",
        "year": "that year",
        "always": "in all",
    },
    "fr": {
        "day": "ce jour-là",
        "week": "cette semaine-là",
        "month": "ce mois-là",
        "year": "cette année-là",
        "always": "en tout",
    },
}


def sentences(lines: Iterable[Line], language: str) -> list[str]:
    """A sentence for each line. KeyError for a language other than fr and en."""
    return [sentence(line, language) for line in lines]


def sentence(line: Line, language: str) -> str:
    """One line in words, its amount included."""
    return _template(line, language).format(**_values(line, language))


def reason(line: Line, language: str) -> str:
    """The same without its amount, for whoever shows that beside it."""
    template = _template(line, language).replace(RESULT[language], "")
    return template.format(**_values(line, language))


def _template(line: Line, language: str) -> str:
    counted = line.code != "limit" or "count" in line.values
    return SENTENCES[language][line.code if counted else "limit_reached"]


def _values(line: Line, language: str) -> dict[str, str]:
    words: dict[str, str] = {"rule": line.rule, "amount": amount(line.cents, language)}
    for name, value in line.values.items():
        words[name] = _plain(name, value, language)
    for names, build in _BUILDERS:
        if names <= set(line.values):
            words |= build(line.values, language)
    if line.code in ("not_met", "excluded"):
        found = line.values.get("found")
        words["found"] = "" if found is None else f" ({found})"
    if line.code == "whose_not_known":
        words["whose"] = NOBODY[language][line.values["per"]]
    return words


def _plain(name: str, value: Any, language: str) -> str:
    if name == "predicate":
        return ""
    if name == "times":
        return exact(value, language)
    if name == "left_cents":
        return amount(value, language)
    return str(value)


def _of(values: Mapping[str, Any], language: str) -> dict[str, str]:
    return {"of": FIELDS[language].get(values["of"], values["of"])}


def _measured(values: Mapping[str, Any], language: str) -> dict[str, str]:
    kind, unit = values["of"], values.get("unit")
    names = [name for name in ("value", "bound", "counted", "size") if name in values]
    if "value" in names and values["value"] is None:  # steps that don't look at it may not pay
        return {"value": {"en": "this deed", "fr": "ce geste"}[language]}
    found = {name: measure(kind, values[name], language, unit) for name in names}
    if kind in MONEY and "value" in found:
        what = FIELDS[language][kind]
        found["value"] = f"{what[0].upper()}{what[1:]} ({found['value']})"
    return found


def _seats(values: Mapping[str, Any], language: str) -> dict[str, str]:
    return {
        "seats": noun("seat", values["seats"], language),
        "cents": amount(values["cents"], language),
    }


def _per(values: Mapping[str, Any], language: str) -> dict[str, str]:
    most = values.get("max_cents")
    at_most = {"en": ", at most {}", "fr": ", au plus {}"}[language]
    seats = f" × {noun('seat', values['seats'], language)}" if values["seats"] > 1 else ""
    return {
        "times_seats": seats,
        "most": "" if most is None else at_most.format(amount(most, language)),
    }


def _what(values: Mapping[str, Any], language: str) -> dict[str, str]:
    said = amount(values["cents"], language)
    field = values.get("field")
    return {"what": f"{FIELDS[language][field]} ({said})" if field else said}


def _limit(values: Mapping[str, Any], language: str) -> dict[str, str]:
    if values["counts"] == "cents":
        count, most = (amount(values.get(name, 0), language) for name in ("count", "most"))
    else:
        kind = {"actions": "action", "seats": "seat"}[values["counts"]]
        count = exact(values.get("count", 0), language)
        most = noun(kind, values["most"], language)
    return {
        "count": count,
        "most": most,
        "whose": WHOSE[language][values["per"]],
        "period": PERIODS[language][values["period"]],
    }


def _left(values: Mapping[str, Any], language: str) -> dict[str, str]:
    return {"left": amount(max(0, values["left_cents"]), language)}


def _owed(values: Mapping[str, Any], language: str) -> dict[str, str]:
    still = values["still_cents"]
    return {
        "owed": amount(values["owed_cents"], language),
        "still": amount(still, language) if still else {"en": "nothing", "fr": "rien"}[language],
    }


# What turns values into words, by the values that must be there; the later one wins.
_BUILDERS: tuple[tuple[frozenset[str], Callable[[Mapping[str, Any], str], dict[str, str]]], ...] = (
    (
        frozenset({"predicate"}),
        lambda said, language: {"clause": clause(said["predicate"], language)},
    ),
    (frozenset({"of"}), _of),
    (frozenset({"of", "value"}), _measured),
    (frozenset({"cents"}), _what),
    (frozenset({"seats", "cents"}), _seats),
    (frozenset({"of", "counted", "size", "seats"}), _per),
    (frozenset({"of", "counted"}), _measured),
    (frozenset({"counts", "most"}), _limit),
    (frozenset({"left_cents"}), _left),
    (frozenset({"owed_cents", "still_cents"}), _owed),
)
