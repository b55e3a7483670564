"""What can be wrong with a programme, its rules or its money, by stable code."""

from __future__ import annotations

from app import error_catalogue
from app.errors import Words, define, on_constraint

__all__ = ["error_catalogue"]  # the codes of no package, such as not-found

PROBLEMS: dict[str, tuple[int, Words, Words]] = {
    "rules-invalid": (
        422,
        ("The rules can't be used", "{path}: {what}.", "Correct this place and publish again."),
        ("Les règles sont inutilisables", "{path} : {what}.", "Corrigez puis republiez."),
    ),
    "rules-with-warnings": (
        422,
        (
            "The rules have warnings",
            "{warnings}.",
            "Correct them, or send them again with acknowledged: true.",
        ),
        (
            "Les règles appellent des réserves",
            "{warnings}.",
            "Corrigez, ou renvoyez-les avec acknowledged : true.",
        ),
    ),
    "still-to-find-out": (
        409,
        (
            "Something isn't known yet",
            "The rules of the programme ask for something that the deed doesn't say.",
            "Say what was found out, with another officer, or refuse it with a reason.",
        ),
        (
            "Il manque une information",
            "Les règles du programme demandent ce que le geste ne dit pas.",
            "Complétez-le avec un autre agent, ou refusez-le avec un motif.",
        ),
    ),
    "facts-missing": (
        422,
        ("No fact is named", "Nothing was filled in.", "Name what the rules ask for."),
        ("Aucun fait n’est indiqué", "Rien n’est rempli.", "Indiquez ce que les règles demandent."),
    ),
    "fact-known": (
        422,
        (
            "The deed says this itself",
            "What was signed stands; only what is missing is found out.",
            "Leave this field empty, or refuse the deed.",
        ),
        (
            "Le geste le dit déjà",
            "Ce qui est signé demeure ; seul ce qui manque est complété.",
            "Laissez ce champ vide, ou refusez le geste.",
        ),
    ),
    "still-asked": (
        422,
        ("The rules ask for more", "{asked}", "Add what is still missing."),
        ("Les règles demandent davantage", "{asked}", "Ajoutez ce qui manque encore."),
    ),
    "dates-out-of-order": (
        422,
        ("The dates are out of order", "First day, last to earn, last to spend.", "Correct them."),
        ("Les dates ne se suivent pas", "Début, fin des gains, fin des dépenses.", "Corrigez."),
    ),
    "date-is-past": (
        422,
        ("This day is past", "Nobody could earn or spend any more.", "Choose a day to come."),
        ("Ce jour est passé", "Nul ne pourrait plus gagner ou dépenser.", "Choisissez plus tard."),
    ),
    "date-too-far": (
        422,
        ("This day is too far away", "More than {years} years.", "Check the year."),
        ("Ce jour est trop éloigné", "Plus de {years} ans.", "Vérifiez l’année."),
    ),
    "slug-taken": (
        409,
        ("There is a programme of this name", "", "Choose another short name."),
        ("Un programme porte déjà ce nom", "", "Choisissez un autre nom court."),
    ),
    "rules-in-the-past": (
        422,
        ("Rules can't begin in the past", "Old deeds keep their rules.", "Choose a later start."),
        (
            "Des règles ne commencent pas dans le passé",
            "Les gestes passés gardent les leurs.",
            "Choisissez plus tard.",
        ),
    ),
    "bank-reference-known": (
        409,
        (
            "This bank transfer is known already",
            "Each reference counts once.",
            "Check the reference.",
        ),
        (
            "Ce virement est déjà connu",
            "Chaque référence compte une fois.",
            "Vérifiez la référence.",
        ),
    ),
    "second-treasurer-needed": (
        403,
        ("Another treasurer must confirm", "Not who proposed it.", "Ask another treasurer."),
        (
            "Un autre trésorier doit confirmer",
            "Pas l’auteur de la proposition.",
            "Demandez à un autre trésorier.",
        ),
    ),
    "funding-confirmed": (
        409,
        ("This funding is confirmed already", "", "Reload the page."),
        ("Ce financement est déjà confirmé", "", "Rechargez la page."),
    ),
    "funding-over-budget": (
        409,
        ("More than the programme's budget", "{left} are left of it.", "Check the transfer."),
        ("Plus que le budget du programme", "Il en reste {left}.", "Vérifiez le virement."),
    ),
    "caps-not-safe": (
        422,
        (
            "The caps are not safe",
            "Everybody needs one a day and a month, {level} never a higher one than {above}.",
            "Lower the cap, or add the one that is missing.",
        ),
        (
            "Les plafonds ne sont pas sûrs",
            "Chacun en a un par jour et par mois, {level} jamais plus haut que {above}.",
            "Baissez le plafond, ou ajoutez celui qui manque.",
        ),
    ),
    "programme-state": (
        409,
        (
            "The programme is {state}",
            "This can be done only while it is: {allowed}.",
            "Wait until then, or reload the page.",
        ),
        (
            "Le programme est {state}",
            "C’est possible seulement quand il est : {allowed}.",
            "Attendez ce moment, ou rechargez la page.",
        ),
    ),
    "close-decided": (
        409,
        ("Its closing is decided", "It is on its way to the chain.", "Wait for the chain."),
        ("Sa clôture est décidée", "Elle est en route vers le registre.", "Attendez le registre."),
    ),
    "appeal-too-late": (
        409,
        (
            "The programme has ended",
            "Nothing is credited in it any more.",
            "Answer that it is not counted, and say what the city does instead.",
        ),
        (
            "Le programme est terminé",
            "Plus rien n’y est crédité.",
            "Répondez que le geste n’est pas compté, et ce que fait la ville à la place.",
        ),
    ),
    "release-too-late": (
        409,
        (
            "The programme has ended",
            "Nothing is credited in it any more.",
            "Refuse the deed, with a reason.",
        ),
        (
            "Le programme est terminé",
            "Plus rien n’y est crédité.",
            "Refusez le geste, avec un motif.",
        ),
    ),
    "too-short-to-spend": (
        422,
        (
            "Too few days to spend",
            "What is earned on the last day can be spent for {days} at least.",
            "Choose {first} or later as the last day to spend.",
        ),
        (
            "Trop peu de jours pour dépenser",
            "Ce qui est gagné le dernier jour se dépense pendant {days} au moins.",
            "Choisissez le {first} ou plus tard comme dernier jour pour dépenser.",
        ),
    ),
}

for _code, (_status, _en, _fr) in PROBLEMS.items():
    define(_code, _status, en=_en, fr=_fr)

on_constraint("uq_programme_slug", "slug-taken")
on_constraint("uq_funding_bank_reference", "bank-reference-known")
on_constraint("ck_funding_two", "second-treasurer-needed")
on_constraint("ck_programme_spend_after_earn", "dates-out-of-order")
on_constraint("ck_programme_earn_after_start", "dates-out-of-order")
