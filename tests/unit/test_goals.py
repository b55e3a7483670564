"""The dashboard by goal: all 17 listed, and nothing counted twice, whichever way it is added up."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.impact.accounting import total
from app.impact.catalogue import catalogue
from app.impact.entries import METRICS, PROOF_LEVEL_NUMBERS
from app.reporting.figures import CountedCell, Figure, FigureKey, estimate_of, figures_of
from app.reporting.sums import Sum
from app.web.public.figure_lines import Line, kind_of, kinds_of, lines_of
from app.web.public.goals import by_indicator_of, goals, untouched
from app.web.public.indicator_view import indicator_codes
from app.web.words import speech_of

NUMBERS = [kind.number for kind in catalogue().action_types()]
AMOUNTS = st.lists(
    st.tuples(
        st.sampled_from(NUMBERS),
        st.sampled_from((1, 2, 3)),
        st.integers(1, 12),
        st.integers(1, 10**9),
    ),
    min_size=1,
    max_size=20,
)


def cell(number: int, kind: int, month: int, amount: int, block: int) -> CountedCell:
    entry = catalogue().by_number(kind)
    key = FigureKey(bytes([number]) * 32, 202_600 + month, kind, entry.version, 3)
    metrics = dict.fromkeys(METRICS, 0) | {
        name: amount * times for name, times in entry.metrics.items()
    }
    return CountedCell(key, False, 6, 60, metrics, block)


def line(figure: Figure) -> Line:
    key = figure.key
    kind = catalogue().by_number(key.action_type)
    at, proof = date(key.month // 100, key.month % 100, 1), "attested"
    assert PROOF_LEVEL_NUMBERS[proof] == key.proof_level
    metrics = [figure.metrics[name] for name in METRICS]
    sizes = (figure.actions, figure.reward_cents, *metrics)
    one = Sum._make((at, kind.id, 1, proof, *sizes, None, None))
    (found,) = lines_of([one], "")
    return found


def micrograms(lines: list[Line]) -> int:
    return total(line.estimate for line in lines if line.estimate).central_micrograms


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # nothing rests on time
@given(AMOUNTS)
def test_nothing_is_counted_twice_over_programmes_or_indicators(
    amounts: list[tuple[int, int, int, int]],
) -> None:
    """One sum of all lines: the same by programme, and by indicator with each deed at its first."""
    cells = [
        cell(programme, kind, month, amount, block)
        for block, (kind, programme, month, amount) in enumerate(amounts)
    ]
    figures = list(figures_of(cells).values())
    lines = [line(figure) for figure in figures]
    by_programme: dict[bytes, list[Line]] = defaultdict(list)
    for figure, one in zip(figures, lines, strict=True):
        by_programme[figure.key.programme].append(one)
    assert sum(micrograms(found) for found in by_programme.values()) == micrograms(lines)

    seen: set[int] = set()
    first: list[Line] = []
    for _code, found in by_indicator_of(lines):
        assert len({id(one) for one in found}) == len(found), "twice under one indicator"
        first += [one for one in found if id(one) not in seen]
        seen |= {id(one) for one in found}
    without = [one for one in lines if not one.kind.indicators]
    assert {id(one) for one in without}.isdisjoint(seen)
    assert micrograms(first) + micrograms(without) == micrograms(lines)
    for name in METRICS:
        both = sum(getattr(one.sum, name) for one in [*first, *without])
        assert both == sum(one.metrics[name] for one in cells)
    published = [estimate_of(figure, catalogue()) for figure in figures]
    exact = [one.estimate.central if one.estimate else None for one in lines]
    assert [one["central_g"] if one else None for one in published] == exact


def test_a_workshop_under_two_codes_counts_once() -> None:
    kind = catalogue().action_type("climate-workshop")
    one = line(Figure(FigureKey(bytes(32), 202_603, kind.number, 1, 3), actions=7))
    assert [(code, len(found)) for code, found in by_indicator_of([one])] == [("12.8.1", 1)]
    assert ("12.8.1", "13.3.1") in indicator_codes()
    assert kinds_of("12.8.1") == kinds_of("13.3.1")
    assert kind_of(kind.id, 1).indicators == {"12.8.1", "13.3.1"}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_all_goals_are_listed_whatever_was_done(language: str) -> None:
    spoken = speech_of(language)
    listed = goals([], spoken), untouched(language)
    codes = {entry["code"] for part in listed for entry in part}
    assert codes == {str(number) for number in range(1, 18)}
    assert len(listed[0]) == 8
    assert all(entry["kinds"] for entry in listed[0])
    (climate,) = [entry for entry in listed[0] if entry["code"] == "13"]
    assert climate["elsewhere"] == [{"code": "13.3.1", "first": "12.8.1"}]
