"""The refusals of this package, in both languages."""

from __future__ import annotations

from app.errors import Words, define, on_constraint

_AGAIN = ("Ask for a new code and try again.", "Demandez un nouveau code et réessayez.")
_CODE = ("Check the code on the citizen’s screen.", "Vérifiez le code sur l’écran de l’habitant.")

_TABLE: dict[str, tuple[int, Words, Words]] = {
    "email-invalid": (
        422,
        ("This is no e-mail address", "", "Check it, such as name@city.example."),
        (
            "Ce n’est pas une adresse électronique",
            "",
            "Vérifiez-la, par exemple nom@ville.example.",
        ),
    ),
    "sign-in-code-wrong": (
        403,
        ("The code is wrong or too old", "A code works for ten minutes, five tries.", _AGAIN[0]),
        ("Le code est faux ou trop ancien", "Un code sert dix minutes, cinq essais.", _AGAIN[1]),
    ),
    "sign-in-too-many-codes": (
        429,
        ("Too many codes", "Six an hour can be sent.", "Use the last one, or wait an hour."),
        ("Trop de codes", "On peut en envoyer six par heure.", "Prenez le dernier, ou attendez."),
    ),
    "step-up-passkey-only": (
        403,
        ("Please confirm with your passkey", "For your role a code is not enough.", "Use it."),
        (
            "Confirmez avec votre clé d’accès",
            "Pour votre rôle, un code ne suffit pas.",
            "Prenez-la.",
        ),
    ),
    "step-up-no-address": (
        409,
        ("No address is known to send a code to", "", "Use a passkey, or go to the counter."),
        ("Aucune adresse connue pour un code", "", "Prenez une clé d’accès, ou allez au guichet."),
    ),
    "email-at-counter": (
        409,
        (
            "Your address is changed at the counter",
            "The one that is known is told first.",
            "Come with your papers or your card: two officers change it.",
        ),
        (
            "Votre adresse se change au guichet",
            "Celle qui est connue en est d’abord prévenue.",
            "Venez avec vos papiers ou votre carte : deux agents la changent.",
        ),
    ),
    "passkey-refused": (
        403,
        (
            "The passkey was not accepted",
            "It is unknown here, its question is too old, or it did not check who you are.",
            "Try again, or use a code.",
        ),
        (
            "La clé d’accès n’a pas été acceptée",
            "Elle est inconnue ici, la demande est trop ancienne, ou elle ne vous a pas vérifié.",
            "Réessayez, ou prenez un code.",
        ),
    ),
    "passkey-cloned": (
        403,
        ("This passkey is blocked", "A copy of it may exist.", "Remove it and add another one."),
        ("Cette clé d’accès est bloquée", "Il en existe peut-être une copie.", "Remplacez-la."),
    ),
    "passkey-known": (
        409,
        ("This passkey is registered already", "", "Use it, or add another one."),
        ("Cette clé d’accès est déjà enregistrée", "", "Utilisez-la, ou ajoutez-en une autre."),
    ),
    "passkeys-too-many": (
        409,
        ("There are {most} passkeys already", "", "Remove one first."),
        ("Il y a déjà {most} clés d’accès", "", "Retirez-en une d’abord."),
    ),
    "passkey-none": (
        409,
        ("You have no passkey yet", "", "Confirm with a code, then add one."),
        (
            "Vous n’avez pas encore de clé d’accès",
            "",
            "Confirmez par un code, puis ajoutez-en une.",
        ),
    ),
    "presence-code-wrong": (
        422,
        ("Number or code is wrong", "A code changes every minute.", _CODE[0]),
        ("Numéro ou code faux", "Un code change chaque minute.", _CODE[1]),
    ),
    "presence-code-used": (
        409,
        ("This code was used here already", "", "Wait for the next code, at most a minute."),
        ("Ce code a déjà servi ici", "", "Attendez le code suivant, une minute au plus."),
    ),
    "presence-too-many-tries": (
        429,
        ("Too many wrong codes", "", "Wait ten minutes."),
        ("Trop de codes faux", "", "Attendez dix minutes."),
    ),
    "role-for-oneself": (
        403,
        ("Nobody gives themselves a role", "", "Ask another person."),
        ("Personne ne se donne un rôle", "", "Demandez à une autre personne."),
    ),
    "role-second-person": (
        403,
        (
            "Another person must confirm",
            "Neither who gave nor who gets the role.",
            "Ask a third one.",
        ),
        (
            "Une autre personne doit confirmer",
            "Ni qui donne, ni qui reçoit le rôle.",
            "Demandez-lui.",
        ),
    ),
    "role-not-yours-to-give": (
        403,
        ("This role is not yours to give", "", "Ask an officer."),
        ("Vous ne pouvez pas donner ce rôle", "", "Demandez à un agent de la ville."),
    ),
    "role-organisation": (
        422,
        ("Organisation missing or too many", "Some roles belong to one.", "Name one, or none."),
        ("Organisation absente ou en trop", "Certains rôles en ont une.", "Nommez-la, ou aucune."),
    ),
    "roles-incompatible": (
        409,
        ("These roles don't go together", "{role} and {held}.", "End the other one, or choose."),
        ("Ces rôles sont incompatibles", "{role} et {held}.", "Terminez l’autre, ou choisissez."),
    ),
    "role-end-wrong": (
        422,
        ("The role's last day is wrong", "It lies ahead, by three years at most.", "Choose it."),
        ("La fin du rôle est fausse", "À venir, trois ans au plus.", "Choisissez-la."),
    ),
    "role-held": (
        409,
        (
            "This person holds this role already",
            "And at least until that day.",
            "Choose a later day to prolong it, or end it first.",
        ),
        (
            "Cette personne tient déjà ce rôle",
            "Et au moins jusqu’à ce jour-là.",
            "Choisissez un jour plus tardif pour le prolonger, ou terminez-le d’abord.",
        ),
    ),
    "role-ended-since": (
        409,
        (
            "This role was ended since",
            "It was to be prolonged, and is not held any more.",
            "Reject this proposal; who is to have the role again is proposed anew.",
        ),
        (
            "Ce rôle a été terminé depuis",
            "Il devait être prolongé, et n’est plus tenu.",
            "Rejetez cette proposition ; pour le donner de nouveau, proposez-le à nouveau.",
        ),
    ),
    "not-own-organisation": (
        403,
        (
            "Nobody decides on their own organisation",
            "You hold a role in it.",
            "Ask an officer who does not work for it.",
        ),
        (
            "Nul ne décide de son propre organisme",
            "Vous y tenez un rôle.",
            "Demandez à un agent qui n’y travaille pas.",
        ),
    ),
    "organisation-kind": (
        422,
        ("This kind of organisation is not entered here", "", "Choose a kind of the list."),
        ("Ce type d’organisme ne se saisit pas ici", "", "Choisissez un type de la liste."),
    ),
    "organisation-exists": (
        409,
        ("There is an organisation of this name", "", "Choose another short name."),
        ("Une organisation porte ce nom", "", "Choisissez un autre nom court."),
    ),
    "key-of-another": (
        409,
        ("This key belongs to another organisation", "", "Make a new key."),
        ("Cette clé est celle d’une autre organisation", "", "Créez une nouvelle clé."),
    ),
}

for _code, (_status, _en, _fr) in _TABLE.items():
    define(_code, _status, en=_en, fr=_fr)

on_constraint("ck_role_grant_not_oneself", "role-for-oneself")
on_constraint("ck_role_grant_second_person", "role-second-person")
on_constraint("uq_organisation_slug", "organisation-exists")
on_constraint("uq_organisation_key_address", "key-of-another")
on_constraint("uq_organisation_next_key_address", "key-of-another")
