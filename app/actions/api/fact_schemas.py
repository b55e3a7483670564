"""What officers found out about a deed, over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.fields import Cents, Choice, Flag, Input, List, Nested, Short, Text, WholeNumber
from app.rewards.valuing.found_facts import PLACES, SOURCES


class CodeIn(Input):
    kind = Short("a-z0-9_-", low=1, high=40, required=True)
    code = Text(required=True, high=40)


class FoundFacts(Input):
    distance_m = WholeNumber(load_default=None, low=0, high=10**8)
    seats = WholeNumber(load_default=None, low=1, high=100)
    contribution_cents = Cents(load_default=None, low=0, high=10**9)
    revenue_cents = Cents(load_default=None, low=0, high=10**9)
    other_adult = Flag(load_default=None)
    first_time = Flag(load_default=None)
    proof_class = Text(load_default=None, high=40)
    start = List(Nested(CodeIn), load_default=list)
    end = List(Nested(CodeIn), load_default=list)


class NewFacts(Input):
    facts = Nested(FoundFacts, required=True)
    source = Choice(SOURCES, required=True)


def named(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Those that were named; places as codes by their kind."""
    codes = {place: {one["kind"]: one["code"] for one in facts[place]} for place in PLACES}
    return {name: value for name, value in {**facts, **codes}.items() if value not in (None, {})}
