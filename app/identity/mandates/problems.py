"""What can be wrong with acting for somebody else, in both languages."""

from __future__ import annotations

from app.errors import Words, define, on_constraint

_TABLE: dict[str, tuple[int, Words, Words]] = {
    "mandate-not-covered": (
        403,
        (
            "You may not do this for somebody else",
            "Your mandate covers: {acts}.",
            "Stop acting for them to do it for yourself, or ask them to name this act too.",
        ),
        (
            "Vous ne pouvez pas le faire pour autrui",
            "Votre mandat couvre : {acts}.",
            "Cessez d’agir pour cette personne, ou demandez-lui de nommer aussi cet acte.",
        ),
    ),
    "mandate-ended": (
        403,
        (
            "You may not act for this person any more",
            "The mandate was ended, or its last day has passed. Nothing was done.",
            "Stop acting for them to go on as yourself.",
        ),
        (
            "Vous ne pouvez plus agir pour cette personne",
            "Le mandat a pris fin, ou son dernier jour est passé. Rien n’a été fait.",
            "Cessez d’agir pour elle pour continuer en votre nom.",
        ),
    ),
    "mandate-oneself": (
        422,
        ("Nobody represents themselves", "", "Name another person."),
        ("Nul ne se représente lui-même", "", "Nommez une autre personne."),
    ),
    "mandate-acts": (
        422,
        (
            "Choose what they may do",
            "At least one act; an amount a day with “pay”, and only with it.",
            "Tick the acts; the amount is at most {most} tokens a day.",
        ),
        (
            "Choisissez ce que la personne peut faire",
            "Au moins un acte ; un montant par jour avec « payer », et seulement avec lui.",
            "Cochez les actes ; le montant est d’au plus {most} jetons par jour.",
        ),
    ),
    "mandate-end-wrong": (
        422,
        (
            "The last day is not possible",
            "It must lie ahead, at most {days} days from now.",
            "Choose another.",
        ),
        (
            "Ce dernier jour n’est pas possible",
            "Il doit être à venir, au plus dans {days} jours.",
            "Choisissez-en un autre.",
        ),
    ),
    "mandate-too-many": (
        409,
        ("Too many at once", "Five people at most may act for one.", "End one of them first."),
        ("Trop à la fois", "Cinq personnes au plus peuvent agir pour une.", "Mettez fin à l’une."),
    ),
    "mandate-decided": (
        409,
        ("This is decided already", "It was accepted, refused or ended.", "Reload the page."),
        ("C’est déjà décidé", "Accepté, refusé ou terminé.", "Rechargez la page."),
    ),
    "mandate-ceiling": (
        422,
        (
            "Too much for this mandate",
            "It allows {ceiling} tokens within 24 hours.",
            "Pay less, or pay the rest tomorrow.",
        ),
        (
            "Trop pour ce mandat",
            "Il permet {ceiling} jetons en 24 heures.",
            "Payez moins, ou le reste demain.",
        ),
    ),
    "mandate-held-by-session": (
        409,
        (
            "They must sign for the payments themselves",
            "An officer alone lets nobody pay for somebody else.",
            "Find them by their card and let them type its PIN, or let them do it signed in.",
        ),
        (
            "La personne doit permettre les paiements elle-même",
            "Un agent seul ne laisse personne payer pour autrui.",
            "Cherchez-la par sa carte et faites taper le code, ou qu’elle le fasse connectée.",
        ),
    ),
    "guardianship-by-two": (
        409,
        (
            "A guardianship ends by two officers",
            "It was entered by two, after a decision of a court.",
            "Object: an officer reads it within a month and answers.",
        ),
        (
            "Une tutelle prend fin par deux agents",
            "Deux agents l’ont inscrite, après une décision de justice.",
            "Opposez-vous : un agent vous lit et répond dans le mois.",
        ),
    ),
    "guardianship-own": (
        403,
        (
            "You have a part in this guardianship",
            "Neither ward nor guardian enters or ends it.",
            "Leave it to two other officers.",
        ),
        (
            "Cette tutelle vous concerne",
            "Ni la personne protégée ni son tuteur ne l’inscrit ou n’y met fin.",
            "Laissez-la à deux autres agents.",
        ),
    ),
    "guardianship-person-unknown": (
        422,
        ("This person is not known", "", "Check the address, or the eight digits."),
        ("Cette personne n’est pas connue", "", "Vérifiez l’adresse, ou les huit chiffres."),
    ),
    "guardianship-holds": (
        409,
        (
            "A guardian is named for this account",
            "It can't be closed by one person alone.",
            "Object to the guardianship first, or let the guardian close it.",
        ),
        (
            "Un tuteur est nommé pour ce compte",
            "Une personne seule ne peut pas le fermer.",
            "Opposez-vous d’abord à la tutelle, ou laissez le tuteur le fermer.",
        ),
    ),
    "signer-mandate": (
        403,
        (
            "This mandate does not let you pay",
            "It has ended, does not name payments, or is not yours. Nothing was paid.",
            "Ask the person for whom you act.",
        ),
        (
            "Ce mandat ne vous laisse pas payer",
            "Terminé, sans les paiements, ou à un autre. Rien n’a été payé.",
            "Demandez à la personne pour qui vous agissez.",
        ),
    ),
}
for _code, (_status, _en, _fr) in _TABLE.items():
    define(_code, _status, en=_en, fr=_fr)
on_constraint("uq_mandate_step_once", "mandate-decided")
