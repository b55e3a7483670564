"""Who gets how much: people by what they get in all, in steps of 1, 2, 5, 10 … tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_TOKEN = 100


@dataclass(frozen=True)
class Step:
    """People who get more than `above` and at most `most` cents; the first has got nothing."""

    above: int | None  # None: nothing, or less
    most: int
    people: int
    cents: int


@dataclass(frozen=True)
class Spread:
    steps: tuple[Step, ...]
    people: int  # who are known, and got something
    median_cents: int  # of those who got something; the lower one of two
    top_tenth_percent: int  # of all that known people got, by the tenth that got most


def spread(cents: Iterable[int]) -> Spread:
    amounts = sorted(cents)
    gains = [one for one in amounts if one > 0]
    edges = _edges(gains[-1] if gains else 0)
    bounds = [(None, 0), *zip([0, *edges], edges, strict=False)]
    steps = [_step(amounts, above, most) for above, most in bounds]
    top = gains[len(gains) - -(-len(gains) // 10) :]
    return Spread(
        steps=tuple(steps),
        people=len(gains),
        median_cents=gains[(len(gains) - 1) // 2] if gains else 0,
        top_tenth_percent=sum(top) * 100 // sum(gains) if gains else 0,
    )


def together(steps: Iterable[Step], least: int) -> list[Step]:
    """Neighbours put together until each has so many people, or none; [] where all are too few."""
    found: list[Step] = []
    for step in steps:
        last = found[-1] if found else None
        if last is not None and 0 < last.people < least and step.people:
            found[-1] = _joined(last, step)
        else:
            found.append(step)
    return _settled(found, least)


def _settled(steps: list[Step], least: int) -> list[Step]:
    """What is still too few joins the one before it that has people, else the one after."""
    for index in reversed(range(len(steps))):
        if 0 < steps[index].people < least:
            others = [i for i, step in enumerate(steps) if step.people and i != index]
            if not others:
                return []
            other = max((i for i in others if i < index), default=others[0])
            first, last = min(index, other), max(index, other)
            steps[first : last + 1] = [_joined(steps[first], steps[last])]
    return steps


def _joined(one: Step, other: Step) -> Step:
    return Step(one.above, other.most, one.people + other.people, one.cents + other.cents)


def _step(amounts: list[int], above: int | None, most: int) -> Step:
    within = [one for one in amounts if one <= most and (above is None or one > above)]
    return Step(above, most, len(within), sum(within))


def _edges(most: int) -> list[int]:
    found, size = [_TOKEN], _TOKEN
    while found[-1] < most:
        found += [size * 2, size * 5, size * 10]
        size *= 10
    while len(found) > 1 and found[-2] >= most:
        found.pop()
    return found


def moved(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """How many people get more, less and the same afterwards."""
    found = {"more": 0, "less": 0, "same": 0}
    for who in before.keys() | after.keys():
        change = after.get(who, 0) - before.get(who, 0)
        found["more" if change > 0 else "less" if change < 0 else "same"] += 1
    return found
