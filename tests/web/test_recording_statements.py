"""What a recording asks of the database is counted, so that it does not creep up again.

Budgets of docs/adr/0009: a person's second recording, with everything that is made once made.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.support.statements import counted
from tests.support.town import Town

# door; claim of the key, what must be known, deed with logs, kept answer
DECLARED = 5
# the same, and the counters: locked, then saved
SIGNED = 7
TRANSACTIONS = 1  # beside the door's, which commits by itself


def declarations(town: Town, *minutes: int) -> list[dict[str, Any]]:
    """Of deeds so many minutes before one and the same instant, however long each request takes."""
    with town.services.database.session() as session:
        at = town.services.clock.now(session)
    return [
        {
            "programme_id": str(town.programme_id),
            "action_type": "bike-trip",
            "quantity": 3000,
            "deed_at": (at - timedelta(minutes=ago)).isoformat(),
        }
        for ago in minutes
    ]


def test_a_declared_deed(town: Town) -> None:
    first, again = declarations(town, 1, 2)
    town.post("citizen", "/actions", first)
    with counted(town.services.database.engine) as (statements, commits):
        town.post("citizen", "/actions", again)
    assert len(statements) == DECLARED, "\n".join(statements)
    assert len(commits) == TRANSACTIONS


def test_a_signed_deed(town: Town) -> None:
    visit = town.identify()
    town.post("clerk", "/attestations", town.signed(visit))
    again = town.signed(visit, action_type="textile-collection")
    with counted(town.services.database.engine) as (statements, commits):
        town.post("clerk", "/attestations", again)
    assert len(statements) == SIGNED, "\n".join(statements)
    assert len(commits) == TRANSACTIONS


def test_each_write_counts_once_against_its_person_refused_ones_too(town: Town) -> None:
    left = []
    *deeds, last = declarations(town, 1, 1, 2, -60, 3)
    for deed, status in zip(deeds, (201, 409, 201, 422), strict=True):
        answer = town.call("citizen", "POST", "/actions", deed)
        assert answer.status_code == status
        left.append(int(answer.headers["RateLimit"].split(";r=")[1].split(";")[0]))
    assert left == [left[0] - step for step in range(4)]
    other = town.call("officer", "POST", "/actions", last)
    assert int(other.headers["RateLimit"].split(";r=")[1].split(";")[0]) > left[-1]
