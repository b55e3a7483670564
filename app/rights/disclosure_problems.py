"""Why a request for people's data is not taken, or not answered."""

from __future__ import annotations

from app.errors import define

define(
    "disclosure-purpose",
    422,
    en=(
        "Nothing is handed out for this purpose",
        "Data leaves for purposes alone whose notice says so.",
        "Choose one of: {choices}.",
    ),
    fr=(
        "Rien n’est remis pour cette finalité",
        "Des données ne sortent que pour les finalités dont la notice le dit.",
        "Choisissez parmi : {choices}.",
    ),
)
define(
    "disclosure-field",
    422,
    en=("Unknown kind of data", "The register has no such kind.", "Choose one of: {choices}."),
    fr=(
        "Type de données inconnu",
        "Le registre n’a pas ce type.",
        "Choisissez parmi : {choices}.",
    ),
)
define(
    "disclosure-recipient",
    403,
    en=(
        "You can't ask for this recipient",
        "A partner asks for itself, an officer for the city.",
        "Name yourself as the recipient.",
    ),
    fr=(
        "Vous ne pouvez pas demander pour ce destinataire",
        "Un partenaire demande pour lui-même, un agent pour la ville.",
        "Indiquez-vous comme destinataire.",
    ),
)
define(
    "disclosure-open",
    409,
    en=(
        "There is such a request already",
        "One at a time is open for a recipient and a purpose.",
        "End that one first.",
    ),
    fr=(
        "Cette demande existe déjà",
        "Une seule à la fois est ouverte par destinataire et finalité.",
        "Terminez-la d’abord.",
    ),
)
define(
    "disclosure-decided",
    409,
    en=("This request is decided", "It waits for no decision.", "Reload the list."),
    fr=("Cette demande est décidée", "Elle n’attend pas de décision.", "Rechargez la liste."),
)
define(
    "disclosure-own",
    403,
    en=("Another officer decides", "You asked for it yourself.", "Leave it to a colleague."),
    fr=(
        "Un autre agent décide",
        "Vous avez fait cette demande.",
        "Laissez-la à un collègue.",
    ),
)
define(
    "disclosure-closed",
    409,
    en=(
        "This request gives nothing",
        "It was not admitted, was ended, or its time is over.",
        "Make a new request if the study goes on.",
    ),
    fr=(
        "Cette demande ne donne rien",
        "Elle n’a pas été admise, a été terminée, ou son temps est passé.",
        "Faites une nouvelle demande si l’étude continue.",
    ),
)
define(
    "disclosure-too-few",
    409,
    en=(
        "Too few people agree",
        "Data of fewer than five people is not handed out: it could be told whose it is.",
        "Wait until more people agree.",
    ),
    fr=(
        "Trop peu de personnes acceptent",
        "Les données de moins de cinq personnes ne sont pas remises : on saurait de qui.",
        "Attendez que plus de personnes acceptent.",
    ),
)
