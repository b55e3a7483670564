"""A public figure's sums with what the catalogue knows of them, ready to be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import NamedTuple

from app.impact.accounting import Estimate, co2e_of
from app.impact.catalogue import catalogue
from app.impact.entries import ActionType, Co2eRule
from app.reporting.sums import Sum


class Kind(NamedTuple):
    """A kind of deed, and where its quantity and what its CO2e is made of stand in a sum.

    `indicators` are all codes of those that it contributes to.
    """

    action_type: ActionType
    indicators: frozenset[str]
    quantity: Callable[[Sum], int]
    entry: int
    rule: Co2eRule | None
    emitting: Callable[[Sum], int]


class Line(NamedTuple):
    """A sum with its kind of deed, and what it is estimated to be worth."""

    sum: Sum
    kind: Kind
    estimate: Estimate | None


@cache
def kinds_of(indicator: str) -> list[str]:
    """The kinds of deed that contribute to an indicator; all of them where none is named."""
    known = catalogue()
    kinds = known.contributing_to(indicator) if indicator else known.action_types()
    return [kind.id for kind in kinds]


@cache
def kind_of(action_type_id: str, version: int) -> Kind:
    known = catalogue().action_type(action_type_id, version)
    name, multiplier = next(iter(known.metrics.items()))
    emitting = known.co2e.metric.value if known.co2e else name
    return Kind(
        known,
        catalogue().codes_of(known),
        attrgetter(name),
        multiplier * known.entry_size,
        known.co2e,
        attrgetter(emitting),
    )


def lines_of(found: Iterable[Sum], indicator: str) -> list[Line]:
    """The newest month first, kinds of deed in the order of the catalogue.

    Whether a deed contributes to an indicator, its own version of the catalogue says.
    """
    lines = [_line(one, kind_of(one[1], one[2])) for one in found if one.actions]
    if indicator:
        lines = [line for line in lines if indicator in line.kind.indicators]
    lines.sort(key=lambda line: line.kind.action_type.number)
    lines.sort(key=lambda line: line.sum.month, reverse=True)
    return lines


def _line(one: Sum, kind: Kind) -> Line:
    gain = kind.rule.on(one.month) if kind.rule else None
    return Line(one, kind, co2e_of(kind.emitting(one), gain) if gain else None)
