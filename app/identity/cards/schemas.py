"""What cards and the city's counter say over the wire."""

from __future__ import annotations

from app.fields import (
    Choice,
    Day,
    Email,
    Id,
    Input,
    List,
    Nested,
    Output,
    Text,
    UtcTime,
    WholeNumber,
)
from app.identity.cards.models import CardState
from app.identity.models import IdentityLevel

MOST_CARDS = 200


class NewCardBatch(Input):
    count = WholeNumber(required=True, low=1, high=MOST_CARDS)


class CardBatchOut(Output):
    id = Id(required=True)
    count = WholeNumber(required=True)
    made_at = UtcTime(required=True)
    printed_at = UtcTime(allow_none=True)


class CardShown(Input):
    card_number = Text(required=True, high=40)


class CodeShown(Input):
    short_number = Text(required=True, high=20)
    time_code = Text(required=True, high=20)


class EmailSaid(Input):
    email = Email(required=True)


class ChosenPin(Input):
    pin = Text(required=True, high=8)


class NewCard(Input):
    card_number = Text(required=True, high=40)
    pin = Text(required=True, high=8)


class SeenPapers(Input):
    """As papers say it; kept nowhere."""

    family_name = Text(required=True, low=1, high=100)
    given_names = Text(required=True, low=1, high=200)
    born = Day(required=True)


class CardOut(Output):
    id = Id(required=True)
    state = Choice(CardState, required=True)
    made_at = UtcTime(required=True)
    activated_at = UtcTime(allow_none=True)
    ended_at = UtcTime(allow_none=True)


class CounterVisitOut(Output):
    """Who stands at the counter, for a quarter of an hour: no name, no address."""

    id = Id(required=True)
    expires_at = UtcTime(required=True)
    identity_level = Choice(IdentityLevel, required=True)
    cards = List(Nested(CardOut), required=True)
