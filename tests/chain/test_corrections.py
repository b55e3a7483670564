"""Corrections take back what was published, and the audit sees when they say more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.reporting.audit.evidence import Event, Evidence, gather
from app.reporting.audit.node import Node
from app.reporting.audit.published import fetch_export, places_of
from app.reporting.audit.register import check_register
from tests.support.public_side import PublicSide


@pytest.fixture(scope="module")
def evidence(side: PublicSide) -> Evidence:
    """Six deeds published, five of them taken back; progress is read on the way."""
    people, programme = side.world.citizens(6), side.world.programme()
    path = f"{side.site}/api/v1/programmes/{programme.id}/progress"
    glass = side.deeds(programme, people, "glass-recycling")
    assert _read(path) == (0, 0), "settled, not published"
    assert side.publish(programme) is not None
    assert _read(path) == (6, 600)
    side.reverse(glass[:5])
    assert _read(path) == (6, 600)
    assert side.publish(programme) is not None
    assert _read(path) == (1, 100)
    with Node(side.gateway) as node:
        return gather(node, places_of(fetch_export(side.site)))


def _read(path: str) -> tuple[int, int]:
    said = httpx.get(path, timeout=60).json()
    assert said["own_word_actions"] == 0
    return said["actions"], said["reward_cents"]


def failed(evidence: Evidence) -> list[str]:
    return [check.name.partition(": ")[2] for check in check_register(evidence) if not check.agrees]


def inflated(evidence: Evidence, **changes: Any) -> Evidence:
    """The same events, with a correction that says something else."""

    def told(event: Event) -> Event:
        if event.name != "CellPublished" or not event.arguments["cell"]["correction"]:
            return event
        cell = {**event.arguments["cell"], **changes}
        return replace(event, arguments={**event.arguments, "cell": cell})

    return replace(evidence, events=tuple(map(told, evidence.events)))


NO_MORE = "no correction takes back more than stands published under its key"


def test_an_honest_correction_agrees(evidence: Evidence) -> None:
    names = {check.name.partition(": ")[2] for check in check_register(evidence)}
    assert {NO_MORE, "actions taken back", "reward taken back"} <= names
    assert failed(evidence) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"actions": 7}, {NO_MORE, "actions taken back"}),
        ({"actions": 6}, {"actions taken back"}),
        ({"reward": 601}, {NO_MORE, "reward taken back"}),
        ({"metrics": (0, 10**9, 0, 0, 0, 0)}, {NO_MORE}),
        ({"month": 190001}, {NO_MORE}),
    ],
)
def test_a_correction_of_more_than_was_published_differs(
    evidence: Evidence, changes: dict[str, Any], found: set[str]
) -> None:
    assert set(failed(inflated(evidence, **changes))) - {""} == found


def test_the_totals_of_corrections_are_compared(evidence: Evidence) -> None:
    ((programme, totals),) = evidence.totals.items()
    lied = {**totals, "correctedActions": 4, "correctedReward": 1}
    assert failed(replace(evidence, totals={programme: lied})) == [
        "actions taken back",
        "reward taken back",
    ]
