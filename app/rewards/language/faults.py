"""What is wrong with a rule set: where, and what would be right, in French and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.typography import printed

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "missing": "is missing; add it",
        "unknown": "isn't known here; known: {known}",
        "wrong_type": "must be {wanted}, is {found}",
        "out_of_range": "must lie between {least} and {most}",
        "not_one_of": "must be one of {known}",
        "wrong_form": "isn't written as it must be; write it as {example}",
        "wrong_count": "must hold from {least} to {most} entries",
        "twice": "is there already, at {other}; keep one or give another",
        "either_or": "must say exactly one of {known}",
        "not_declared": "{name} isn't declared; add it to {where}",
        "no_date": "{text} isn't in the calendar; correct it",
        "out_of_order": "ends before it begins; swap the two or correct one",
        "not_for": "can't be {value} where {what} is counted; choose one of {known}",
        "not_shared": "can't share the counter of {other}: the same {words}, limits together",
        "negative": 'is under zero, and "negative" isn\'t "allowed"; raise it or allow it',
        "too_deep": "is nested more than {most} deep; flatten it",
        "not_kept": "the city keeps no {kind} {name} that holds on {day}; enter it first",
        "wrong_length": "must have from {least} to {most} signs on one line",
        "not_closed": "is no closed ring: four points or more, the last like the first",
        "no_area": "has all its points on one line, so nothing lies within; give it an area",
        "not_json": "can't be JSON: {why}",
    },
    "fr": {
        "missing": "manque ; ajoutez-le",
        "unknown": "est inconnu ici ; connus : {known}",
        "wrong_type": "doit être {wanted}, c’est {found}",
        "out_of_range": "doit être compris entre {least} et {most}",
        "not_one_of": "doit être l’un de {known}",
        "wrong_form": "n’est pas écrit comme il faut ; écrivez par exemple {example}",
        "wrong_count": "doit contenir de {least} à {most} éléments",
        "twice": "existe déjà, en {other} ; gardez-en un ou changez-le",
        "either_or": "doit dire exactement l’un de {known}",
        "not_declared": "{name} n’est pas déclaré ; ajoutez-le à {where}",
        "no_date": "{text} n’existe pas au calendrier ; corrigez",
        "out_of_order": "finit avant de commencer ; inversez ou corrigez",
        "not_for": "ne peut être {value} quand on compte {what} ; choisissez parmi {known}",
        "not_shared": "ne peut partager le compteur de {other} : mêmes {words}, plafonds ensemble",
        "negative": "est sous zéro, et « negative » n’est pas « allowed » ; relevez-le "
        "ou permettez-le",
        "too_deep": "est imbriqué sur plus de {most} niveaux ; simplifiez",
        "not_kept": "la ville ne tient pas de {kind} {name} valable le {day} ; "
        "saisissez-le d’abord",
        "wrong_length": "doit avoir de {least} à {most} signes sur une ligne",
        "not_closed": "n’est pas un anneau fermé : au moins quatre points, le dernier comme le "
        "premier",
        "no_area": "a tous ses points sur une ligne : rien n’est dedans ; donnez-lui une surface",
        "not_json": "ne peut être du JSON : {why}",
    },
}
SENTENCES = printed(SENTENCES)
KINDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "object": "an object",
        "array": "a list",
        "string": "a text",
        "integer": "a whole number",
        "boolean": "true or false",
        "null": "null",
        "number": "a number with a fraction (write it as a text)",
    },
    "fr": {
        "object": "un objet",
        "array": "une liste",
        "string": "un texte",
        "integer": "un nombre entier",
        "boolean": "vrai ou faux",
        "null": "null",
        "number": "un nombre à virgule (écrivez-le comme un texte)",
    },
}
_OR = {"en": " or ", "fr": " ou "}


@dataclass(frozen=True)
class Fault:
    """Something wrong at `path`; `code` is a key of SENTENCES."""

    path: str
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """The place and the remedy. KeyError for a language other than fr and en."""
        words = dict(self.values)
        kinds = KINDS[language]
        if self.code == "wrong_type":
            wanted = _OR[language].join(kinds[kind] for kind in words["wanted"])
            words |= {"wanted": wanted, "found": kinds[words["found"]]}
        if "known" in words:
            words["known"] = ", ".join(map(str, words["known"]))
        return f"{self.path} {SENTENCES[language][self.code].format(**words)}"


class InvalidRulesError(ValueError):
    """A rule set that must not be used; `faults` say where and why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.sentence("en") for fault in faults))
        self.faults = faults
