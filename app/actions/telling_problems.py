"""What can be wrong with what a deed tells, by stable code."""

from __future__ import annotations

from app.errors import Words, define

PROBLEMS: dict[str, tuple[int, Words, Words]] = {
    "told-not-asked": (
        422,
        (
            "No rule asks this",
            "The programme's rules of that day don't look at {what}.",
            "Leave it out: what decides nothing isn't kept.",
        ),
        (
            "Aucune règle ne le demande",
            "Les règles du programme ce jour-là ne regardent pas {what}.",
            "Retirez-le : ce qui ne décide de rien n’est pas gardé.",
        ),
    ),
    "told-not-shared": (
        422,
        (
            "Nothing of the kind is shared",
            "Only trips in a shared car tell {what}.",
            "Leave it out, or name the kind of trip.",
        ),
        (
            "Rien n’est partagé ici",
            "Seuls les trajets en voiture partagée disent {what}.",
            "Retirez-le, ou indiquez le bon type de trajet.",
        ),
    ),
    "told-oneself": (
        422,
        ("Nobody shares with themselves", "", "Identify the other person at the counter."),
        ("On ne partage pas avec soi-même", "", "Identifiez l’autre personne au guichet."),
    ),
}

for _code, (_status, _en, _fr) in PROBLEMS.items():
    define(_code, _status, en=_en, fr=_fr)
