"""One person's deeds line by line: by an officer with a sample or pasted deeds, and what a deed
would get somebody on their own page."""

from __future__ import annotations

import json
import re

from sqlalchemy import func, select

from app.actions.models import Action
from app.impact.catalogue import catalogue
from app.rewards.models import Evaluation, Programme, RewardCounter
from tests.support.city import City
from tests.support.town import Town
from tests.unit.rewards.rules_world import TARIFF, condition, limit, rules
from tests.web.test_bad_forms import send
from tests.web.test_rules_json_page import signed_in, text_of

RULES = rules(limits=[limit("day", 1, most=150)])
HEAD = "at,citizen,action_type,quantity,unit,proof_level,identity_level\n"


def look(town: Town, **form: str) -> tuple[int, str]:
    path = f"/office/programmes/{town.programme_id}/dry-run"
    typed = {"rules": json.dumps(RULES), "who": "pasted", **form}
    status, page = send(signed_in(town, "officer"), path, typed)
    return status, text_of(page)


def test_pasted_deeds_are_told_with_the_limit_that_bites(town: Town) -> None:
    rows = [f"2031-05-14T1{n}:00:00Z,one,bus-trip,1,item,attested,contact" for n in (0, 1, 2)]
    rows.append("2031-05-14T13:00:00Z,two,bus-trip,1,item,attested,contact")
    status, page = look(town, deeds=HEAD + "\n".join(rows))
    assert (status, "2.50 tokens in all" in page) == (200, False)
    assert "1.50 tokens in all" in page
    assert "1 deed of other people was counted" in page
    told = re.findall(r"(a limit bites)?(?:</span>)? ?<strong>(\d\.\d\d) tokens?</strong>", page)
    assert told == [("", "1.00"), ("a limit bites", "0.50"), ("a limit bites", "0.00")]
    assert "1.00 token of 1.50 tokens for you that day were used already." in page
    assert re.search(r">day</span></td><td class=\"number\">−0\.50 tokens<", page)


def test_sample_people_differ_and_are_always_the_same(town: Town) -> None:
    found = {who: look(town, who=who)[1] for who in ("steady", "busy", "card")}
    assert "14.00 tokens in all" in found["steady"]
    assert "4.50 tokens in all" in found["busy"], "a day's limit on each of three days"
    assert look(town, who="card")[1].count("a limit bites") == found["card"].count("a limit bites")


def test_a_sample_persons_first_deed_of_a_kind_is_a_first_one(town: Town) -> None:
    first = {"fixed_cents": 500, "when": {"first_time": {"unknown": "fail"}}}
    of_two = condition({"action_type": {"in": ["bus-trip", "glass-recycling"]}})
    welcome = rules(tariffs=[{**TARIFF, "steps": [first]}], conditions=[of_two])
    assert "10.00 tokens in all" in look(town, rules=json.dumps(welcome), who="steady")[1]
    path = f"/office/programmes/{town.programme_id}/rules/check"
    said = send(signed_in(town, "officer"), path, {"rules": json.dumps(welcome)})[1]
    samples = json.loads(said)["samples"]
    assert [one["will"] for one in samples if one["what"].startswith("Trip by bus")] == [
        "5.00 tokens"
    ]


def test_what_is_wrong_is_said_with_its_place(town: Town) -> None:
    status, page = look(town, deeds=f"{HEAD}yesterday,one,bus-trip,1,item,attested,contact")
    assert (status, "line 2.at: is no time" in page) == (422, True)
    status, page = look(town, rules='{"version": 2}')
    assert (status, "$.tariffs" in page) == (422, True)


def asked(town: Town, **form: str) -> tuple[int, str]:
    typed = {"programme_id": str(town.programme_id), "example_kind": "glass-recycling", **form}
    status, page = send(signed_in(town, "citizen"), "/me/programmes", typed)
    return status, text_of(page)


def test_a_citizen_asks_with_their_own_counters_and_nothing_is_counted(town: Town) -> None:
    before = counted(town)
    status, page = asked(town, example_quantity="4", example_proof="attested")
    assert status == 200
    assert "Glass brought to recycling, 4 kg: you would get 0.20 tokens" in page
    assert "4 kg at 0.05 tokens for each 1 kg" in page
    assert counted(town) == before
    person = town.people["citizen"]
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        programme = session.get_one(Programme, town.programme_id)
        city = City(session, now)
        for kind in ("appliance-repair", "smartphone-repair"):
            number = catalogue().action_type(kind).number
            deed = city.attest(town.clerk, person, programme, action_type_id=number, quantity=1)
        assert deed.reward_cents == 200, "five tokens a day"
    check_page_of(town, str(deed.id))
    _status, page = asked(town, example_quantity="4")
    assert "you would get 0.00 tokens" in page
    assert "5.00 tokens of 5.00 tokens for you that day were used already" in page


def check_page_of(town: Town, deed: str) -> None:
    """Each line with its rule, its numbers and its result; their sum is the amount."""
    page = text_of(signed_in(town, "citizen").get(f"/me/deeds/{deed}?lang=en").text)
    why = page.partition("Why this amount")[2].partition("</table>")[0]
    rules = f"/programmes/{town.programme_id}"
    assert re.search(rf'<a href="{rules}">[^<]+</a>, version 1 of its rules', why)
    *lines, total = re.findall(r'<td class="number">(−?[0-9.]+) tokens?</td>', why)
    cents = [int(one.replace("−", "-").replace(".", "")) for one in (*lines, total)]
    assert cents == [300, -100, 200]
    said = re.findall(r"<td[^>]*>([^<]+) <a class=\"code\" href=\"([^\"]+)\">", why)
    assert [reason for reason, _ in said] == [
        "For the deed.",
        "3.00 tokens of 5.00 tokens for you that day were used already.",
    ], "the result stands in its own column alone"
    public = town.client.get(rules).text
    for _reason, address in said:
        assert f'id="{address.partition("#")[2]}"' in public
    lines = town.get("citizen", f"/me/actions/{deed}")["explanation"]
    assert sum(float(one["cents"]) for one in lines) == 200


def test_what_is_no_deed_is_refused(town: Town) -> None:
    for amount in ("-4", "9e999999", "sNaN"):
        status, page = asked(town, example_quantity=amount)
        assert (status, "The example was not understood" in page) == (422, True)
    status, page = asked(town, example_kind="dragon-riding", example_quantity="1")
    assert status == 422


def counted(town: Town) -> list[int]:
    with town.services.database.session() as session:
        tables = (Action, Evaluation, RewardCounter)
        counts = [session.scalar(select(func.count()).select_from(one)) for one in tables]
    return [count or 0 for count in counts]
