"""What an officer enters at the counter for whoever stands there, over the wire."""

from __future__ import annotations

from app.actions.models import ActionState
from app.endings.schemas import EndingOut
from app.fields import Cents, Choice, Email, Flag, Id, Input, List, Nested, Output, Text, UtcTime
from app.identity.ages import AgeBand
from app.identity.cards.schemas import SeenPapers
from app.identity.mandates.schemas import MandateList, NewRepresentative
from app.identity.models import IdentityLevel
from app.merchants.models import PaymentState
from app.privacy.notices import OPERATOR
from app.privacy.schemas import AccessOut, ConsentOut
from app.recovery.schemas import OwnWallet
from app.rights.schemas import HaltOut, RequestRead


class VisitDeed(Output):
    """A refused deed may be objected to, a settled one has a proof."""

    id = Id(required=True)
    action_type = Text(required=True, attribute="action_type_id")
    deed_at = UtcTime(required=True)
    state = Choice(ActionState, required=True)
    reward_cents = Cents(low=0, required=True)
    reason_code = Text(required=True, allow_none=True)


class VisitPayment(Output):
    id = Id(required=True)
    shop = Text(required=True)
    short_code = Text(required=True)
    amount_cents = Cents(required=True)
    state = Choice(PaymentState, required=True)
    accepted_at = UtcTime(required=True, allow_none=True)
    contestable_until = UtcTime(required=True, allow_none=True)


class VisitRights(Output):
    """All that the person can see themselves: at most the last hundred of each kind."""

    identity_level = Choice(IdentityLevel, required=True)
    age_band = Choice(AgeBand, required=True, allow_none=True)
    ask_age = Flag(required=True)
    language = Text(required=True)
    email = Text(required=True, allow_none=True)
    balance_cents = Cents(low=0, required=True)
    endings = List(Nested(EndingOut), required=True)
    consents = List(Nested(ConsentOut), required=True)
    requests = List(Nested(RequestRead), required=True)
    halts = List(Nested(HaltOut), required=True)
    wallet = Nested(OwnWallet, required=True)
    mandates = Nested(MandateList, required=True)
    deeds = List(Nested(VisitDeed), required=True)
    payments = List(Nested(VisitPayment), required=True)
    looks = List(Nested(AccessOut), required=True)


class CounterConsent(Input):
    """`notice_version`: of the notice that they were shown."""

    purpose = Text(required=True, high=64)
    notice_version = Text(required=True, high=32)
    recipient = Text(load_default=OPERATOR, high=64)
    given = Flag(required=True)
    parent_agrees = Flag(load_default=False)


class CounterLink(Input):
    """`notice_version`: of the notice on partners that they were shown."""

    organisation_id = Id(required=True)
    notice_version = Text(required=True, high=32)
    parent_agrees = Flag(load_default=False)


class CounterLinkCode(Output):
    code = Text(required=True)
    expires_at = UtcTime(required=True)


class CounterWords(Input):
    text = Text(required=True, low=1, high=2000, lines=True)


class CounterAppeal(Output):
    id = Id(required=True)


class CounterPapers(SeenPapers):
    parent_agrees = Flag(load_default=False)


class CounterRepresentative(NewRepresentative):
    """`pin`: typed by the holder of the card that was shown, where paying is among the acts."""

    pin = Text(load_default=None, allow_none=True, high=8)


class CounterClosing(Input):
    """`sure`: they have understood that it is for good. `gift_to`: an association that gets what is
    left, by the PIN of their card; without a number it is the card that they came with."""

    sure = Flag(required=True)
    gift_to = Id(load_default=None)
    card_number = Text(load_default="", low=0, high=40)
    pin = Text(load_default="", low=0, high=12)


class CounterEmail(Input):
    email = Email(required=True)


class CounterEmailCode(Input):
    email = Email(required=True)
    code = Text(required=True, high=7)
    challenge = Id(required=True)
    pin = Text(required=True, high=8)
