"""Acting for somebody else: named, accepted, switched to, shown on every act, ended at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.acting import ALWAYS, cover_of
from app.chain.signer import SignerClient
from app.identity.mandates.models import Act
from app.identity.models import Role, SignInSession
from app.identity.roles import grant_role
from app.privacy.service import accesses_of
from app.services import Services
from tests.rules.route_list import COMMITTED
from tests.support.mandated import Mandated, mandated, offered, proved
from tests.support.paying import City, paying_city

REP, GIVER = "representative", "citizen"


@pytest.fixture
def city(services: Services, signer: SignerClient) -> Iterator[City]:
    with paying_city(services, signer) as made:
        yield made


@pytest.fixture(scope="module")
def shared(services: Services, signer: SignerClient) -> Iterator[City]:
    """For tests that leave nothing behind but mandates that have ended."""
    with paying_city(services, signer) as made:
        yield made


def acting(city: City, *acts: Act, day_cents: int = 1000) -> Mandated:
    """The representative's session acts for the citizen from here on."""
    made = mandated(city.world, frozenset(acts or Act), day_cents=day_cents)
    city.tokens |= {REP: made.token, GIVER: made.giver}
    city.post(REP, "/me/acting", {"mandate_id": str(made.mandate.id)}, status=204)
    return made


def refused(city: City, method: str, path: str, body: Any = None) -> tuple[int, str]:
    answer = city.call(REP, method, path, body)
    return answer.status_code, answer.get_json()["code"]


def until(days: int = 30) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0).isoformat()[:-6] + "Z"


def test_from_the_naming_to_the_end(city: City) -> None:
    made = offered(city.world)
    city.tokens |= {REP: made.token, GIVER: made.giver}
    email = city.get(GIVER, "/me/representatives")["named"][0]["email"]
    body = {"email": email, "acts": ["see", "pay"], "day_cents": 500, "until": until()}
    named = city.post(GIVER, "/me/representatives", body, status=201)
    path = f"/me/mandates/{named['id']}"
    act_for = {"mandate_id": named["id"]}
    assert refused(city, "POST", "/me/acting", act_for) == (403, "mandate-ended")
    city.post(REP, f"{path}/acceptance")
    city.post(REP, "/me/acting", act_for, status=204)
    assert city.get(REP, "/me/balance")["available_cents"] == 1000
    assert city.get(REP, "/me")["acting_under"] == named["id"]
    paid = city.post(REP, f"/payments/{city.ask(320)['id']}/acceptance", {})
    assert paid["state"] == "accepted"
    city.post(GIVER, f"{path}/end")
    assert refused(city, "GET", "/me/balance") == (403, "mandate-ended")
    city.post(REP, "/me/acting/end", status=204)
    assert city.get(REP, "/me/balance")["available_cents"] == 0, "their own again"
    [newest, _] = city.get(GIVER, "/me/representatives")["named"]
    assert (newest["state"], [use["act"] for use in newest["uses"]]) == ("ended", ["pay"])
    assert [use["about"] for use in newest["uses"]] == [paid["id"]]


def test_naming_asks_for_a_fresh_proof(shared: City) -> None:
    body = {"email": "r@mandates.example", "acts": ["see"], "until": until()}
    answer = shared.call(GIVER, "POST", "/me/representatives", body)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "step-up-needed")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"acts": []}, "mandate-acts", "acts"),
        ({"acts": ["pay"]}, "mandate-acts", "acts"),
        ({"day_cents": 100}, "mandate-acts", "acts"),
        ({"acts": ["pay"], "day_cents": 20_001}, "mandate-acts", "day_cents"),
        ({"until": until(367)}, "mandate-end-wrong", "until"),
        ({"until": until(-1)}, "mandate-end-wrong", "until"),
    ],
)
def test_a_naming_out_of_bounds_is_refused(
    shared: City, change: dict[str, Any], code: str, field: str
) -> None:
    before = len(shared.get(GIVER, "/me/representatives")["named"])
    shared.tokens[GIVER] = proved(shared.world, shared.tokens[GIVER])
    body = {"email": "r@mandates.example", "acts": ["see"], "until": until()} | change
    answer = shared.call(GIVER, "POST", "/me/representatives", body)
    told = answer.get_json()
    assert (answer.status_code, told["code"]) == (422, code)
    assert [one["field"] for one in told["errors"]] == [field]
    assert len(shared.get(GIVER, "/me/representatives")["named"]) == before


def test_five_at_a_time_and_an_ended_one_makes_room(city: City) -> None:
    city.tokens[GIVER] = proved(city.world, city.tokens[GIVER])
    for number in range(5):
        body = {"email": f"r{number}@mandates.example", "acts": ["see"], "until": until()}
        last = city.post(GIVER, "/me/representatives", body, status=201)
    answer = city.call(GIVER, "POST", "/me/representatives", body)
    assert answer.get_json()["code"] == "mandate-too-many"
    city.post(GIVER, f"/me/mandates/{last['id']}/end")
    city.post(GIVER, "/me/representatives", body, status=201)


