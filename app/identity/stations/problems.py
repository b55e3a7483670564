"""What can be wrong with stations, badges and shifts, in both languages."""

from __future__ import annotations

from app.errors import Words, define

_TABLE: dict[str, tuple[int, Words, Words]] = {
    "station-unknown": (
        403,
        ("This browser is no station", "It was never enrolled, or that was ended.", "Enrol it."),
        (
            "Ce navigateur n’est pas un poste",
            "Il n’a jamais été enregistré, ou ne l’est plus.",
            "Enregistrez-le.",
        ),
    ),
    "shift-refused": (
        403,
        (
            "No shift was opened",
            "Badge, number or PIN is wrong, or five wrong PINs locked it.",
            "Try again, or choose another PIN on your own page.",
        ),
        (
            "Aucun service n’a été ouvert",
            "Badge, numéro ou code faux, ou bloqué après cinq codes faux.",
            "Réessayez, ou choisissez un autre code sur votre page.",
        ),
    ),
    "station-paused": (
        429,
        (
            "This station opens no shift for a quarter of an hour",
            "Ten wrong tries came one after another; the administrator was told.",
            "Wait, or sign in on your own device.",
        ),
        (
            "Ce poste n’ouvre aucun service pendant un quart d’heure",
            "Dix essais faux se sont suivis ; l’administrateur est prévenu.",
            "Attendez, ou connectez-vous sur votre appareil.",
        ),
    ),
    "shift-only": (
        403,
        (
            "A shift opens the counter and the till only",
            "This page is your own, or an administrator’s.",
            "Sign in on your own device.",
        ),
        (
            "Un service n’ouvre que le guichet et la caisse",
            "Cette page est personnelle, ou d’un administrateur.",
            "Connectez-vous sur votre appareil.",
        ),
    ),
    "badge-no-work": (
        409,
        ("You work at no counter or till there", "", "Ask the city’s officers for the role."),
        (
            "Vous n’y tenez ni guichet ni caisse",
            "",
            "Demandez le rôle aux agents de la ville.",
        ),
    ),
    "badges-all-taken": (
        409,
        ("All short numbers are taken", "", "Have badges of people who left ended."),
        ("Tous les numéros courts sont pris", "", "Faites supprimer les badges inutiles."),
    ),
}
for _code, (_status, _en, _fr) in _TABLE.items():
    define(_code, _status, en=_en, fr=_fr)
