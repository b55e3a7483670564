"""Figures, catalogue and receipts over the API: the same as the export, and only one's own."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import httpx
import pytest
from jsonschema import Draft202012Validator

from app.actions.models import Action
from app.identity import service as identity
from app.identity.models import Role
from app.impact.catalogue import catalogue
from app.impact.entries import RELATIONS
from app.reporting.audit.evidence import Places
from app.reporting.audit.run import AGREES, CANNOT_CHECK, audit
from app.reporting.verify.check import HOLDS, verify
from tests.support.public_side import PublicSide


@dataclass
class Town:
    side: PublicSide
    deed: Action
    tokens: list[str]  # of the one who did the deed, and of another citizen

    def get(self, path: str, token: str = "", **headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.get(
            self.side.site + path, headers={**given, **headers}, trust_env=False, timeout=60
        )


@pytest.fixture(scope="module")
def town(side: PublicSide) -> Town:
    people, programme = side.world.citizens(5), side.world.programme()
    made = side.deeds(programme, people, "glass-recycling")
    side.deeds(programme, people, "bike-trip")
    assert side.publish(programme) is not None
    tokens = []
    with side.world.transaction() as (session, now):
        for person, _ in people[:2]:
            identity.grant_role(session, person_id=person.id, role=Role.CITIZEN, now=now)
            tokens.append(identity.open_session(session, person.id, "api", now))
    return Town(side, made[0], tokens)


def schema_of(town: Town, path: str) -> Draft202012Validator:
    """The answer's schema, as the document promises it."""
    document = town.get("/api/v1/openapi.json").json()
    answer = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    return Draft202012Validator({**answer["schema"], "components": document["components"]})


def test_figures_are_those_of_the_export(town: Town) -> None:
    answer = town.get("/api/v1/figures")
    assert answer.status_code == 200
    assert answer.json() == town.get("/figures/export.json").json()
    assert {f["action_type"] for f in answer.json()["figures"]} == {"glass-recycling", "bike-trip"}
    schema_of(town, "/api/v1/figures").validate(answer.json())
    code = catalogue().action_type("glass-recycling").indicators[0].code
    one = town.get(f"/api/v1/figures?indicator={code}").json()["figures"]
    assert one
    assert all(code in {link["code"] for link in figure["indicators"]} for figure in one)


def test_an_unknown_indicator_is_said_to_be_none(town: Town) -> None:
    for path in ("/api/v1/figures?indicator=99", "/api/v1/figures.csv?indicator=99"):
        answer = town.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "indicator-unknown")
        assert answer.json()["errors"][0]["field"] == "indicator"
    for path in ("/figures", "/figures/export.csv", "/figures/export.json"):
        answer = town.get(f"{path}?indicator=99%3Cb%3E&lang=en")
        assert answer.status_code == 404
        assert "There is no such indicator" in answer.text
        assert "99&lt;b&gt; is none of those" in answer.text
    assert town.get("/api/v1/figures?months=0").status_code == 422


def test_a_part_of_the_figures_can_be_asked_for(town: Town) -> None:
    every = town.get("/api/v1/figures").json()["figures"]
    newest = max(figure["month"] for figure in every)
    for path in ("/api/v1/figures", "/figures/export.json"):
        last = town.get(f"{path}?months=1").json()["figures"]
        assert last == [figure for figure in every if figure["month"] == newest]
    code = catalogue().action_type("bike-trip").indicators[0].code
    answer = town.get(f"/figures/export.csv?indicator={code}&months=3")
    assert f"civis-figures-{code}-last-3-months.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["action_type"] for row in rows} == {"bike-trip"}
    (factor,) = catalogue().factors["car-alone"]
    assert all(factor.full_name in row["factors"].split() for row in rows)
    assert all(factor.source.dataset in row["source"] for row in rows)


