"""A programme's rules for everybody, with their hash; and what a citizen can still earn."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from app.rewards.command import command
from app.rewards.models import Programme, ProgrammeState
from app.rewards.rule_sets.rule_changes import RULE_SET
from app.rewards.valuing.room import room
from tests.support.city import RULES, City
from tests.support.town import Town
from tests.unit.rewards.rules_world import condition, limit, rules

GENERAL = rules(
    conditions=[condition({"action_type": {"in": ["glass-recycling"]}})],
    limits=[limit("day", 1, most=500)],
)


def read(town: Town, path: str, language: str = "en") -> str:
    answer = town.client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return html.unescape(re.sub(r"\s+", " ", answer.text))


def test_rules_in_words_with_a_hash_that_anybody_computes(town: Town, tmp_path: Path) -> None:
    body = {"rules": GENERAL, "valid_from": "2027-06-01T00:00:00Z", "acknowledged": True}
    proposal = town.post("officer", f"/programmes/{town.programme_id}/rule-sets", body)
    assert proposal["kind"] == RULE_SET
    town.post("officer-2", f"/proposals/{proposal['id']}/confirmation", status=200)
    assert str(town.programme_id) in read(town, "/programmes")
    page = read(town, f"/programmes/{town.programme_id}")
    glass = "f the deed is “Glass brought to recycling”: 0.05 tokens for each 1 kg, at most"
    assert glass in page
    assert "At most 5.00 tokens for each person a day" in page  # what is to come
    assert "i le geste est « Verre apporté" in read(town, f"/programmes/{town.programme_id}", "fr")
    for version, stored in ((1, RULES), (2, None)):
        path = f"/programmes/{town.programme_id}/rules/{version}.json"
        answer = town.client.get(path)
        assert stored is None or answer.get_json() == stored
        file = tmp_path / f"{version}.json"
        file.write_bytes(answer.data)
        computed = CliRunner().invoke(command, ["hash", str(file)]).stdout.strip()
        assert len(computed) == 66
        assert computed in page
    for missing in (f"/programmes/{town.programme_id}/rules/3.json", f"{path[:-6]}{2**40}.json"):
        assert town.client.get(missing).status_code == 404


@pytest.mark.parametrize(("state", "says"), [
    (ProgrammeState.DRAFT, "decided, being published: begins on"),
    (ProgrammeState.PUBLISHED, "published: begins on"),
])  # fmt: skip
def test_a_programme_that_two_decided_is_no_draft_to_the_public(
    town: Town, state: ProgrammeState, says: str
) -> None:
    with town.services.database.transaction() as session:
        city = City(session, town.services.clock.now(session))
        programme = city.programme()
        programme.first_day, programme.state = city.now.date() + timedelta(days=9), state
        key, first = programme.id, programme.first_day
    for path in ("/programmes", f"/programmes/{key}"):
        page = read(town, path)
        assert f"{says} {first.day} {first:%B %Y}" in page
        assert ">draft<" not in page


def test_what_a_citizen_can_still_earn(town: Town) -> None:
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        city = City(session, now)
        programme = session.get_one(Programme, town.programme_id)
        zone = ZoneInfo(programme.time_zone)
        deed = city.attest(town.clerk, town.people["citizen"], programme)
        assert deed.reward_cents
        found = {one.period: one for one in room(session, programme, deed.person_id, now)}
        assert set(found) == {"day", "month"}
        assert [one.used for one in found.values()] == [deed.reward_cents] * 2
        other = room(session, programme, town.people["officer"], now)
        assert {one.used for one in other} == {0}
        later = now + timedelta(days=40)
        assert {one.used for one in room(session, programme, deed.person_id, later)} == {0}
    client = town.client.application.test_client()
    client.set_cookie("civis", town.tokens["citizen"])
    page = client.get("/me/programmes", headers={"Accept-Language": "en"}).text
    left = found["month"].left
    assert f"{left / 100:.2f} tokens of {found['month'].most / 100:.2f} tokens" in page
    assert f"This month, until {last_of_month(now.astimezone(zone).date())}" in page


def last_of_month(day: date) -> str:
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return f"{last.day} {last:%B %Y}"
