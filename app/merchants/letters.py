"""Letters to a payer: paid, given back. Written as rows with what they announce."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.identity.block_models import LinkKind
from app.identity.letter_links import make_link
from app.identity.models import Organisation
from app.identity.people import email_of, person
from app.mail import SITE, queue_letter
from app.merchants.models import Payment
from app.privacy.service import Actor
from app.rewards.language.figures import amount as tokens

# language: subject, text
PAID = {
    "fr": (
        "Payé : {amount} chez {shop}",
        (
            "{who} {amount} chez {shop}.\nCode du paiement : {code}\n\n"
            "Ce n’était pas vous ? Bloquez votre portefeuille, sans vous connecter :\n{link}\n"
        ),
    ),
    "en": (
        "Paid: {amount} at {shop}",
        (
            "{who} {amount} at {shop}.\nCode of the payment: {code}\n\n"
            "That wasn’t you? Block your wallet, without signing in:\n{link}\n"
        ),
    ),
}
REFUNDED = {
    "fr": (
        "Remboursé : {amount} par {shop}",
        "{shop} vous rend {amount}, bientôt sur votre compte.\nCode : {code}\n",
    ),
    "en": (
        "Refunded: {amount} by {shop}",
        "{shop} gives you back {amount}, soon on your account.\nCode: {code}\n",
    ),
}


WHO = {
    False: {"fr": "Vous avez payé", "en": "You paid"},
    True: {"fr": "Votre représentant a payé pour vous", "en": "Your representative paid for you"},
}


def tell_paid(session: Session, payment: Payment, now: datetime) -> None:
    """With a link that blocks the wallet of a payer who didn't."""
    if payment.payer_id is not None:
        link = f"{SITE}/not-me/{make_link(session, payment.payer_id, LinkKind.BLOCK, now)}"
        who = WHO[payment.mandate_id is not None][person(session, payment.payer_id).language]
        _tell(session, payment, PAID, payment.amount_cents, now, link=link, who=who)


def tell_refunded(session: Session, payment: Payment, amount_cents: int, now: datetime) -> None:
    _tell(session, payment, REFUNDED, amount_cents, now)


def _tell(
    session: Session,
    payment: Payment,
    texts: dict[str, tuple[str, str]],
    amount_cents: int,
    now: datetime,
    **more: str,
) -> None:
    """Nothing for a person without an address, such as the holder of a card."""
    if payment.payer_id is None:
        return
    actor = Actor.system("payments")
    address = email_of(session, payment.payer_id, purpose="service_mail", actor=actor)
    if address is None:
        return
    language = person(session, payment.payer_id).language
    subject, text = texts[language]
    shop = session.get_one(Organisation, payment.merchant_id).name
    values = {"amount": tokens(amount_cents, language), "shop": shop, "code": payment.short_code}
    values |= more
    queue_letter(
        session, to=address, subject=subject.format(**values), text=text.format(**values), now=now
    )
