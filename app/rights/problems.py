"""Why a request about one's data, or the closing of an account, is refused."""

from __future__ import annotations

from app.errors import define

define(
    "request-open",
    409,
    en=(
        "You have asked for this already",
        "A request of this kind waits for its answer.",
        "Wait for the answer, or withdraw the request and make it anew.",
    ),
    fr=(
        "Vous l’avez déjà demandé",
        "Une demande de cette sorte attend sa réponse.",
        "Attendez la réponse, ou retirez la demande et refaites-la.",
    ),
)
define(
    "request-text-missing",
    422,
    en=("Please say what", "A person reads it and must know what you mean.", "Write a sentence."),
    fr=(
        "Dites de quoi il s’agit",
        "Une personne le lit et doit savoir ce que vous voulez dire.",
        "Écrivez une phrase.",
    ),
)
define(
    "request-closed",
    409,
    en=("This request is closed", "It was answered or withdrawn.", "Reload the page."),
    fr=("Cette demande est close", "Elle a eu sa réponse ou a été retirée.", "Rechargez la page."),
)
define(
    "request-extended",
    409,
    en=(
        "No more time",
        "The time to answer can be made longer once, and before it is over.",
        "Answer the request.",
    ),
    fr=(
        "Plus de délai",
        "Le délai de réponse ne s’allonge qu’une fois, et avant qu’il soit passé.",
        "Répondez à la demande.",
    ),
)
define(
    "request-own",
    403,
    en=("It is your own request", "Nobody answers their own.", "Leave it to another officer."),
    fr=("C’est votre demande", "Nul ne répond à la sienne.", "Laissez-la à un autre agent."),
)
define(
    "closing-roles-held",
    409,
    en=(
        "You hold a role",
        "Your account signs for an organisation or for the city: {roles}.",
        "Lay the roles down first, or have another officer end them.",
    ),
    fr=(
        "Vous tenez un rôle",
        "Votre compte signe pour un organisme ou pour la ville : {roles}.",
        "Quittez d’abord ces rôles, ou faites-les retirer par un autre agent.",
    ),
)
define(
    "closing-receiver",
    422,
    en=(
        "This association can’t receive it",
        "It is unknown, closed, or takes none of your tokens.",
        "Choose another, or leave the tokens to the programme.",
    ),
    fr=(
        "Cette association ne peut pas le recevoir",
        "Elle est inconnue, fermée, ou ne prend aucun de vos jetons.",
        "Choisissez-en une autre, ou laissez les jetons au programme.",
    ),
)
define(
    "closing-own-key",
    409,
    en=(
        "Only your own device can give these tokens",
        "You keep the key of your wallet: nobody signs for it but you.",
        "Pay the association from your device first, or give the key back to the city.",
    ),
    fr=(
        "Seul votre appareil peut donner ces jetons",
        "Vous gardez la clé de votre portefeuille : personne d’autre ne signe pour lui.",
        "Payez d’abord l’association depuis l’appareil, ou rendez la clé à la ville.",
    ),
)
define(
    "closing-unsure",
    422,
    en=("Please tick the box", "Closing an account is for good.", "Tick the box to go on."),
    fr=("Cochez la case", "La fermeture d’un compte est définitive.", "Cochez-la pour continuer."),
)
