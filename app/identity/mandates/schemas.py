"""Mandates over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.fields import Cents, Choice, Email, Id, Input, List, Nested, Output, Text, UtcTime
from app.identity.mandates.models import Act, MandateKind
from app.identity.mandates.service import Scope
from app.identity.mandates.views import MandateState

ACTS = [act.value for act in Act]


def scope_of(said: Mapping[str, Any]) -> Scope:
    """Of a body that names acts, amount and last day."""
    return Scope(frozenset(map(Act, said["acts"])), said["until"], said["day_cents"])


class NewRepresentative(Input):
    email = Email(required=True)
    acts = List(Choice(ACTS), required=True)
    day_cents = Cents(load_default=None, allow_none=True)
    until = UtcTime(required=True)


class NewActing(Input):
    mandate_id = Id(required=True)


class NewObjection(Input):
    text = Text(required=True, low=1, high=2000, lines=True)


class NewParties(Input):
    """`ward` and `guardian`: an e-mail address, or the eight digits of a counter."""

    ward = Text(required=True, high=254)
    guardian = Text(required=True, high=254)
    reference = Text(required=True, high=120)


class NewGuardianship(NewParties):
    acts = List(Choice(ACTS), required=True)
    day_cents = Cents(load_default=None, allow_none=True)
    until = UtcTime(required=True)


class MandateOut(Output):
    id = Id(required=True)
    kind = Choice(MandateKind, required=True)
    acts = List(Choice(ACTS), required=True)
    day_cents = Cents(required=True, allow_none=True)
    until = UtcTime(required=True)


class MandateUse(Output):
    at = UtcTime(required=True)
    act = Choice(Act, required=True)
    about = Id(required=True, allow_none=True)


class MandateView(MandateOut):
    state = Choice(MandateState, required=True)
    email = Text(required=True, allow_none=True)
    uses = List(Nested(MandateUse), required=True)


class MandateList(Output):
    named = List(Nested(MandateView), required=True)
    acting = List(Nested(MandateView), required=True)
