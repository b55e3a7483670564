"""What can be wrong with a card, at a counter, at a till, and in the signer, in both languages."""

from __future__ import annotations

from app.errors import Words, define, on_constraint

_COUNTER = ("Go to a counter of the city.", "Allez à un guichet de la ville.")

_TABLE: dict[str, tuple[int, Words, Words]] = {
    "card-unknown": (
        422,
        ("This is no card's number", "", "Read the sixteen signs once more, or scan the card."),
        ("Ce n’est pas un numéro de carte", "", "Relisez les seize signes, ou scannez la carte."),
    ),
    "card-ended": (
        409,
        (
            "This card is blocked or replaced",
            "",
            "Use a newer card, if any. " + _COUNTER[0],
        ),
        (
            "Cette carte est bloquée ou remplacée",
            "",
            "Prenez la nouvelle, s’il y en a. " + _COUNTER[1],
        ),
    ),
    "card-not-active": (
        409,
        ("This card can't pay yet", "It may earn already.", _COUNTER[0]),
        ("Cette carte ne paie pas encore", "Elle peut déjà gagner des jetons.", _COUNTER[1]),
    ),
    "card-or-pin-wrong": (
        403,
        ("Card or PIN is wrong", "Nothing was done.", "Try again: five wrong PINs block it."),
        ("Carte ou code faux", "Rien n’a été fait.", "Réessayez : cinq codes faux le bloquent."),
    ),
    "card-too-many-tries": (
        429,
        ("Too many wrong cards or PINs", "", "Wait ten minutes."),
        ("Trop de cartes ou de codes faux", "", "Attendez dix minutes."),
    ),
    "card-in-use": (
        409,
        ("This card is somebody's already", "It has earned, or has a PIN.", "Take a new card."),
        ("Cette carte est déjà à quelqu’un", "Elle a gagné, ou a un code.", "Prenez-en une neuve."),
    ),
    "card-none": (
        409,
        ("This person has no card", "", "Give out a card first."),
        ("Cette personne n’a pas de carte", "", "Remettez d’abord une carte."),
    ),
    "card-number-needed": (
        409,
        ("The number must be shown", "", "Find the person by the card, or by its stub."),
        ("Le numéro est nécessaire", "", "Cherchez par la carte, ou par son talon."),
    ),
    "card-batch-printed": (
        409,
        ("These cards were printed", "Their numbers are stored nowhere.", "Make new ones."),
        ("Ces cartes ont été imprimées", "Leurs numéros ne sont pas gardés.", "Refaites-en."),
    ),
    "pin-unlike": (
        422,
        ("The two PINs differ", "", "Type the same PIN twice."),
        ("Les deux codes diffèrent", "", "Tapez deux fois le même code."),
    ),
    "pin-wrong-form": (
        422,
        ("A PIN has four to eight digits", "", "Choose other digits."),
        ("Un code a de quatre à huit chiffres", "", "Choisissez d’autres chiffres."),
    ),
    "pin-easy": (
        422,
        ("This PIN is guessed at once", "Such as 1111 or 1234.", "Choose other digits."),
        ("Ce code se devine aussitôt", "Comme 1111 ou 1234.", "Choisissez d’autres chiffres."),
    ),
    "counter-over": (
        404,
        ("This visit is over", "It lasts a quarter of an hour.", "Find the person again."),
        ("Cette visite est terminée", "Elle dure un quart d’heure.", "Cherchez à nouveau."),
    ),
    "counter-oneself": (
        403,
        ("Nobody serves themselves", "", "Ask another officer."),
        ("Nul ne se sert soi-même", "", "Demandez à un autre agent."),
    ),
    "counter-not-shown": (
        403,
        (
            "An address alone is not enough for this",
            "Others know it too, and this can’t be taken back.",
            "Let them show their card, or the code on their telephone.",
        ),
        (
            "Une adresse seule ne suffit pas ici",
            "D’autres la connaissent, et ceci ne se reprend pas.",
            "Faites montrer la carte, ou le code du téléphone.",
        ),
    ),
    "counter-has-address": (
        409,
        (
            "This person has an address already",
            "Another one opens the account only after two officers and 72 hours.",
            "Propose a recovery.",
        ),
        (
            "Cette personne a déjà une adresse",
            "Une autre n’ouvre le compte qu’après deux agents et 72 heures.",
            "Proposez une récupération.",
        ),
    ),
    "counter-person-unknown": (
        404,
        ("Nobody is known by this address", "", "Check the address, or use the code or a card."),
        ("Personne n’est connu sous cette adresse", "", "Vérifiez, ou prenez le code ou la carte."),
    ),
    "papers-of-another": (
        409,
        (
            "These papers don’t go with this account",
            "Whoever they are of has an account already, or this one was shown other papers.",
            "Find their account by card, code or address, or give it back as a recovery.",
        ),
        (
            "Ces papiers ne vont pas avec ce compte",
            "La personne a déjà un compte, ou celui-ci a été ouvert à d’autres papiers.",
            "Trouvez son compte par carte, code ou adresse, ou rendez-le comme compte perdu.",
        ),
    ),
    "papers-wrong": (
        422,
        ("Nobody was born on this day", "", "Check the birth date on the papers."),
        ("Personne n’est né ce jour-là", "", "Vérifiez la date de naissance sur les papiers."),
    ),
    "email-of-another": (
        409,
        ("This address is in use", "Somebody signs in with it.", "Use another address."),
        ("Cette adresse est prise", "Quelqu’un se connecte avec.", "Prenez une autre adresse."),
    ),
    "signer-card-refused": (
        409,
        ("This card can't be used so", "It is somebody's, or has ended.", "Take a new card."),
        ("Carte inutilisable ainsi", "Elle est à quelqu’un, ou finie.", "Prenez-en une neuve."),
    ),
    "signer-card-pin-blocked": (
        403,
        ("The PIN is blocked", "It was wrong five times.", "Choose a new one at a counter."),
        ("Le code est bloqué", "Il a été faux cinq fois.", "Choisissez-en un au guichet."),
    ),
    "signer-card-only": (
        403,
        ("This account pays by card", "", "Use the card and its PIN."),
        ("Ce compte paie par carte", "", "Utilisez la carte et son code."),
    ),
    "signer-card-payment-ceiling": (
        422,
        (
            "Too much for one payment by card",
            "A card pays {ceiling} tokens to one shop in five minutes.",
            "Pay less by card, and the rest in another way.",
        ),
        (
            "Trop pour un paiement par carte",
            "Une carte paie {ceiling} jetons à un commerce en cinq minutes.",
            "Payez moins par carte, et le reste autrement.",
        ),
    ),
    "signer-card-day-ceiling": (
        422,
        (
            "Too much for one day by card",
            "A card pays {ceiling} tokens within 24 hours.",
            "Pay the rest tomorrow, or in another way.",
        ),
        (
            "Trop pour une journée par carte",
            "Une carte paie {ceiling} jetons en 24 heures.",
            "Payez le reste demain, ou autrement.",
        ),
    ),
    "signer-card-gift-ceiling": (
        422,
        (
            "Too much for a gift by card",
            "A card gives {ceiling} tokens, with what it paid in 24 hours.",
            "Leave it to the programme, or have them spend some of it first.",
        ),
        (
            "Trop pour un don par carte",
            "Une carte donne {ceiling} jetons, avec ses paiements de 24 heures.",
            "Laissez-le au programme, ou que la personne en dépense d’abord une partie.",
        ),
    ),
    "signer-card-pin-fresh": (
        403,
        (
            "This PIN gives nothing away yet",
            "Whoever set it at a counter, or these three days, might know it.",
            "Another officer takes the gift, three days after the PIN was chosen.",
        ),
        (
            "Ce code ne permet encore aucun don",
            "Qui l’a saisi au guichet ou depuis moins de trois jours pourrait le connaître.",
            "Un autre agent reçoit le don, trois jours après le choix du code.",
        ),
    ),
}

for _code, (_status, _en, _fr) in _TABLE.items():
    define(_code, _status, en=_en, fr=_fr)

on_constraint("uq_card_live", "card-in-use")
