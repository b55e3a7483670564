"""Codes of what can be wrong with a page's form alone; use cases bring their own."""

from __future__ import annotations

from app.errors import CATALOGUE, define

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
    fr=("Le jour n'a pas été compris", "", "Choisissez un jour dans le calendrier."),
)
define(
    "amount-not-understood",
    422,
    en=("The amount was not understood", "Euros and cents, such as 3.20.", "Type it again."),
    fr=("Le montant n'a pas été compris", "En euros et centimes, comme 3,20.", "Ressaisissez-le."),
)
define(
    "ceiling-not-understood",
    422,
    en=("The ceiling was not understood", "Two whole numbers, from 0.", "Type them again."),
    fr=("Le plafond n'a pas été compris", "Deux nombres entiers, à partir de 0.", "Ressaisissez."),
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
    fr=("Ce n'est pas l'adresse d'une clé", "0x et 40 chiffres hexadécimaux.", "Rechargez."),
)
