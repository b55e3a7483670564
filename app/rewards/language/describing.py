"""A rule set in plain French and English, for the public: a sentence for each entry, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.rewards.language.clauses import clause
from app.rewards.language.exact import fraction
from app.rewards.language.figures import amount, exact, measure, noun
from app.rewards.language.words import FIELDS
from app.rewards.language.worth import in_order

Rules = Mapping[str, Any]
Told = tuple[str, str]  # the id of an entry, and what it says
WORDS: Mapping[str, Mapping[str, Any]] = {
    "en": {
        "conditions": "What it takes", "amounts": "How much", "limits": "Up to what",
        "colon": ": ", "if": "if ", "otherwise": "otherwise", "and": ", ", "nothing": "nothing",
        "require": "Needed: {}", "exclude": "Excluded: {}", "where": "Only if {when}: {said}",
        "pass": "where it isn't known, it counts as met",
        "fail": "where it isn't known, nothing is paid",
        "ask": "where it isn't known, somebody finds out first",
        "fixed": "{} for the action", "seat": "{} for each seat",
        "per": "{cents} for each {size}{bounds}{seats}{most}", "per_seat": " and seat",
        "from": " from {} on", "to": " up to {}", "up_to": ", at most {}",
        "rounded": " (rounded to {})",
        "step_from": "from {} on", "step_below": "below {}", "step_both": "from {} to less than {}",
        "step": "{where}{what}",
        "one_step": "Only the step that fits pays.",
        "times": "Multiplied by {}", "minus": "Less {}", "at_most": "At most {}",
        "at_least": "At least {}",
        "half_up": "Rounded to the cent, halves up.", "half_even": "Rounded to the even cent.",
        "down": "Rounded down to the cent.", "up": "Rounded up to the cent.",
        "negative": "An amount may be less than nothing; it is then set against later ones.",
        "limit": "At most {most} {whose} {period}", "number": "what “{}” says",
        "kinds": {"actions": "actions", "seats": "seats", "cents": "tokens"},
        "cut": "the last one gets what is left",
        "refuse": "what doesn't fit whole gets nothing",
        "overshoot": "the last one may go past it",
        "whose": {"citizen": "for each person", "other": "for each other person",
                  "pair": "for each pair of people", "partner": "through each partner",
                  "attester": "through each attester", "trip": "for each trip",
                  "programme": "in the programme"},
        "periods": {"day": "a day", "week": "a week", "month": "a month", "year": "a year",
                    "always": "in all"},
    },
    "fr": {
        "conditions": "Ce qu'il faut", "amounts": "Combien", "limits": "Jusqu'à combien",
        "colon": " : ", "if": "si ", "otherwise": "sinon", "and": ", ", "nothing": "rien",
        "require": "Il faut : {}", "exclude": "Exclu : {}", "where": "Seulement si {when} : {said}",
        "pass": "si c'est inconnu, cela compte comme rempli",
        "fail": "si c'est inconnu, rien n'est payé",
        "ask": "si c'est inconnu, quelqu'un vérifie d'abord",
        "fixed": "{} pour l'action", "seat": "{} par place",
        "per": "{cents} pour {size}{bounds}{seats}{most}", "per_seat": " et par place",
        "from": " à partir de {}", "to": " jusqu'à {}", "up_to": ", au plus {}",
        "rounded": " (arrondi à {})",
        "step_from": "à partir de {}", "step_below": "à moins de {}",
        "step_both": "de {} à moins de {}", "step": "{where}{what}",
        "one_step": "Seule la tranche qui convient paie.",
        "times": "Multiplié par {}", "minus": "Moins {}", "at_most": "Au plus {}",
        "at_least": "Au moins {}",
        "half_up": "Arrondi au centime, les demis vers le haut.",
        "half_even": "Arrondi au centime pair.",
        "down": "Arrondi au centime inférieur.", "up": "Arrondi au centime supérieur.",
        "negative": "Un montant peut être négatif ; il est alors déduit des suivants.",
        "limit": "Au plus {most} {whose} {period}", "number": "ce que dit « {} »",
        "kinds": {"actions": "actions", "seats": "places", "cents": "jetons"},
        "cut": "la dernière reçoit ce qui reste",
        "refuse": "ce qui ne tient pas en entier ne reçoit rien",
        "overshoot": "la dernière peut le dépasser",
        "whose": {"citizen": "par personne", "other": "par autre personne",
                  "pair": "par paire de personnes", "partner": "par partenaire",
                  "attester": "par attestant", "trip": "par trajet",
                  "programme": "dans le programme"},
        "periods": {"day": "par jour", "week": "par semaine", "month": "par mois",
                    "year": "par an", "always": "en tout"},
    },
}  # fmt: skip


@dataclass(frozen=True)
class Section:
    title: str
    sentences: tuple[str, ...]


def describe(rules: Rules, language: str) -> list[Section]:
    """Of a rule set in its canonical form. KeyError for a language other than fr and en."""
    parts: dict[str, list[str]] = {name: [] for name in _PARTS}
    for part, _, sentence in by_entry(rules, language):
        parts[part].append(sentence)
    return [Section(WORDS[language][name], tuple(parts[name])) for name in parts]


def brings(rules: Rules, tariffs: list[Rules], language: str) -> tuple[str, ...]:
    """What some of its tariffs pay, and how that is adjusted and rounded."""
    told = _amounts({**rules, "tariffs": tariffs}, language)
    return tuple(_capital(text) for _, text in told)


def by_entry(rules: Rules, language: str) -> Iterator[tuple[str, str, str]]:
    """Each sentence with its part and the id of the entry that it tells."""
    for part, told in _PARTS.items():
        for rule, text in told(rules, language):
            yield part, rule, _capital(text)


def _conditions(rules: Rules, language: str) -> Iterator[Told]:
    words = WORDS[language]
    for entry in in_order(rules, "conditions"):
        for word in ("require", "exclude"):
            if word in entry:
                said = words[word].format(clause(entry[word], language))
                if "when" in entry:
                    said = words["where"].format(when=clause(entry["when"], language), said=said)
                yield entry["id"], f"{said}{_unknown(entry, language)}."


def _unknown(entry: Rules, language: str) -> str:
    return f" ({WORDS[language][entry['unknown']]})" if "unknown" in entry else ""


def _amounts(rules: Rules, language: str) -> Iterator[Told]:
    words, tariffs = WORDS[language], in_order(rules, "tariffs")
    for place, tariff in enumerate(tariffs):
        steps = [_step(step, tariff, language) for step in tariff["steps"]]
        head = words["otherwise"] if place else ""
        if "when" in tariff:
            condition = f"{words['if']}{clause(tariff['when'], language)}"
            head = f"{head}, {condition}" if head else condition
        start = f"{head}{words['colon']}" if head else ""
        said = f"{start}{(' ; ' if language == 'fr' else '; ').join(steps)}."
        yield tariff["id"], said
        if tariff["bands"] == "exclusive" and len(steps) > 1:
            yield tariff["id"], words["one_step"]
        if "when" not in tariff:
            break
    for entry in in_order(rules, "adjustments"):
        yield entry["id"], _adjustment(entry, language)
    yield "rounding", words[rules["rounding"]]
    if rules.get("negative", "zero") == "allowed":
        yield "negative", words["negative"]


def _step(step: Rules, tariff: Rules, language: str) -> str:
    words = WORDS[language]
    where = _reached(step, tariff, language)
    if "when" in step:
        where.append(f"{words['if']}{clause(step['when'], language)}")
    what = [
        words[word].format(amount(step[name], language))
        for name, word in (("fixed_cents", "fixed"), ("seat_cents", "seat"))
        if fraction(step.get(name, 0))
    ]
    what += [_per(step, tariff.get("unit"), language)] if "per" in step else []
    start = f"{' '.join(where)}{words['colon']}" if where else ""
    return str(words["step"].format(where=start, what=words["and"].join(what) or words["nothing"]))


def _reached(step: Rules, tariff: Rules, language: str) -> list[str]:
    words, kind, unit = WORDS[language], tariff.get("measure", "distance_m"), tariff.get("unit")
    start = measure(kind, step["from"], language, unit) if step.get("from", 0) else ""
    ends = tariff["bands"] == "exclusive" and "below" in step
    end = measure(kind, step["below"], language, unit) if ends else ""
    if start and end:
        return [words["step_both"].format(start, end)]
    if start or end:
        return [words["step_from" if start else "step_below"].format(start or end)]
    return []


def _per(step: Rules, unit: str | None, language: str) -> str:
    words, per = WORDS[language], step["per"]
    bounds = [
        words[word].format(measure(per["of"], per[name], language, unit))
        for name, word in (("offset", "from"), ("limit", "to"))
        if per.get(name)
    ]
    if "round_to" in per:
        bounds.append(
            words["rounded"].format(measure(per["of"], per["round_to"]["size"], language, unit))
        )
    most = per.get("max_cents")
    return str(
        words["per"].format(
            cents=amount(per["cents"], language),
            size=measure(per["of"], per["size"], language, unit),
            bounds="".join(bounds),
            seats=words["per_seat"] if step.get("times_seats", True) else "",
            most="" if most is None else words["up_to"].format(amount(most, language)),
        )
    )


def _adjustment(entry: Rules, language: str) -> str:
    words = WORDS[language]
    kind = next(kind for kind in ("times", "minus", "at_most", "at_least") if kind in entry)
    said = entry[kind]
    if kind == "times":
        what = exact(said, language)
    elif "field" in said:
        what = FIELDS[language][said["field"]]
    else:
        what = amount(said["cents"], language)
    when = f" {words['if']}{clause(entry['when'], language)}" if "when" in entry else ""
    return f"{words[kind].format(what)}{when}{_unknown(entry, language)}."


def _limits(rules: Rules, language: str) -> Iterator[Told]:
    words = WORDS[language]
    for entry in in_order(rules, "limits"):
        said = words["limit"].format(
            most=_most(entry, language),
            whose=words["whose"][entry["per"]],
            period=words["periods"][entry["period"]],
        )
        when = f" {words['if']}{clause(entry['when'], language)}" if "when" in entry else ""
        how = "" if entry["counts"] == "actions" else f" ({words[entry['at_limit']]})"
        yield entry["id"], f"{said}{when}{how}."


def _most(entry: Rules, language: str) -> str:
    words, most, counts = WORDS[language], entry["most"], entry["counts"]
    if not isinstance(most, int):
        return f"{words['number'].format(most['number'])} ({words['kinds'][counts]})"
    if counts == "cents":
        return amount(most, language)
    return noun({"actions": "action", "seats": "seat"}[counts], most, language)


_PARTS: Mapping[str, Callable[[Rules, str], Iterator[Told]]] = {
    "conditions": _conditions,
    "amounts": _amounts,
    "limits": _limits,
}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
