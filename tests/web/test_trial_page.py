"""The office tries rules: on the programme's own deeds or a file, with nobody's figure alone."""

from __future__ import annotations

import html
import json
import re
from io import BytesIO
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient

from app.identity.ages import AgeBand
from app.impact.catalogue import catalogue
from app.rewards.language.action import Outside
from app.rewards.language.loading import load
from app.rewards.language.naming import Names
from app.rewards.models import Programme, RuleSet
from app.rewards.rule_sets.published import general
from app.rewards.trying.simulation import Simulation, Tally
from app.rewards.valuing import own_history
from app.web.office import trial_view
from app.web.office.trial_view import kept_back
from tests.support.city import City
from tests.support.town import Town
from tests.unit.rewards.rules_world import KNOWN, TARIFF, act, condition, limit, rules
from tests.web.test_rules_json_page import signed_in, text_of

RULES = rules(limits=[limit("day", 1, most=150)])
HEAD = "at,citizen\n"
GLASS, REPAIR, NOTHING = "glass-recycling", "smartphone-repair", Outside()


def history(people: int, deeds: int) -> str:
    rows = [
        f"2031-05-{14 + deed // 2:02d}T1{deed % 2}:00:00Z,person-{person}"
        for deed in range(deeds)
        for person in range(people)
    ]
    return HEAD + "\n".join(rows) + "\n"


def tried(
    town: Town, office: FlaskClient, csv: str | None, rule_set: dict[str, Any] = RULES
) -> tuple[int, str]:
    path = f"/office/programmes/{town.programme_id}/trial"
    token = re.search(r'name="csrf_token" value="([^"]+)"', office.get(path).text)
    assert token
    form = {"csrf_token": token[1], "idempotency_key": uuid4().hex, "rules": json.dumps(rule_set)}
    file = {} if csv is None else {"file": (BytesIO(csv.encode()), "history.csv")}
    answer = office.post(path, data={**form, **file}, content_type="multipart/form-data")
    return answer.status_code, text_of(answer.text)


def test_a_file_is_tried_beside_what_holds(town: Town) -> None:
    office = signed_in(town, "officer")
    status, page = tried(town, office, history(people=6, deeds=4))
    assert status == 200
    assert re.findall(r"</progress> (\d+)%", page) == [str(step) for step in range(10, 101, 10)]
    row = re.search(r'Cost</th><td class="number">([^<]*)</td><td class="number">([^<]*)<', page)
    assert row
    assert row.groups() == ("18.00 tokens", "0.00 tokens")  # six people, twice 150 a day
    assert "<title>up to 5.00 tokens: 6 people</title>" in page
    assert "At most 1.50 tokens for each person a day" in page
    assert "Tried on 24 deeds from 14 May 2031 to 15 May 2031" in page
    assert page.endswith("</html>")

    status, page = tried(town, office, history(people=4, deeds=4))
    assert (status, "nothing is shown" in page, "18.00" in page) == (200, True, False)
    assert "person-" not in page

    late = condition({"instant": {"from": "2031-05-15T12:00:00Z"}})  # picks one person of six
    csv = history(people=6, deeds=4) + "2031-05-15T13:00:00Z,person-0\n"
    status, page = tried(town, office, csv, rules(conditions=[late]))
    assert (status, "nothing is shown" in page, "1.00 token" in page) == (200, True, False)

    status, page = tried(town, office, f"{HEAD}yesterday,ana\n")
    assert (status, "line 2.at: is no time" in page) == (422, True)


def test_what_a_few_get_or_would_get_otherwise_is_not_told(town: Town) -> None:
    names = Names({}, {}, {})
    less, more = rules(limits=[limit("day", 1, most=150)]), rules()
    for often, alone in ((1, True), (6, False)):  # how many people do a second deed
        found = [Simulation(load(one, KNOWN), Outside()) for one in (less, more)]
        for person in (*range(6), *range(often)):
            for one in found:
                one.add(act(citizen=f"person-{person}"))
        with town.client.application.test_request_context("/?lang=en"):
            told = trial_view.shown(found, ["These rules", "Version 1"], names)
        assert (told.alone, "Version 1" not in told.titles) == (alone, alone)
        assert ("For comparison" not in told.summary, told.moved is None) == (alone, alone)

    # In June one of six gets something: neither June's cost is shown nor, as the rest, May's.
    early = condition(
        {"instant": {"from": "2031-05-01T00:00:00Z", "before": "2031-06-02T00:00:00Z"}}
    )
    june = [f"2031-06-{1 + bool(person):02d}T12:00:00Z,person-{person}" for person in range(6)]
    csv = history(people=6, deeds=4) + "\n".join(june) + "\n"
    status, page = tried(town, signed_in(town, "officer"), csv, rules(conditions=[early]))
    rows = re.findall(r"<td>(May|June?) 2031</td><td class=\"number\">([^<]*)<", page)
    assert (status, rows) == (200, [("May", "kept back"), ("Jun", "kept back")])


