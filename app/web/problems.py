"""Codes of what can be wrong with a page's form alone; use cases bring their own."""

from __future__ import annotations

from typing import NamedTuple

from app.errors import CATALOGUE, define


class Place(NamedTuple):
    """Where in a file, as who reads it says it."""

    path: str

    def said(self, language: str) -> str:
        """What stands there is named as the file names it."""
        told = self.path
        if language == "fr":
            for word, french in (
                ("line ", "ligne "),
                ("column ", "colonne "),
                ("the file", "fichier"),
            ):
                told = told.replace(word, french)
        return told


if "statement-unreadable" not in CATALOGUE:
    define(
        "statement-unreadable",
        422,
        en=("The signed statement can't be read", "", "Reload the page and confirm once more."),
        fr=("La déclaration signée est illisible", "", "Rechargez la page et reconfirmez."),
    )
define(
    "day-not-understood",
    422,
    en=("The day was not understood", "", "Choose a day in the calendar."),
    fr=("Le jour n’a pas été compris", "", "Choisissez un jour dans le calendrier."),
)
define(
    "outside-not-json",
    422,
    en=("What it says was not understood", "It begins as JSON and is none.", "Correct it."),
    fr=("Le contenu n’a pas été compris", "Il commence en JSON et n’en est pas.", "Corrigez-le."),
)
define(
    "amount-not-understood",
    422,
    en=("The amount was not understood", "Euros and cents, such as 3.20.", "Type it again."),
    fr=("Le montant n’a pas été compris", "En euros et centimes, comme 3,20.", "Ressaisissez-le."),
)
define(
    "ceiling-not-understood",
    422,
    en=(
        "The ceiling was not understood",
        "A number of deeds, and of tokens such as 50.00.",
        "Type them again.",
    ),
    fr=(
        "Le plafond n’a pas été compris",
        "Un nombre de gestes, et de jetons comme 50,00.",
        "Ressaisissez.",
    ),
)
define(
    "demo-not-ready",
    503,
    en=("The demo city is still being built", "", "Wait a minute and try again."),
    fr=("La ville de démonstration se construit encore", "", "Réessayez dans une minute."),
)
define(
    "address-not-understood",
    422,
    en=("This is no key's address", "0x and 40 hexadecimal digits.", "Reload the page."),
    fr=("Ce n’est pas l’adresse d’une clé", "0x et 40 chiffres hexadécimaux.", "Rechargez."),
)
define(
    "warnings-not-seen",
    422,
    en=(
        "These rules have warnings",
        "They are allowed, and look like an oversight.",
        "Read them and say that you have, or correct the rules.",
    ),
    fr=(
        "Ces règles ont des avertissements",
        "Elles sont permises, mais il y a peut-être un oubli.",
        "Lisez-les et dites-le, ou corrigez les règles.",
    ),
)
define(
    "history-not-understood",
    422,
    en=("The file can't be tried", "{place}: {what}.", "Correct this place and send it again."),
    fr=(
        "Le fichier ne peut être essayé",
        "{place} : {what}.",
        "Corrigez cet endroit puis renvoyez-le ; docs/rules.md dit ce qui se lit.",
    ),
)
define(
    "rate-not-understood",
    422,
    en=(
        "{name}: the reward was not understood",
        "Tokens such as 0.10 per unit with a most at a time, or whole cents each time.",
        "Correct this line; leave it empty for no reward.",
    ),
    fr=(
        "{name} : la récompense n’a pas été comprise",
        "Des jetons par unité, comme 0,10, avec un maximum par fois, ou un montant par fois.",
        "Corrigez cette ligne ; laissez-la vide pour ne rien récompenser.",
    ),
)
define(
    "hour-missing",
    422,
    en=("{name}: an hour is missing", "The field “{hour}” is empty.", "Fill it, or empty both."),
    fr=(
        "{name} : il manque une heure",
        "Le champ « {hour} » est vide.",
        "Remplissez-le, ou videz les deux.",
    ),
)
define(
    "cap-not-understood",
    422,
    en=("A cap was not understood", "Each is an amount in tokens, such as 3.00.", "Type it again."),
    fr=("Un plafond n’a pas été compris", "Un montant en jetons, comme 3,00.", "Ressaisissez-le."),
)
define(
    "age-not-understood",
    422,
    en=("The number of days was not understood", "From 0 to 366.", "Type it again."),
    fr=("Le nombre de jours n’a pas été compris", "De 0 à 366.", "Ressaisissez-le."),
)
define(
    "example-not-understood",
    422,
    en=("The example was not understood", "A kind of deed and a quantity.", "Choose them again."),
    fr=("L’exemple n’a pas été compris", "Un geste et une quantité.", "Choisissez à nouveau."),
)
define(
    "programme-text-wrong",
    422,
    en=("{what} is not right", "{how}", "Type it again."),
    fr=("{what} ne convient pas", "{how}", "Ressaisissez."),
)
define(
    "form-without-rules",
    422,
    en=("The form's rules were not understood", "They are sent along with it.", "Load it again."),
    fr=(
        "Les règles du formulaire n’ont pas été comprises",
        "Elles sont envoyées avec lui.",
        "Rechargez-le.",
    ),
)
define(
    "proof-missing",
    422,
    en=("No proof is rewarded", "At least one kind must be.", "Tick a kind of proof."),
    fr=("Aucune preuve n’est récompensée", "Il en faut au moins une.", "Cochez une preuve."),
)
