"""The codes of everything that can be wrong with a payment, a refund or a pay-out.

`{spendable}`, `{refundable}` and `{most}` are euros; the same number in cents travels beside them
for programs.
"""

from __future__ import annotations

from app.errors import Problem, Words, define, on_constraint
from app.money import Euros

_ASK_LESS = "Ask the shop for a payment of that amount, and pay the rest in another way."
_ASK_LESS_FR = "Demandez au commerce un paiement de ce montant, et réglez le reste autrement."

# code: status, English, French; each title, detail, remedy
CODES: dict[str, tuple[int, Words, Words]] = {
    "amount-not-positive": (
        422,
        ("The amount must be more than zero", "", "Type the amount again."),
        ("Le montant doit être supérieur à zéro", "", "Saisissez à nouveau le montant."),
    ),
    "amount-too-large": (
        422,
        ("The amount is too large", "At most {most} in one payment.", "Check the amount."),
        ("Le montant est trop élevé", "Au plus {most} par paiement.", "Vérifiez le montant."),
    ),
    "label-too-long": (
        422,
        ("The text is too long", "At most {most} signs.", "Shorten it."),
        ("Le texte est trop long", "Au plus {most} signes.", "Raccourcissez-le."),
    ),
    "iban-invalid": (
        422,
        ("This is no valid IBAN", "Its length or check digits are wrong.", "Copy it once more."),
        ("Cet IBAN n’est pas valide", "Longueur ou clé incorrecte.", "Recopiez-le."),
    ),
    "till-unknown": (
        404,
        ("No shop has this number", "", "Read the number on the till's sticker once more."),
        ("Aucun commerce n’a ce numéro", "", "Relisez le numéro sur l’autocollant de la caisse."),
    ),
    "payment-unknown": (
        404,
        ("There is no such payment", "", "Ask the shop to show the code again."),
        ("Ce paiement n’existe pas", "", "Demandez au commerce d’afficher à nouveau le code."),
    ),
    "payee-not-active": (
        409,
        ("This shop takes no tokens now", "Nothing was paid.", "Pay in another way."),
        ("Ce commerce n’accepte pas de jetons", "Rien n’a été payé.", "Payez autrement."),
    ),
    "payment-expired": (
        409,
        ("The payment has run out", "Nothing was paid.", "Ask the shop for a new code."),
        ("Le paiement a expiré", "Rien n’a été payé.", "Demandez un nouveau code au commerce."),
    ),
    "payment-declined": (
        409,
        ("The payment was declined", "Nothing was paid.", "Ask the shop for a new code."),
        ("Le paiement a été refusé", "Rien n’a été payé.", "Demandez un nouveau code au commerce."),
    ),
    "payment-taken": (
        409,
        ("This payment is not yours to answer", "You paid nothing.", "Ask for a new code."),
        ("Ce paiement ne vous revient pas", "Vous n’avez rien payé.", "Demandez un nouveau code."),
    ),
    "payment-own-till": (
        403,
        ("This is your own till", "Nobody pays themselves.", "Spend your tokens elsewhere."),
        ("C’est votre caisse", "Nul ne se paie soi-même.", "Dépensez vos jetons ailleurs."),
    ),
    "payment-accepted": (
        409,
        ("The payment is accepted already", "", "The shop can give it back."),
        ("Le paiement est déjà accepté", "", "Le commerce peut le rembourser."),
    ),
    "payment-not-accepted": (
        409,
        ("Nothing was paid yet", "", "Only an accepted payment can be given back."),
        ("Rien n’a encore été payé", "", "Seul un paiement accepté peut être remboursé."),
    ),
    "balance-too-low": (
        409,
        ("You have too few tokens", "You can pay {spendable} here.", _ASK_LESS),
        ("Pas assez de jetons", "Vous pouvez payer {spendable} ici.", _ASK_LESS_FR),
    ),
    "tokens-not-taken-here": (
        409,
        (
            "This shop does not take all your tokens",
            "You can pay {spendable} here.",
            _ASK_LESS,
        ),
        (
            "Ce commerce n’accepte pas tous vos jetons",
            "Vous pouvez payer {spendable} ici.",
            _ASK_LESS_FR,
        ),
    ),
    "programme-closed": (
        409,
        ("Some tokens are past their last day", "You can pay {spendable}.", _ASK_LESS),
        ("Des jetons ont expiré", "Vous pouvez payer {spendable}.", _ASK_LESS_FR),
    ),
    "too-many-parts": (
        409,
        ("Too many small amounts", "You can pay {spendable} at once.", "Pay in two steps."),
        ("Trop de petits montants", "Au plus {spendable} à la fois.", "Payez en deux fois."),
    ),
    "order-signature-missing": (
        409,
        ("The payment must be signed by your device", "", "Read the orders again and sign them."),
        ("Votre appareil doit signer le paiement", "", "Relisez les ordres et signez-les."),
    ),
    "order-signature-wrong": (
        422,
        ("Another key signed this", "Nothing was paid.", "Sign with the account's own key."),
        ("Une autre clé a signé", "Rien n’a été payé.", "Signez avec la clé du compte."),
    ),
    "refund-too-large": (
        409,
        ("More than is left", "{refundable} can still be given back.", "Give back no more."),
        ("Plus que le reste", "{refundable} peuvent encore être rendus.", "Ne rendez pas plus."),
    ),
    "refund-closed": (
        409,
        ("The programme has closed", "Its payments can't be given back.", "Give back euros."),
        ("Le programme est clos", "Ses paiements ne se remboursent plus.", "Rendez des euros."),
    ),
    "payee-balance-too-low": (
        409,
        (
            "The shop no longer holds enough tokens",
            "At most {refundable} can be given back.",
            "Give back less, or the rest in euros.",
        ),
        (
            "Le commerce n’a plus assez de jetons",
            "Au plus {refundable} remboursable.",
            "Rendez moins, ou le reste en euros.",
        ),
    ),
    "contest-not-by-card": (
        409,
        ("Only a card payment can be contested", "", "Ask the shop to give it back."),
        ("Seul un paiement par carte se conteste", "", "Demandez au commerce de le rendre."),
    ),
    "contest-late": (
        409,
        ("The ten days are over", "The shop is being paid out.", "Ask the shop to give it back."),
        ("Les dix jours sont passés", "Le commerce est payé.", "Demandez-lui de le rendre."),
    ),
    "contest-nothing-left": (
        409,
        ("All of it was given back", "", "There is nothing left to contest."),
        ("Tout a été rendu", "", "Il ne reste rien à contester."),
    ),
    "contest-exists": (
        409,
        ("This payment is contested already", "", "Wait for the two officers' decision."),
        ("Ce paiement est déjà contesté", "", "Attendez la décision des deux agents."),
    ),
    "contest-own": (
        403,
        ("Nobody decides on their own payment", "", "Ask another officer."),
        ("Nul ne décide de son propre paiement", "", "Demandez à un autre agent."),
    ),
    "merchant-exists": (
        409,
        ("This shop is entered already", "", "Open it in the list of shops."),
        ("Ce commerce est déjà saisi", "", "Ouvrez-le dans la liste des commerces."),
    ),
    "merchant-unknown": (
        404,
        ("There is no such shop", "", "Choose it from the list of shops."),
        ("Ce commerce n’existe pas", "", "Choisissez-le dans la liste des commerces."),
    ),
    "second-person-needed": (
        403,
        ("Somebody else must confirm", "Nobody confirms what they entered.", "Ask a colleague."),
        ("Une autre personne doit confirmer", "Nul ne confirme sa saisie.", "Demandez-lui."),
    ),
    "nothing-to-confirm": (
        409,
        ("There is nothing to confirm", "", "Read the list again."),
        ("Il n’y a rien à confirmer", "", "Relisez la liste."),
    ),
    "details-changed": (
        409,
        (
            "Another bank account was entered meanwhile",
            "It is not the one that you compared.",
            "Compare the one that waits now.",
        ),
        (
            "Un autre compte a été saisi entre-temps",
            "Ce n’est pas celui que vous avez comparé.",
            "Comparez celui qui attend maintenant.",
        ),
    ),
    "nothing-to-transfer": (
        409,
        ("No pay-out waits for the bank", "", "Come back after the next period."),
        ("Aucun versement n’attend", "", "Revenez après la prochaine période."),
    ),
    "bank-order-decided": (
        409,
        ("The bank's answer was noted before", "", "Read the list again."),
        ("La réponse de la banque est déjà notée", "", "Relisez la liste."),
    ),
    "bank-account-unset": (
        409,
        ("The city's own account is not set", "", "Ask the operator to set it."),
        ("Le compte de la ville n’est pas défini", "", "Demandez à l’exploitant."),
    ),
}

for _code, (_status, _en, _fr) in CODES.items():
    define(_code, _status, en=_en, fr=_fr)

on_constraint("uq_contest_payment_id", "contest-exists")
on_constraint("uq_merchant_till_number", "merchant-exists")
on_constraint("pk_merchant", "merchant-exists")


def too_little(code: str, spendable_cents: int) -> Problem:
    """The payer can't pay this; `spendable_cents` is what would do here and now."""
    return Problem(
        code,
        field="amount_cents",
        spendable=Euros(spendable_cents),
        spendable_cents=spendable_cents,
    )


def too_much_back(code: str, refundable_cents: int) -> Problem:
    return Problem(
        code,
        field="amount_cents",
        refundable=Euros(refundable_cents),
        refundable_cents=refundable_cents,
    )
