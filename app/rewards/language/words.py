"""An explanation in words: a sentence for each line, in French and English."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.rewards.language.clauses import clause
from app.rewards.language.figures import MONEY, amount, exact, measure, noun
from app.rewards.language.lines import Line

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "under_minimum": "{value} is under the minimum of {bound}.",
        "not_above": "{value} isn't more than {bound}, as it must be.",
        "over_maximum": "{value} is over the maximum of {bound}.",
        "not_below": "{value} isn't less than {bound}, as it must be.",
        "not_met": "Not met: {clause}{found}.",
        "excluded": "Excluded: {clause}{found}.",
        "not_known": "Not known, and it must be: {clause}.",
        "to_find_out": "To be found out first: {clause}.",
        "measure_not_known": "{of} isn't known, so there is nothing to reckon with.",
        "measure_to_find_out": "To be found out first: {of}.",
        "no_tariff": "No tariff of the programme is for this action.",
        "no_step": "The tariff pays nothing for {value}.",
        "passed_over": "Another tariff ({rule}) would fit too; {first} comes first.",
        "fixed": "For the action: {amount}.",
        "seats": "{seats} at {cents}: {amount}.",
        "per": "{counted} at {cents} for each {size}{times_seats}{most}: {amount}.",
        "times": "Multiplied by {times}: {amount}.",
        "minus": "Less {what}: {amount}.",
        "at_most": "At most {what}: {amount}.",
        "at_least": "At least {what}: {amount}.",
        "rounding": "Rounded to whole cents: {amount}.",
        "not_under_zero": "Never less than nothing: {amount}.",
        "limit": "{count} of {most} {whose} {period} were used already: {amount}.",
        "whose_not_known": "It isn't known {whose} it counts for, and a limit asks it.",
        "kept_back": "Kept back until then: {amount}.",
        "not_vouched": "Nobody vouched for it: it is counted apart and brings nothing.",
        "no_rules": "The programme had no rules in force then.",
        "budget": "The programme's money has only {left} left: {amount}.",
        "to_set_against": "Never a negative credit: {amount} set against later ones; still to be "
        "set against: {still}.",
        "set_against": "{owed} were still to be set against: {amount}; left of it: {still}.",
        "added_on": "A correction left {owed} to be added: {amount}; left of it: {still}.",
    },
    "fr": {
        "under_minimum": "{value}, c'est moins que le minimum de {bound}.",
        "not_above": "{value}, ce n'est pas plus de {bound}, comme il le faut.",
        "over_maximum": "{value}, c'est plus que le maximum de {bound}.",
        "not_below": "{value}, ce n'est pas moins de {bound}, comme il le faut.",
        "not_met": "Condition non remplie : {clause}{found}.",
        "excluded": "Exclu : {clause}{found}.",
        "not_known": "Inconnu, et il faut le savoir : {clause}.",
        "to_find_out": "À vérifier d'abord : {clause}.",
        "measure_not_known": "{of} : inconnu, il n'y a donc rien à calculer.",
        "measure_to_find_out": "À vérifier d'abord : {of}.",
        "no_tariff": "Aucun tarif du programme n'est prévu pour cette action.",
        "no_step": "Le tarif ne paie rien pour {value}.",
        "passed_over": "Un autre tarif ({rule}) conviendrait aussi ; {first} passe avant.",
        "fixed": "Pour l'action : {amount}.",
        "seats": "{seats} à {cents} : {amount}.",
        "per": "{counted} à {cents} pour {size}{times_seats}{most} : {amount}.",
        "times": "Multiplié par {times} : {amount}.",
        "minus": "Moins {what} : {amount}.",
        "at_most": "Au plus {what} : {amount}.",
        "at_least": "Au moins {what} : {amount}.",
        "rounding": "Arrondi au centime entier : {amount}.",
        "not_under_zero": "Jamais moins que rien : {amount}.",
        "limit": "{count} sur {most} {whose} {period} étaient déjà pris : {amount}.",
        "whose_not_known": "On ne sait pas {whose} cela compte, et un plafond le demande.",
        "kept_back": "En attente d'ici là : {amount}.",
        "not_vouched": "Personne ne s'en est porté garant : compté à part, sans récompense.",
        "no_rules": "Le programme n'avait alors aucune règle en vigueur.",
        "budget": "Il ne reste que {left} dans le budget du programme : {amount}.",
        "to_set_against": "Jamais de crédit négatif : {amount} à déduire des suivants ; reste à "
        "déduire : {still}.",
        "set_against": "Restait à déduire : {owed}. Déduction : {amount} ; il en reste {still}.",
        "added_on": "Une correction a laissé {owed} à ajouter : {amount} ; il en reste {still}.",
    },
}
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
        "contribution_cents": "ce que l'autre personne a payé",
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
        "attester": "par cet attestant",
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
        "attester": "pour quel attestant", "trip": "pour quel trajet",
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
    """One line in words."""
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
    return SENTENCES[language][line.code].format(**words)


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
        count, most = (amount(values[name], language) for name in ("count", "most"))
    else:
        kind = {"actions": "action", "seats": "seat"}[values["counts"]]
        count, most = str(values["count"]), noun(kind, values["most"], language)
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