def test_its_own_history_comes_to_what_was_promised(town: Town) -> None:
    """The rules that valued the deeds, tried on them again, promise the same."""
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        city, programme = City(session, now), session.get_one(Programme, town.programme_id)
        deeds = [
            city.attest(town.clerk, city.citizen().id, programme, quantity=1000 * size)
            for size in (1, 2, 3, 5, 6)
        ]
        stored = session.get_one(RuleSet, (programme.id, 1)).rules
        again = Simulation(general(stored, programme.time_zone), Outside())
        for action in own_history.history(session, programme.id):
            again.add(action)
        assert again.whole.cents == sum(deed.reward_cents for deed in deeds) > 0
        assert own_history.count(session, programme.id) == len(deeds)
    status, page = tried(town, signed_in(town, "officer"), None)
    assert (status, "What it would have cost" in page) == (200, True)
    assert "5</td>" in page
    assert html.escape(str(deeds[0].person_id)) not in page


def test_rules_that_ask_more_than_those_of_then_find_it_in_its_own_history(town: Town) -> None:
    """Which deed is a citizen's first of its kind, and who is adult."""
    first = {"fixed_cents": 500, "when": {"first_time": {"unknown": "fail"}}}
    welcome = {**TARIFF, "steps": [first]}
    adults = condition({"adult": {"who": "citizen", "unknown": "fail"}})
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        city, programme = City(session, now), session.get_one(Programme, town.programme_id)
        ana, child = city.citizen(), city.citizen()
        child.age_band = AgeBand.FROM_15_TO_17
        done = ((ana, GLASS), (child, GLASS), (ana, GLASS), (ana, REPAIR))
        for ago, (person, kind) in enumerate(done):
            number = catalogue().action_type(kind).number
            at = int(now.timestamp()) - 60 * ago
            said: dict[str, Any] = {"action_type_id": number, "quantity": 1, "deed_at": at}
            city.attest(town.clerk, person.id, programme, **said)
        for asked, cents in ((welcome, 3 * 500), (TARIFF, 3 * 100)):
            conditions = [adults] if asked is TARIFF else []
            tried = Simulation(load(rules(tariffs=[asked], conditions=conditions), KNOWN), NOTHING)
            for action in own_history.history(session, programme.id):
                tried.add(action)
            assert (tried.whole.cents, tried.asking) == (cents, 0)


def test_what_other_rules_refuse_takes_no_first_time_of_its_own_history(town: Town) -> None:
    """As live: the welcome is for the first deed that these rules pay."""
    first = {"fixed_cents": 500, "when": {"first_time": {"unknown": "fail"}}}
    enough = condition({"quantity": {"at_least": 2, "unknown": "fail"}})
    asked = load(rules(tariffs=[{**TARIFF, "steps": [first]}], conditions=[enough]), KNOWN)
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        city, programme = City(session, now), session.get_one(Programme, town.programme_id)
        ana, number = city.citizen().id, catalogue().action_type(GLASS).number
        for ago, quantity in enumerate((1, 5, 5)):
            at = int(now.timestamp()) - 60 * ago
            said: dict[str, Any] = {"action_type_id": number, "quantity": quantity, "deed_at": at}
            city.attest(town.clerk, ana, programme, **said)
        tried = Simulation(asked, NOTHING)
        for action in own_history.history(session, programme.id):
            tried.add(action)
        assert tried.whole.cents == 500


def test_what_few_people_stand_behind_stays_hidden() -> None:
    def tally(*people: str) -> Tally:
        return Tally(actions=len(people), people=set(people))

    many = [f"person-{number}" for number in range(9)]
    assert kept_back({"a": tally(*many), "b": tally(*many)}) == set()
    # One alone would follow from the sum of all.
    assert kept_back({"a": tally(*many), "b": tally("x"), "c": tally(*many[:6])}) == {"b", "c"}
    few = {"a": tally(*many), "b": tally("x", "y"), "c": tally("v", "w", "z")}
    assert kept_back(few) == {"b", "c"}