def test_every_route_that_no_mandate_covers_is_refused(shared: City) -> None:
    """Of all that is not public: what carries no act, or another one than the mandate's."""
    made = acting(shared, Act.SEE)
    app, asked = shared.client.application, 0
    views = {
        (rule.rule, method): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    for line in COMMITTED.read_text(encoding="utf-8").splitlines():
        rule, method, auth = line.split()[:3]
        if auth in {"public", "device"} or cover_of(views[rule, method]) in (ALWAYS, Act.SEE):
            continue
        path, some = rule, "01920000-0000-7000-8000-000000000000"
        while "<" in path:
            path = path.partition("<")[0] + some + path.partition(">")[2]
        headers = {"Authorization": f"Bearer {shared.tokens[REP]}", "Idempotency-Key": str(uuid4())}
        headers["Accept-Language"] = "en"
        answer = shared.client.open(path, method=method, headers=headers)
        assert answer.status_code == 403, line
        if rule.startswith("/api/"):
            told = answer.get_json()
            assert told["code"] == "mandate-not-covered", line
            assert "see balance, deeds and payments" in told["detail"], "what it does cover"
        asked += 1
    assert asked > 200
    made.end()


@pytest.mark.parametrize("act", list(Act))
def test_each_act_opens_its_own_routes_alone(shared: City, act: Act) -> None:
    made = acting(shared, act)
    asked = shared.ask(100)["id"]
    ways = {
        Act.SEE: ("GET", "/me/balance"),
        Act.PAY: ("GET", f"/payments/{asked}"),
        Act.CONTEST: ("POST", f"/payments/{asked}/contest"),
        Act.RIGHTS: ("GET", "/me/requests"),
        Act.EXPORT: ("GET", "/me/export.zip"),
        Act.CLOSE: ("GET", "/me/closing"),
    }
    for other, (method, path) in ways.items():
        answer = shared.call(
            REP, method, path, {"reason": "not-mine"} if method == "POST" else None
        )
        told = answer.get_json(silent=True) or {}
        assert (told.get("code") == "mandate-not-covered") == (other is not act), other
    made.end()


def test_two_payments_at_once_stay_within_the_day_s_amount(city: City) -> None:
    acting(city, Act.PAY, day_cents=500)
    paths = [f"/payments/{city.ask(300)['id']}/acceptance" for _ in range(2)]

    def pay(path: str) -> str:
        client = city.client.application.test_client()
        headers = {"Authorization": f"Bearer {city.tokens[REP]}", "Idempotency-Key": str(uuid4())}
        answer = client.post("/api/v1" + path, json={}, headers=headers).get_json()
        return str(answer.get("code") or answer["state"])

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(pay, paths)) == ["accepted", "mandate-ceiling"]
    assert city.get(GIVER, "/me/balance")["available_cents"] == 700


def test_each_look_and_each_payment_is_shown_to_the_giver(city: City) -> None:
    made = acting(city, Act.SEE, Act.PAY)
    city.get(REP, "/me/actions")
    city.post(REP, f"/payments/{city.ask(320)['id']}/acceptance", {})
    with city.world.services.database.session() as session:
        found = [
            (one.actor_id, one.purpose, one.fields)
            for one in accesses_of(session, made.mandate.person_id)
            if one.resource == REP
        ]
    assert found == [(made.representative, "representation", ["deeds"])]
    browser = city.client
    browser.set_cookie("civis", city.tokens[GIVER])
    assert "by a representative" in browser.get("/me?lang=en").text
    data = browser.get("/me/data")
    assert "your representative" in data.text, data.text
    own = browser.get("/me/representatives").text
    assert "a payment" in own
    assert "Pay in shops" in own
    assert "at most €10.00 within 24 hours" in own


def test_who_works_at_a_till_pays_there_for_nobody(city: City) -> None:
    made, asked = acting(city, Act.PAY), city.ask(100)["id"]
    with city.world.services.database.transaction() as session:
        place, now = city.world.shop.organisation_id, city.world.now()
        person, role = made.representative, Role.MERCHANT
        grant_role(session, person_id=person, role=role, organisation_id=place, now=now)
    assert refused(city, "POST", f"/payments/{asked}/acceptance", {}) == (403, "payment-own-till")


def test_taking_the_data_along_needs_the_act_and_a_fresh_proof(city: City) -> None:
    made = acting(city, Act.EXPORT)
    assert refused(city, "GET", "/me/export.zip") == (403, "step-up-needed")
    city.tokens[REP] = proved(city.world, city.tokens[REP])
    answer = city.call(REP, "GET", "/me/export.zip")
    assert answer.status_code == 200
    [use] = city.get(GIVER, "/me/representatives")["named"][0]["uses"]
    assert use["act"] == "export"
    assert made.mandate.id


def test_closing_for_the_giver_ends_the_mandate_and_not_the_representative(city: City) -> None:
    made = acting(city, Act.CLOSE)
    city.tokens[REP] = proved(city.world, city.tokens[REP])
    city.post(REP, "/me/closing", {})
    assert refused(city, "GET", "/me/closing") == (403, "mandate-ended")
    city.post(REP, "/me/acting/end", status=204)
    assert city.get(REP, "/me")["id"] == str(made.representative)
    assert city.call(GIVER, "GET", "/me").status_code == 401
    [one] = city.get(REP, "/me/representatives")["acting"]
    assert (one["state"], one["email"]) == ("ended", None)


def test_a_session_whose_person_changed_would_act_for_nobody(city: City) -> None:
    """The door asks whose mandate it is, not only which."""
    made = acting(city, Act.SEE)
    with city.world.services.database.transaction() as session:
        other = update(SignInSession).where(col(SignInSession.person_id) == made.representative)
        session.execute(other.values(person_id=city.world.other.person_id))
    assert city.get(REP, "/me/balance")["available_cents"] == 0
