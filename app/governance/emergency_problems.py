"""Why emergency access is refused."""

from __future__ import annotations

from app.errors import Words, define, on_constraint

_CODES: dict[str, tuple[int, Words, Words]] = {
    "emergency-so-soon": (
        409,
        (
            "Not again so soon",
            "Emergency access is never made longer, nor opened again within 24 hours of its end.",
            "Find a second person, or wait {hours} more hours.",
        ),
        (
            "Pas de nouveau si tôt",
            "L’accès d’urgence n’est jamais prolongé, ni rouvert dans les 24 heures après sa fin.",
            "Trouvez une seconde personne, ou attendez encore {hours} h.",
        ),
    ),
    "emergency-not-open": (
        403,
        (
            "You have no emergency access open",
            "It was never opened, ran out, or somebody ended it.",
            "Do it with a second person, or open emergency access if nobody can be reached.",
        ),
        (
            "Vous n’avez pas d’accès d’urgence ouvert",
            "Il n’a pas été ouvert, il a expiré, ou quelqu’un y a mis fin.",
            "Faites-le à deux, ou ouvrez un accès d’urgence si personne n’est joignable.",
        ),
    ),
    "emergency-over": (
        409,
        ("This emergency access is over", "It ran out or was ended.", "Reload the page."),
        (
            "Cet accès d’urgence est terminé",
            "Il a expiré ou quelqu’un y a mis fin.",
            "Rechargez la page.",
        ),
    ),
    "emergency-goes-on": (
        409,
        (
            "This emergency access goes on",
            "It is looked at once it is over.",
            "End it first, or wait until it ends.",
        ),
        (
            "Cet accès d’urgence est en cours",
            "On l’examine une fois terminé.",
            "Mettez-y fin d’abord, ou attendez sa fin.",
        ),
    ),
    "emergency-review-another": (
        403,
        (
            "Another person must look at this",
            "Nobody looks at their own emergency access, nor counts twice.",
            "Ask somebody else of the city’s staff.",
        ),
        (
            "Une autre personne doit l’examiner",
            "Nul n’examine son propre accès d’urgence, ni ne compte deux fois.",
            "Demandez à une autre personne du service.",
        ),
    ),
    "closing-emergency-unreviewed": (
        409,
        (
            "Your emergency access has not been looked at yet",
            "Closing your account would destroy the reason that you gave.",
            "Have two others write what they found; your account can be closed then.",
        ),
        (
            "Votre accès d’urgence n’a pas encore été examiné",
            "Fermer votre compte détruirait la raison que vous avez donnée.",
            "Que deux autres écrivent ce qu’ils ont trouvé ; le compte pourra alors être fermé.",
        ),
    ),
    "emergency-not-late": (
        403,
        (
            "This request is not late",
            "In an emergency only what is late is answered, and no use goes on by it.",
            "Leave it to an officer.",
        ),
        (
            "Cette demande n’est pas en retard",
            "En urgence, on ne répond qu’aux demandes en retard, et nul usage ne reprend par là.",
            "Laissez-la à un agent.",
        ),
    ),
}
for _code, (_status, _en, _fr) in _CODES.items():
    define(_code, _status, en=_en, fr=_fr)
on_constraint("uq_emergency_review_person", "emergency-review-another")