def test_the_page_shows_what_the_export_says(town: Town) -> None:
    figure = next(
        one
        for one in town.get("/api/v1/figures").json()["figures"]
        if one["action_type"] == "bike-trip"
    )
    code = figure["indicators"][0]["code"]
    page = town.get(f"/figures?indicator={code}&lang=en").text
    kind = catalogue().action_type("bike-trip")
    for words in (kind.name["en"], kind.baseline["en"], "contribute to this indicator"):
        assert words in page
    assert f'<td class="number">{figure["actions"]}</td>' in page
    assert f"{figure['reward_cents'] / 100:.2f} tokens" in page
    assert town.get(f"/figures?indicator={code}&lang=fr").text.count("<option") > 12


def test_unchanged_figures_are_not_sent_again(town: Town) -> None:
    for path in ("/api/v1/figures", "/api/v1/figures.csv", "/api/v1/catalogue"):
        first = town.get(path)
        again = town.get(path, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b""), path


def test_csv_has_the_same_numbers(town: Town) -> None:
    answer = town.get("/api/v1/figures.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    for figure in town.get("/api/v1/figures").json()["figures"]:
        row = rows.pop(figure["id"])
        assert int(row["actions"]) == figure["actions"]
        assert int(row["waste_g"]) == figure["metrics"]["waste_g"]
        assert row["co2e_central_g"] == str((figure["co2e"] or {}).get("central_g", ""))
    assert rows == {}


def test_the_catalogue_says_everything_that_an_estimate_rests_on(town: Town) -> None:
    answer = town.get("/api/v1/catalogue").json()
    schema_of(town, "/api/v1/catalogue").validate(answer)
    factors = {factor["id"]: factor for factor in answer["factors"]}
    types = {kind["id"]: kind for kind in answer["action_types"]}
    codes = {indicator["code"] for indicator in answer["indicators"]}
    served = codes | set(catalogue().targets) | set(catalogue().goals)
    assert len(types) == len(catalogue().action_types()) >= 30
    for kind in types.values():
        assert kind["baseline_factor"] in factors or kind["no_co2e"], kind["id"]
        assert {link["code"] for link in kind["indicators"]} <= served
        assert {link["relation"] for link in kind["indicators"]} <= set(RELATIONS)
        assert kind["baseline_source"]["fr"], kind["id"]
        assert kind["goals"], kind["id"]
    assert len(answer["goals"]) == 17
    assert {goal["code"] for goal in answer["goals"] if goal["action_types"]} == {
        goal for kind in types.values() for goal in kind["goals"]
    }
    assert factors["grid-electricity"]["year"] == 2022
    assert factors["car-alone"]["valid_from"] == "2024-01-01"
    assert factors["car-alone"]["range"] is factors["car-alone"]["low"] is None
    for name in ("12.8.1", "13.3.1"):
        (one,) = [entry for entry in answer["indicators"] if entry["code"] == name]
        assert one["same_as"] == ["12.8.1", "13.3.1"]
    assert factors["car-alone"]["source"]["dataset"].startswith("ADEME")
    assert answer["factors_hash"] == "0x" + catalogue().factors_hash.hex()


def test_a_receipt_is_its_owner_s_alone(town: Town) -> None:
    path = f"/api/v1/me/actions/{town.deed.id}/receipt"
    assert town.get(path).status_code == 401
    assert town.get(path, town.tokens[1]).status_code == 404
    own = town.get(path, town.tokens[0])
    assert own.status_code == 200
    assert "attachment" in own.headers["Content-Disposition"]
    assert verify(own.json(), town.side.gateway).code == HOLDS


def test_the_deed_s_page_offers_its_receipt(town: Town) -> None:
    path = f"/me/deeds/{town.deed.id}"
    shown = town.get(path, town.tokens[0])
    assert shown.status_code == 200
    assert f"/api/v1/me/actions/{town.deed.id}/receipt" in shown.text


def test_who_does_not_believe_the_site_names_the_contracts(town: Town) -> None:
    world = town.side.world
    addresses = world.edge.addresses
    places = Places(addresses["ActionRegistry"], addresses["Programmes"], world.edge.first_block)
    report = audit(town.side.gateway, None, places)
    assert (report.verdict, report.figures_compared) == (AGREES, 0)
    assert audit(town.side.gateway, town.side.site, places).figures_compared == 2
    assert audit(town.side.gateway, None).verdict == CANNOT_CHECK
