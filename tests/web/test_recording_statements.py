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


def declaration(town: Town, minutes: int) -> dict[str, Any]:
    with town.services.database.session() as session:
        at = town.services.clock.now(session) - timedelta(minutes=minutes)
    return {
        "programme_id": str(town.programme_id),
        "action_type": "bike-trip",
        "quantity": 3000,
        "deed_at": at.isoformat(),
    }


def test_a_declared_deed(town: Town) -> None:
    town.post("citizen", "/actions", declaration(town, 1))
    again = declaration(town, 2)
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
    for minutes, status in ((1, 201), (1, 409), (2, 201), (-60, 422)):
        answer = town.call("citizen", "POST", "/actions", declaration(town, minutes))
        assert answer.status_code == status
        left.append(int(answer.headers["RateLimit"].split(";r=")[1].split(";")[0]))
    assert left == [left[0] - step for step in range(4)]
    other = town.call("officer", "POST", "/actions", declaration(town, 3))
    assert int(other.headers["RateLimit"].split(";r=")[1].split(";")[0]) > left[-1]
