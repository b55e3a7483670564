"""Why a sign-in through a provider is refused."""

from __future__ import annotations

from app.errors import define

define(
    "openid-away",
    503,
    en=("The provider does not answer", "", "Sign in with a code by e-mail, or try later."),
    fr=("Le fournisseur ne répond pas", "", "Utilisez un code par courriel, ou réessayez."),
)
define(
    "openid-refused",
    403,
    en=(
        "That sign-in can’t be accepted",
        "It was broken off, is too old, or did not begin in this browser.",
        "Begin again from the sign-in page.",
    ),
    fr=(
        "Cette connexion ne peut pas être acceptée",
        "Elle a été interrompue, est trop ancienne, ou n’a pas commencé dans ce navigateur.",
        "Recommencez depuis la page de connexion.",
    ),
)
define(
    "openid-known-address",
    409,
    en=(
        "You have an account already",
        "Its e-mail address is the one that the provider gave.",
        "Sign in with a code by e-mail, then link the provider under “My data”.",
    ),
    fr=(
        "Vous avez déjà un compte",
        "Son adresse électronique est celle que le fournisseur a donnée.",
        "Connectez-vous avec un code, puis liez le fournisseur sous « Mes données ».",
    ),
)
define(
    "second-account",
    409,
    en=(
        "You have an account already",
        "One person has one account, so that rewards are shared fairly.",
        "Sign in as you did before, or come to the counter with your papers.",
    ),
    fr=(
        "Vous avez déjà un compte",
        "Une personne a un seul compte, pour que les récompenses soient partagées équitablement.",
        "Connectez-vous comme avant, ou venez au guichet avec vos papiers.",
    ),
)
define(
    "openid-other-account",
    409,
    en=(
        "This belongs to another account",
        "You are signed in as somebody else.",
        "Sign out first, or link another identity.",
    ),
    fr=(
        "Ceci appartient à un autre compte",
        "Vous êtes connecté sous un autre compte.",
        "Déconnectez-vous d’abord, ou liez une autre identité.",
    ),
)
define(
    "parent-needed",
    403,
    en=(
        "A parent must agree",
        "Under fifteen years this needs a parent’s consent.",
        "Come to the counter with a parent.",
    ),
    fr=(
        "L’accord d’un parent est nécessaire",
        "Avant quinze ans, il faut pour cela l’accord d’un parent.",
        "Venez au guichet avec un parent.",
    ),
)
