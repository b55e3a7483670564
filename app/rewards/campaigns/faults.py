"""What is wrong with a file of facts or a history: where, and what would be right, in French and
English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Self

from app.rewards.language.faults import Fault
from app.typography import printed

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "fault": "{fault}",
        "wanted": "must be {wanted}, is {found}",
        "said": "must be {wanted}, is {said}",
        "missing": "is missing; add it",
        "needed": "is missing, and the rules need it",
        "needed_outside": "the rules name it; give a file with {kind} by --outside",
        "unknown": "isn't known here; known: {known}",
        "unknown_predicate": "isn't known as a predicate; known: {known}",
        "unknown_days": "isn't a list of days in the settings; known: {known}",
        "unknown_column": "isn't known; known: {known}, start.KIND, end.KIND",
        "one_of": "must be one of {known}",
        "between": "must lie between {least} and {most}",
        "weekday": "must lie between 1, Monday, and 7, Sunday",
        "too_long": "is longer than {most} signs; shorten it",
        "digits": "has too many digits; at most {most} after the point",
        "number_too_long": "holds a number that is too long",
        "no_number": "{text} is no number; write a decimal",
        "twice": "an object says {name} twice; keep one",
        "too_deep": "is nested more than {most} deep; flatten it",
        "no_json": "no JSON: {message} (line {line}, column {column})",
        "no_json_line": "no JSON: {message} (column {column})",
        "unreadable": "can't be read: {why}",
        "half_sign": "holds half a sign (a surrogate); write it whole",
        "no_utf8": "isn't UTF-8; save the file as UTF-8",
        "no_time": "is no time; write it as 2024-03-31T22:00:00Z",
        "no_zone_of_time": "has no time zone; write it as 2024-03-31T22:00:00Z",
        "outside_calendar": "lies outside the calendar; correct the year",
        "no_day": "is no day; write it as 2024-03-31",
        "no_period": "{text} is no {period}",
        "no_time_zone": "{name} is no time zone; write it as Europe/Paris",
        "backwards": "ends before it begins; correct one of the two",
        "no_limit": "has no limit; say one of {known}",
        "names_itself": "names itself; list the codes",
        "no_zone": "there is no zone {name} in rules.zones",
        "no_shape": "there is no shape {name} in rules.shapes",
        "kind_not_said": "{name} is a list of codes: say of which kind, as in com",
        "no_kind": "is no kind of code",
        "corners": "needs three corners at least",
        "no_predicate": "says nothing; name a predicate",
        "no_requirement": "says nothing; require or exclude something",
        "too_little": "says too little for {rules}",
        "amounts": "has {count} amounts for {journeys} journeys",
        "empty_time": "is empty; say when it happened",
        "no_at": "is missing; say when each deed happened",
        "column_twice": "is there twice; keep one",
        "ending": "must end in one of {known}",
        "line_too_long": "is over {most} bytes long",
        "file_too_long": "is over {most} MiB; write it as JSON lines (.jsonl)",
        "late": "is {days} days behind a row before it; sort the file by at",
        "cells": "has {cells} cells for {columns} columns",
        "no_row": "is no row of a table: {message}",
        "no_action": "holds no deed; add rows",
        "assumed": "must be NAME=VALUE, as {example}",
        "version_1": "isn't as version 1 has it: {fault}",
    },
    "fr": {
        "fault": "{fault}",
        "wanted": "doit être {wanted}, c’est {found}",
        "said": "doit être {wanted}, c’est {said}",
        "missing": "manque ; ajoutez-le",
        "needed": "manque, et les règles le demandent",
        "needed_outside": "les règles le nomment ; donnez un fichier avec {kind} par --outside",
        "unknown": "est inconnu ici ; connus : {known}",
        "unknown_predicate": "n’est pas un prédicat connu ; connus : {known}",
        "unknown_days": "n’est pas une liste de jours des réglages ; connues : {known}",
        "unknown_column": "est inconnu ; connus : {known}, start.KIND, end.KIND",
        "one_of": "doit être l’un de {known}",
        "between": "doit être compris entre {least} et {most}",
        "weekday": "doit être compris entre 1, lundi, et 7, dimanche",
        "too_long": "dépasse {most} signes ; abrégez",
        "digits": "a trop de chiffres ; {most} au plus après la virgule",
        "number_too_long": "contient un nombre trop long",
        "no_number": "{text} n’est pas un nombre ; écrivez un nombre décimal",
        "twice": "un objet dit {name} deux fois ; gardez-en un",
        "too_deep": "est imbriqué sur plus de {most} niveaux ; simplifiez",
        "no_json": "ce n’est pas du JSON (ligne {line}, colonne {column})",
        "no_json_line": "ce n’est pas du JSON (colonne {column})",
        "unreadable": "est illisible",
        "half_sign": "contient la moitié d’un signe ; écrivez-le entier",
        "no_utf8": "n’est pas en UTF-8 ; enregistrez le fichier en UTF-8",
        "no_time": "n’est pas un instant ; écrivez par exemple 2024-03-31T22:00:00Z",
        "no_zone_of_time": "n’a pas de fuseau ; écrivez par exemple 2024-03-31T22:00:00Z",
        "outside_calendar": "sort du calendrier ; corrigez l’année",
        "no_day": "n’est pas un jour ; écrivez par exemple 2024-03-31",
        "no_period": "{text} ne convient pas à la période {period}",
        "no_time_zone": "{name} n’est pas un fuseau horaire ; écrivez par exemple Europe/Paris",
        "backwards": "finit avant de commencer ; corrigez l’un des deux",
        "no_limit": "n’a pas de plafond ; donnez l’un de {known}",
        "names_itself": "se nomme soi-même ; donnez les codes",
        "no_zone": "rules.zones n’a pas de zone {name}",
        "no_shape": "rules.shapes n’a pas de forme {name}",
        "kind_not_said": "{name} est une liste de codes : dites de quelle sorte, par exemple com",
        "no_kind": "n’est pas une sorte de code",
        "corners": "demande au moins trois sommets",
        "no_predicate": "ne dit rien ; nommez un prédicat",
        "no_requirement": "ne dit rien ; exigez ou excluez quelque chose",
        "too_little": "en dit trop peu pour {rules}",
        "amounts": "a {count} montants pour {journeys} trajets",
        "empty_time": "est vide ; dites quand c’était",
        "no_at": "manque ; dites quand chaque geste a eu lieu",
        "column_twice": "existe deux fois ; gardez-en une",
        "ending": "doit finir par l’un de {known}",
        "line_too_long": "dépasse {most} octets",
        "file_too_long": "dépasse {most} Mio ; écrivez-le en lignes de JSON (.jsonl)",
        "late": "a {days} jours de retard sur une ligne précédente ; triez le fichier par at",
        "cells": "a {cells} cellules pour {columns} colonnes",
        "no_row": "n’est pas une ligne de tableau",
        "no_action": "ne contient aucun geste ; ajoutez des lignes",
        "assumed": "doit être NOM=VALEUR, comme {example}",
        "version_1": "n’est pas comme le veut la version 1 : {fault}",
    },
}
SENTENCES = printed(SENTENCES)
KINDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "object": "an object",
        "list": "a list",
        "predicates": "a list of predicates",
        "cents": "a list of whole cents",
        "text": "a text",
        "number": "a number",
        "whole": "a whole number",
        "fraction": "a number with a fraction",
        "flag": "true or false",
        "null": "null",
        "empty": "empty",
        "other": "something else",
        "point": "longitude and latitude",
        "cell": "longitude and latitude, with a space between",
        "degrees": "a number of degrees",
        "calendar": "calendars",
        "zone": "zones",
    },
    "fr": {
        "object": "un objet",
        "list": "une liste",
        "predicates": "une liste de prédicats",
        "cents": "une liste de centimes entiers",
        "text": "un texte",
        "number": "un nombre",
        "whole": "un nombre entier",
        "fraction": "un nombre à virgule",
        "flag": "true ou false",
        "null": "null",
        "empty": "vide",
        "other": "autre chose",
        "point": "une longitude et une latitude",
        "cell": "une longitude et une latitude, séparées par une espace",
        "degrees": "un nombre de degrés",
        "calendar": "calendriers",
        "zone": "zones",
    },
}


class CampaignError(ValueError):
    """A file can't be used: the place, and what would be right there."""

    def __init__(self, path: str, code: str, **values: Any) -> None:
        super().__init__(path, code)
        self.path, self.code, self.values = path, code, values

    def said(self, language: str) -> str:
        """Without the place. KeyError for a language other than fr and en."""
        words = {name: _worded(value, language) for name, value in self.values.items()}
        for name in ("wanted", "found", "kind"):
            words[name] = KINDS[language].get(words.get(name, ""), words.get(name, ""))
        return SENTENCES[language][self.code].format(**words)

    def placed(self, path: str) -> Self:
        """The same elsewhere."""
        return type(self)(path, self.code, **self.values)

    def __str__(self) -> str:
        return f"{self.path}: {self.said('en')}"


def kind_of(value: object) -> str:
    """A word of KINDS for what a file holds in some place."""
    if value is None or value == "":
        return "null" if value is None else "empty"
    kinds: dict[type, str] = {
        bool: "flag",
        int: "number",
        Decimal: "fraction",
        str: "text",
        list: "list",
        dict: "object",
    }
    return kinds.get(type(value), "other")


def _worded(value: Any, language: str) -> str:
    if isinstance(value, Fault):
        return value.sentence(language).removeprefix(value.path).strip()
    if isinstance(value, str) or not isinstance(value, Iterable):
        return str(value)
    return ", ".join(map(str, value))
