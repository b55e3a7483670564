"""A predicate as a clause: "the distance is at least 2 km". For refusals, and for the public."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from app.rewards.language.figures import measure, noun
from app.typography import printed

Said = Any
WORDS: Mapping[str, Mapping[str, Any]] = {
    "en": {
        "and": " and ", "or": " or ", "not": "not: {}", "always": "always",
        "never": "never", "or_not_known": " (or not known)",
        "action_type": "the deed is {}", "proof_level": "the proof is {}",
        "proof_class": "the class of the proof is {}", "identity_level": "the citizen is {}",
        "partner": "it was recorded by {}", "attester": "it was vouched for by {}",
        "from": " from {} on", "anybody": "anybody", "nobody": "nobody", "then": ", then ",
        "at_least": "at least {}", "above": "more than {}", "at_most": "at most {}",
        "below": "less than {}", "is": "{what} is {bounds}",
        "distance_m": "the distance", "quantity": "the quantity", "seats": "the number of seats",
        "contribution_cents": "what the other person paid",
        "revenue_cents": "what the trip brought already",
        "instant_from": "it happened at {} or later", "instant_before": "it happened before {}",
        "day_from": "the day is {} or later", "day_to": "the day is {} or earlier",
        "in_calendar": "the day is in the calendar {}", "weekday": "the day is a {}",
        "hours": "the time is from {} to before {}",
        "recorded_within": "it was recorded {} after the deed at most",
        "citizen": "the citizen is of age", "other": "the other person is of age",
        "first_time": "it is the first time",
        "start": "it begins in {}", "end": "it ends in {}", "both": "it begins and ends in {}",
        "either": "it begins or ends in {}", "same_zone": "it begins and ends in the same of {}",
        "same_code": "both ends have the same code {}",
        "days": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        "date": "{d} {month} {y}", "time": "{date}, {t} UTC",
        "months": ("January", "February", "March", "April", "May", "June", "July", "August",
                   "September", "October", "November", "December"),
    },
    "fr": {
        "and": " et ", "or": " ou ", "not": "non : {}", "always": "toujours",
        "never": "jamais", "or_not_known": " (ou inconnu)",
        "action_type": "le geste est {}", "proof_level": "la preuve est {}",
        "proof_class": "la classe de la preuve est {}", "identity_level": "la personne est {}",
        "partner": "c’est enregistré par {}", "attester": "c’est attesté par {}",
        "from": " à partir du {}", "anybody": "n’importe qui", "nobody": "personne",
        "then": ", puis ",
        "at_least": "d’au moins {}", "above": "de plus de {}", "at_most": "d’au plus {}",
        "below": "de moins de {}", "is": "{what} est {bounds}",
        "distance_m": "la distance", "quantity": "la quantité", "seats": "le nombre de places",
        "contribution_cents": "la part payée par l’autre personne",
        "revenue_cents": "ce que le trajet a déjà rapporté",
        "instant_from": "c’était le {} ou plus tard", "instant_before": "c’était avant le {}",
        "day_from": "le jour est le {} ou plus tard", "day_to": "le jour est le {} ou plus tôt",
        "in_calendar": "le jour est dans le calendrier {}", "weekday": "le jour est un {}",
        "hours": "l’heure est de {} à avant {}",
        "recorded_within": "c’est enregistré au plus {} après le geste",
        "citizen": "la personne est majeure", "other": "l’autre personne est majeure",
        "first_time": "c’est la première fois",
        "start": "le départ est dans {}", "end": "l’arrivée est dans {}",
        "both": "départ et arrivée sont dans {}", "either": "départ ou arrivée est dans {}",
        "same_zone": "départ et arrivée sont dans la même zone parmi {}",
        "same_code": "départ et arrivée ont le même code {}",
        "days": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        "date": "{d} {month} {y}", "time": "{date}, {t} UTC",
        "months": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
                   "septembre", "octobre", "novembre", "décembre"),
    },
}  # fmt: skip
WORDS = printed(WORDS)


def clause(predicate: Mapping[str, Any], language: str) -> str:
    """KeyError for a language other than fr and en."""
    ((kind, said),) = predicate.items()
    words = WORDS[language]
    if kind in ("all", "any"):
        if not said:
            return str(words["always" if kind == "all" else "never"])
        parts = [_nested(part, kind, language) for part in said]
        return str(words["and" if kind == "all" else "or"]).join(parts)
    if kind == "not":
        return str(words["not"].format(_nested(said, "not", language)))
    text = _KINDS[kind](kind, said, language)
    return f"{text}{words['or_not_known']}" if said.get("unknown") == "pass" else text


def _nested(predicate: Mapping[str, Any], around: str, language: str) -> str:
    text = clause(predicate, language)
    (kind,) = predicate
    inner = kind in ("all", "any") and kind != around and len(predicate[kind]) > 1
    return f"({text})" if inner else text


def _listed(kind: str, said: Said, language: str) -> str:
    return str(WORDS[language][kind].format(_either(said["in"], language)))


def _either(names: list[str], language: str) -> str:
    """A, B or C."""
    *first, last = names or [""]
    return f"{', '.join(first)}{WORDS[language]['or']}{last}" if first else last


def _admitted(kind: str, said: Said, language: str) -> str:
    words, parts = WORDS[language], []
    for entry in said["admitted"]:
        ids = entry.get("ids")
        who = words["anybody"] if ids is None else _either(ids, language) or words["nobody"]
        begin = entry.get("from")
        since = words["from"].format(_time(begin, language)) if begin else ""
        parts.append(f"{who}{since}")
    return str(words[kind].format(words["then"].join(parts)))


def _bounds(kind: str, said: Said, language: str) -> str:
    words = WORDS[language]
    bounds = [
        words[name].format(measure(kind, said[name], language))
        for name in ("at_least", "above", "at_most", "below")
        if name in said
    ]
    return str(words["is"].format(what=words[kind], bounds=words["and"].join(bounds)))


def _instant(_: str, said: Said, language: str) -> str:
    words = WORDS[language]
    parts = [
        words[f"instant_{name}"].format(_time(said[name], language))
        for name in ("from", "before")
        if name in said
    ]
    return str(words["and"].join(parts))


def _day(_: str, said: Said, language: str) -> str:
    words = WORDS[language]
    parts = [
        words[f"day_{name}"].format(written_day(date.fromisoformat(said[name]), language))
        for name in ("from", "to")
        if name in said
    ]
    return str(words["and"].join(parts))


def _weekday(kind: str, said: Said, language: str) -> str:
    names = WORDS[language]["days"]
    return str(WORDS[language][kind].format(_either([names[n - 1] for n in said["in"]], language)))


def _within(kind: str, said: Said, language: str) -> str:
    return str(WORDS[language][kind].format(noun("day", said["days"], language)))


def written_day(day: date, language: str) -> str:
    month = WORDS[language]["months"][day.month - 1]
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return str(WORDS[language]["date"].format(d=number, month=month, y=day.year))


def _time(text: str, language: str) -> str:
    at = datetime.fromisoformat(text)
    shown = written_day(at.date(), language)
    return str(WORDS[language]["time"].format(date=shown, t=f"{at:%H:%M}"))


def _word(text: str) -> Callable[[str, Said, str], str]:
    """A clause that is its word, filled with one member of what is said."""

    def build(kind: str, said: Said, language: str) -> str:
        return str(WORDS[language][kind].format(said[text]))

    return build


_KINDS: dict[str, Callable[[str, Said, str], str]] = {
    **dict.fromkeys(("action_type", "proof_level", "proof_class", "identity_level"), _listed),
    **dict.fromkeys(("partner", "attester"), _admitted),
    **dict.fromkeys(
        ("distance_m", "quantity", "seats", "contribution_cents", "revenue_cents"), _bounds
    ),
    "instant": _instant,
    "day": _day,
    "in_calendar": _word("calendar"),
    "weekday": _weekday,
    "hours": lambda kind, said, language: str(
        WORDS[language][kind].format(said["from"], said["before"])
    ),
    "recorded_within": _within,
    "adult": lambda _, said, language: str(WORDS[language][said["who"]]),
    "first_time": lambda kind, _, language: str(WORDS[language][kind]),
    "in_zone": lambda _, said, language: str(WORDS[language][said["end"]].format(said["zone"])),
    "same_zone": lambda kind, said, language: str(
        WORDS[language][kind].format(_either(said["zones"], language))
    ),
    "same_code": _word("kind"),
}
