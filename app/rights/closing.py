"""The end of an account: what becomes of its tokens, deeds and data, in one transaction.

What is left is given to an association, or stays where it is: nobody can spend it any more, and
it goes back to the funder with everything else on the programme's last day. Nothing is sent to
the chain for that, so closing links no two accounts of the person there (docs/adr/0017).
Callers commit.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import mail
from app.actions.models import Action, ActionState
from app.errors import Problem
from app.governance.emergencies import check_reviewed
from app.identity import service as identity
from app.identity.accounts import accounts_of
from app.identity.blocks import check_not_blocked
from app.identity.cards import service as cards
from app.identity.cards.service import CardSigner
from app.identity.mandates.models import Act
from app.identity.mandates.queries import guardianships_over
from app.identity.models import Organisation, OrganisationKind, Role
from app.mail_settings import Mail
from app.merchants.acceptance import accept_payment
from app.merchants.models import Merchant, PayeeState, Payment
from app.merchants.payments import start_payment
from app.merchants.purses import purses_of
from app.merchants.signing import Desk, Payer
from app.privacy.retention import KEEP_EPOCH_DAYS
from app.privacy.service import Actor
from app.recovery.moves import check_not_moving
from app.rewards.money import ledger
from app.rights import closing_letter, problems
from app.rights.erasing import NOT_BATCHED, erase_again

__all__ = ["problems"]


@dataclass(frozen=True)
class Standing:
    """What closing would end. Amounts in cents."""

    available_cents: int
    coming_cents: int
    on_the_way: int  # deeds in a batch: credited, then expired with the rest
    complete_at: datetime  # from then on no backup opens anything either
    given: Payment | None = None  # what of it went to an association


@dataclass(frozen=True)
class Gift:
    """What is left goes to an association, signed for by the person's own session."""

    organisation_id: UUID
    desk: Desk
    payer: Payer


def standing(session: Session, person_id: UUID, now: datetime) -> Standing:
    """What the person is told before they decide."""
    coming, batched = session.execute(
        select(
            func.coalesce(
                func.sum(col(Action.reward_cents)).filter(col(Action.state).in_(NOT_BATCHED)), 0
            ),
            func.count().filter(col(Action.state) == ActionState.BATCHED),
        ).where(col(Action.person_id) == person_id)
    ).one()
    accounts = accounts_of(session, person_id)
    free = sum(ledger.owned(session, one.address, one.programme_id) for one in accounts)
    return Standing(free, int(coming), int(batched), complete_at(now))


def complete_at(now: datetime) -> datetime:
    """When the month's key is destroyed, without which no backup opens what was erased."""
    days = calendar.monthrange(now.year, now.month)[1]
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first + timedelta(days=days + KEEP_EPOCH_DAYS)


def receivers(session: Session) -> list[Organisation]:
    """Associations that can be given tokens."""
    query = (
        select(Organisation)
        .join(Merchant, col(Merchant.organisation_id) == col(Organisation.id))
        .where(
            col(Organisation.kind) == OrganisationKind.ASSOCIATION,
            col(Merchant.state) == PayeeState.ACTIVE,
        )
    )
    return list(session.scalars(query.order_by(col(Organisation.name))))


def end_card(
    session: Session, person_id: UUID, *, signer: CardSigner, by: UUID, now: datetime
) -> None:
    """With `close`: a card that is still in somebody's hand pays no more."""
    if cards.live_card(session, person_id) is not None:
        cards.block_cards(session, person_id, signer=signer, by=by, now=now)


def close(
    session: Session,
    person_id: UUID,
    *,
    gift: Gift | None,
    letters: Mail,
    now: datetime,
    by: UUID | None = None,
    acting: bool = False,
    died: bool = False,
) -> Standing:
    """All of it, once and for good; `by`: an officer on the person's word, or a representative, who
    is `acting`. `died`: two officers on a proof of death (app.rights.deaths), whom neither a block
    nor a guardianship stops.

    Raises Problem closing-roles-held, closing-emergency-unreviewed, closing-receiver,
    closing-own-key, wallet-moving, wallet-blocked (a thief must not erase the owner), and what
    stands in the way of a payment.
    """
    _check_may_leave(session, person_id, now)
    if not died:
        _check_own_word(session, person_id, by if acting else None, now)
    found = standing(session, person_id, now)
    if gift is not None:
        found = replace(found, given=_give(session, person_id, gift, now))
    own = Actor.subject(person_id)
    address = identity.email_of(session, person_id, purpose="own_data", actor=own)
    language = identity.person(session, person_id).language
    erase_again(session, person_id, now, by=by)
    if address is not None:
        mail.forget(session, letters, address)
        closing_letter.tell_closed(session, address, language, found, now)
    return found


def _check_may_leave(session: Session, person_id: UUID, now: datetime) -> None:
    check_no_role(session, person_id, now)
    check_reviewed(session, person_id)
    check_not_moving(session, person_id)


def check_no_role(session: Session, person_id: UUID, now: datetime) -> None:
    held = sorted(
        role.value
        for role in identity.roles_of(session, person_id, now)
        if role is not Role.CITIZEN
    )
    if held:
        raise Problem("closing-roles-held", roles=", ".join(held))


def _check_own_word(
    session: Session, person_id: UUID, representative: UUID | None, now: datetime
) -> None:
    """Not while blocked. Who has a guardian closes nothing alone, nor does an officer on their
    word, though they were that guardian: it takes one who acts as such, and whose acts name it."""
    check_not_blocked(session, person_id, now)
    held = guardianships_over(session, person_id, now)
    mine = [one for one in held if one.representative_id == representative]
    if held and not any(Act.CLOSE.value in one.acts for one in mine):
        raise Problem("guardianship-holds")


def _give(session: Session, person_id: UUID, gift: Gift, now: datetime) -> Payment:
    """An ordinary payment of all that this association takes."""
    shop = session.get(Merchant, gift.organisation_id)
    if shop is None or shop.organisation_id not in {one.id for one in receivers(session)}:
        raise Problem("closing-receiver", field="organisation_id")
    purses = purses_of(
        session, person_id=person_id, merchant_id=shop.organisation_id, now=now, lock=True
    )
    cents = sum(one.available_cents for one in purses if one.taken_here and not one.closed)
    if any(one.on_device and one.taken_here and one.available_cents for one in purses):
        raise Problem("closing-own-key", field="organisation_id")
    if cents <= 0:
        raise Problem("closing-receiver", field="organisation_id")
    asked = start_payment(
        session, till_number=shop.till_number, amount_cents=cents, payer_id=person_id, now=now
    )
    return accept_payment(session, payer=gift.payer, payment_id=asked.id, desk=gift.desk, now=now)
