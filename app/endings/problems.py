"""Why an end is not announced, a programme not closed, or money not given back."""

from __future__ import annotations

from app.errors import Words, define, on_constraint

_CODES: dict[str, tuple[int, Words, Words]] = {
    "end-announced": (
        409,
        (
            "This end was announced already",
            "It was said on {when}, with {last} as the last day to spend.",
            "Nothing is left to announce.",
        ),
        (
            "Cette fin est déjà annoncée",
            "C’est fait depuis le {when}, avec le {last} comme dernier jour pour dépenser.",
            "Il n’y a plus rien à annoncer.",
        ),
    ),
    "end-too-soon": (
        422,
        (
            "Too little time until the last day to spend",
            "Everybody is told {days} before, and never gets less time than was published.",
            "Choose {first} or later.",
        ),
        (
            "Trop peu de temps jusqu’au dernier jour pour dépenser",
            "Chacun est prévenu {days} avant, et n’a jamais moins de temps que publié.",
            "Choisissez le {first} ou plus tard.",
        ),
    ),
    "not-closable": (
        409,
        (
            "The programme can't be closed yet",
            "{count} things stand in the way; each is named below.",
            "Settle them first.",
        ),
        (
            "Le programme ne peut pas encore être clos",
            "{count} points s’y opposent ; chacun est nommé ci-dessous.",
            "Réglez-les d’abord.",
        ),
    ),
    "return-too-much": (
        422,
        (
            "More than is left",
            "At most {left} belongs to the funder now.",
            "Name that or less; what shops still hold is paid out first.",
        ),
        (
            "Plus que le reste",
            "Au plus {left} revient au financeur à présent.",
            "Indiquez ce montant ou moins ; les jetons des commerces sont d’abord versés.",
        ),
    ),
    "return-decided": (
        409,
        ("This return is decided already", "It was confirmed or withdrawn.", "Reload the page."),
        ("Cette restitution est déjà décidée", "Confirmée ou retirée.", "Rechargez la page."),
    ),
}
_HINDRANCES: dict[str, tuple[str, str, str, str]] = {  # en, its remedy; fr, its remedy
    "hinders-announcement": (
        "Its end was never announced.",
        "Announce it, with another officer.",
        "Sa fin n’a jamais été annoncée.",
        "Annoncez-la, avec un autre agent.",
    ),
    "hinders-letters": (
        "People who have not been told yet: {count}.",
        "The letters go out by themselves; see that the mail job runs.",
        "Personnes pas encore prévenues : {count}.",
        "Les courriels partent d’eux-mêmes ; vérifiez la tâche d’envoi.",
    ),
    "hinders-days": (
        "It can be closed from {from_day} on.",
        "Wait until then: payments of the last day have their time.",
        "La clôture est possible à partir du {from_day}.",
        "Attendez : les paiements du dernier jour ont leur temps.",
    ),
    "hinders-holds": (
        "Amounts accepted and not settled: {count} ({cents} in all).",
        "They settle by themselves once the chain answers.",
        "Montants acceptés et pas encore réglés : {count} ({cents} en tout).",
        "Ils se règlent d’eux-mêmes dès que le registre répond.",
    ),
    "hinders-deeds": (
        "Deeds whose reward is not on its account yet: {count} ({cents} in all).",
        "They are credited by themselves, as far as the funding goes.",
        "Gestes dont la récompense n’est pas encore sur le compte : {count} ({cents} en tout).",
        "Ils sont crédités d’eux-mêmes, si le financement suffit.",
    ),
    "hinders-waiting-deeds": (
        "Deeds that wait for an officer: {count}.",
        "Let them through, or refuse them.",
        "Gestes qui attendent un agent : {count}.",
        "Laissez-les passer, ou refusez-les.",
    ),
    "hinders-appeals": (
        "Appeals that nobody has answered: {count}.",
        "Answer them.",
        "Contestations de refus sans réponse : {count}.",
        "Répondez-y.",
    ),
    "hinders-contests": (
        "Card payments that are contested, or still may be: {count}.",
        "Decide them, or wait until their ten days are over.",
        "Paiements par carte contestés, ou qui peuvent l’être : {count}.",
        "Tranchez-les, ou attendez la fin de leurs dix jours.",
    ),
    "hinders-blocks": (
        "Wallets that are blocked: {count}.",
        "Lift the blocks, or wait until they end.",
        "Portefeuilles bloqués : {count}.",
        "Levez les blocages, ou attendez leur fin.",
    ),
    "hinders-recoveries": (
        "Accounts that are being given back: {count}.",
        "See them to their end.",
        "Comptes en cours de restitution : {count}.",
        "Menez-les à leur fin.",
    ),
    "hinders-moves": (
        "Accounts that are changing their place: {count}.",
        "They arrive by themselves, or run out.",
        "Comptes qui changent de place : {count}.",
        "Ils arrivent d’eux-mêmes, ou expirent.",
    ),
    "hinders-fundings": (
        "Fundings that wait for a signature or the chain: {count}.",
        "Confirm or withdraw them.",
        "Financements en attente d’une signature ou du registre : {count}.",
        "Confirmez-les ou retirez-les.",
    ),
}
for _code, (_status, _en, _fr) in _CODES.items():
    define(_code, _status, en=_en, fr=_fr)
for _code, (_said, _do, _dit, _faire) in _HINDRANCES.items():
    define(_code, 409, en=(_said, "", _do), fr=(_dit, "", _faire))
on_constraint("uq_money_return_bank_reference", "bank-reference-known")
on_constraint("ck_money_return_two", "second-treasurer-needed")
