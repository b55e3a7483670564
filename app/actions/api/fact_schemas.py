"""What officers found out about a deed, over the wire: within the bounds of what a deed tells."""

from __future__ import annotations

from app.actions.api.told_schemas import Codes, ProofClass, number
from app.fields import Choice, Flag, Input, Nested, WholeNumber
from app.rewards.valuing.found_facts import SOURCES


class FoundFacts(Input):
    distance_m = WholeNumber(low=0, high=10**8)
    seats = number("seats")
    contribution_cents = number("contribution_cents")
    revenue_cents = number("revenue_cents")
    other_adult = Flag()
    proof_class = ProofClass()
    start = Codes()
    end = Codes()


class NewFacts(Input):
    facts = Nested(FoundFacts, required=True)
    source = Choice(SOURCES, required=True)
