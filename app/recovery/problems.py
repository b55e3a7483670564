"""Why a block or a recovery is refused."""

from __future__ import annotations

from app.errors import Words, define, on_constraint

_CODES: dict[str, tuple[int, Words, Words]] = {
    "recovery-another-officer": (
        403,
        (
            "Another officer must do this",
            "Nobody acts twice in one case, nor in their own, nor blocks again alone.",
            "Ask an officer who has had no part in it.",
        ),
        (
            "Un autre agent doit le faire",
            "Nul n’agit deux fois dans un dossier, ni dans le sien, ni ne rebloque seul.",
            "Demandez à un agent qui n’y a pas pris part.",
        ),
    ),
    "block-in-force": (
        409,
        (
            "This wallet is blocked already",
            "You blocked it: nothing is paid from it for {hours} more hours.",
            "Nothing is left to do; any other officer can lift it.",
        ),
        (
            "Ce portefeuille est déjà bloqué",
            "Vous l’avez bloqué : rien n’en est payé pendant encore {hours} h.",
            "Rien d’autre à faire ; tout autre agent peut le débloquer.",
        ),
    ),
    "recovery-not-so-far": (
        409,
        (
            "The recovery does not stand there",
            "It was decided, objected to, or ran out.",
            "Reload the page to see where it stands.",
        ),
        (
            "La restitution n’en est pas là",
            "Décidée, contestée ou périmée.",
            "Rechargez la page pour voir où elle en est.",
        ),
    ),
    "recovery-code-wrong": (
        422,
        (
            "That is not the code",
            "It went to the new address when the case was proposed. Nothing was confirmed.",
            "Have the person read it again in that mailbox; five tries in all.",
        ),
        (
            "Ce n’est pas le code",
            "Il est parti à la nouvelle adresse lors de la proposition. Rien n’est confirmé.",
            "Faites-le relire dans cette messagerie ; cinq essais en tout.",
        ),
    ),
    "recovery-code-worn-out": (
        409,
        (
            "The code works no more",
            "Five wrong ones were tried.",
            "Take the case back and propose it anew: another code goes to the address.",
        ),
        (
            "Le code ne sert plus",
            "Cinq codes erronés ont été essayés.",
            "Reprenez le dossier et proposez-le à nouveau : un autre code part à l’adresse.",
        ),
    ),
    "death-paper-day": (
        422,
        (
            "The paper is dated in the future",
            "Its day is after today.",
            "Read the day on the paper again.",
        ),
        (
            "Le document est daté dans le futur",
            "Son jour est après aujourd’hui.",
            "Relisez le jour sur le document.",
        ),
    ),
    "recovery-open": (
        409,
        (
            "A recovery of this is open already",
            "One at a time.",
            "Confirm it, or take it back first.",
        ),
        (
            "Une restitution est déjà en cours",
            "Une seule à la fois.",
            "Confirmez-la, ou retirez-la d’abord.",
        ),
    ),
    "recovery-person-unknown": (
        422,
        (
            "Nobody is known so",
            "Neither by this address nor by this number.",
            "Check the e-mail address or the eight digits.",
        ),
        (
            "Personne n’est connu ainsi",
            "Ni par cette adresse, ni par ce numéro.",
            "Vérifiez l’adresse électronique ou les huit chiffres.",
        ),
    ),
    "recovery-address-taken": (
        422,
        (
            "This address is somebody’s already",
            "It lets one person in, and one only.",
            "Ask for another e-mail address.",
        ),
        (
            "Cette adresse est déjà prise",
            "Elle ne sert qu’à une seule personne.",
            "Demandez une autre adresse électronique.",
        ),
    ),
    "recovery-no-device": (
        422,
        (
            "No device keeps this account’s key",
            "What the city keeps comes back by another e-mail address.",
            "Change the address instead.",
        ),
        (
            "Aucun appareil ne garde la clé de ce compte",
            "Ce que la ville garde se rend par une autre adresse électronique.",
            "Changez plutôt l’adresse.",
        ),
    ),
    "recovery-account-used": (
        422,
        (
            "The new account is not new",
            "It belongs to somebody, or was named before.",
            "Make a fresh wallet on the new device.",
        ),
        (
            "Le nouveau compte n’est pas neuf",
            "Il appartient à quelqu’un ou a déjà été nommé.",
            "Créez un portefeuille neuf sur le nouvel appareil.",
        ),
    ),
    "wallet-holds-open": (
        409,
        (
            "A payment is still on its way",
            "An account can move only once all its payments are settled.",
            "Wait a minute, then try again.",
        ),
        (
            "Un paiement est encore en route",
            "Un compte ne change de place qu’une fois tous ses paiements réglés.",
            "Attendez une minute, puis réessayez.",
        ),
    ),
    "moves-twice": (
        422,
        (
            "A programme or a new account is named twice",
            "Nothing was done.",
            "Send one move for each programme, each to an account of its own.",
        ),
        (
            "Un programme ou un nouveau compte est nommé deux fois",
            "Rien n’a été fait.",
            "Un passage par programme, chacun vers son propre compte.",
        ),
    ),
    "move-changed": (
        409,
        (
            "Your account has changed meanwhile",
            "Another amount, or another account, stands there now. Nothing was moved.",
            "Open the page again and sign anew.",
        ),
        (
            "Votre compte a changé entre-temps",
            "Un autre montant, ou un autre compte, s’y trouve. Rien n’a bougé.",
            "Rouvrez la page et signez à nouveau.",
        ),
    ),
    "move-announced": (
        409,
        (
            "A move to another key is announced already",
            "One account moves to one key. Nothing was changed.",
            "Stop it under “The key of my wallet” first, then ask anew.",
        ),
        (
            "Un passage vers une autre clé est déjà annoncé",
            "Un compte passe sous une seule clé. Rien n’a changé.",
            "Arrêtez-le d’abord dans « La clé de mon portefeuille », puis redemandez.",
        ),
    ),
    "move-guardian": (
        409,
        (
            "A guardian is named for this account",
            "Its tokens go under no other key meanwhile, with which nobody else could pay.",
            "Object to the guardianship first, or go on with the key that the city keeps.",
        ),
        (
            "Un tuteur est nommé pour ce compte",
            "Ses jetons ne passent pas sous une autre clé, avec laquelle vous seul paieriez.",
            "Opposez-vous d’abord à la tutelle, ou gardez la clé que tient la ville.",
        ),
    ),
    "move-programme-over": (
        409,
        ("The programme has closed", "Nothing of it moves any more.", "Move the others."),
        ("Le programme est clos", "Plus rien n’y bouge.", "Déplacez les autres."),
    ),
    "move-signature-wrong": (
        422,
        (
            "Another key signed this",
            "Nothing was moved.",
            "Sign with the key of the account that is named.",
        ),
        (
            "Une autre clé a signé",
            "Rien n’a bougé.",
            "Signez avec la clé du compte nommé.",
        ),
    ),
    "block-not-in-force": (
        409,
        ("This block has ended", "", "Reload the page."),
        ("Ce blocage est terminé", "", "Rechargez la page."),
    ),
}
for _code, (_status, _en, _fr) in _CODES.items():
    define(_code, _status, en=_en, fr=_fr)

on_constraint("ck_recovery_second_person", "recovery-another-officer")
on_constraint("ck_recovery_not_own", "recovery-another-officer")
on_constraint("uq_recovery_open_person", "recovery-open")
on_constraint("uq_recovery_open_account", "recovery-open")
on_constraint("uq_recovery_open_death", "recovery-open")
on_constraint("uq_recovery_new_address", "recovery-account-used")
on_constraint("uq_account_move_new_address", "recovery-account-used")
on_constraint("uq_account_move_account", "wallet-moving")
