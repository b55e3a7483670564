"""An explanation as pages show it: a row for each line, and their sum, which is the amount."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from types import SimpleNamespace

from app.rewards.language.figures import amount
from app.rewards.language.lines import Line
from app.rewards.language.naming import Names, named_line
from app.rewards.language.words import reason
from app.web.words import locale


def explained(lines: Iterable[Line], names: Names) -> SimpleNamespace:
    """`rows`: the id of the rule, the reason with its numbers, the result; `total`: their sum."""
    listed, spoken = [named_line(line, names) for line in lines], locale()
    return SimpleNamespace(
        rows=[
            SimpleNamespace(
                rule=line.rule,
                reason=reason(line, spoken),
                amount=amount(line.cents, spoken),
            )
            for line in listed
        ],
        total=amount(sum((line.cents for line in listed), Fraction(0)), spoken),
    )
