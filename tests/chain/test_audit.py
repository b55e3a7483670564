"""A stranger's audit through the public gateway: it agrees, and it sees every kind of lie."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from flask import Flask, request
from sqlalchemy import text

from app.embedded.ports import LOOPBACK, free_port
from app.reporting.audit.run import AGREES, CANNOT_CHECK, DIFFERS, audit, in_words
from app.rewards.models import Programme
from app.services import Services
from tests.support.public_side import Citizen, PublicSide
from tests.support.serving import served

Export = dict[str, Any]


@pytest.fixture(scope="module")
def people(side: PublicSide) -> list[Citizen]:
    return side.world.citizens(6)


@pytest.fixture(scope="module")
def city(side: PublicSide, programme: Programme, people: list[Citizen]) -> PublicSide:
    """Two periods, two kinds of deeds in two months; six taken back; one person's kept back."""
    glass = side.deeds(programme, people, "glass-recycling")
    side.deeds(programme, people[:1], "bike-trip")
    assert side.publish(programme) is not None
    side.deeds(programme, people[1:], "bike-trip")
    side.deeds(programme, people, "glass-recycling", days_ago=40)
    side.reverse(glass)
    publication = side.publish(programme)
    assert publication is not None
    assert len(publication.cells) == 3
    assert [cell["correction"] for cell in publication.cells].count(True) == 1
    lone = side.deeds(programme, people[:1], "food-waste-compost")
    assert side.publish(programme) is None, "one person's deed is never published"
    assert lone[0].published_period is None
    return side


def figures(side: PublicSide) -> list[dict[str, Any]]:
    return list(httpx.get(side.site + "/figures/export.json", timeout=60).json()["figures"])


def civis_audit(rpc: str, site: str, *options: str) -> subprocess.CompletedProcess[str]:
    """The command, as a stranger runs it."""
    command = [sys.executable, "-m", "app.cli", "audit", "--rpc", rpc, "--site", site, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_an_honest_city_agrees(city: PublicSide) -> None:
    report = city.audit()
    assert report.verdict == AGREES, in_words(report)
    assert report.figures_compared == 3
    assert [check.name for check in report.checks if not check.agrees] == []
    assert report.trusted["chain_id"] == city.world.node.chain_id
    assert in_words(report)[-1] == "AUDIT OK"
    said = [check.detail for check in report.checks]
    assert "1 cell" in said
    assert "7 deeds and 700 cents against 7 deeds and 700 cents" in said


def test_six_reversed_deeds_lower_the_figure_and_it_agrees(city: PublicSide) -> None:
    by_type = {(f["action_type"], f["actions"]) for f in figures(city)}
    assert by_type == {("glass-recycling", 0), ("glass-recycling", 6), ("bike-trip", 6)}


def test_one_reversed_deed_is_kept_back_and_it_agrees(
    city: PublicSide, programme: Programme, people: list[Citizen]
) -> None:
    before = figures(city)
    made = city.deeds(programme, people, "paper-recycling")
    assert city.publish(programme) is not None
    shown = [f for f in figures(city) if f not in before]
    city.reverse(made[:1])
    assert city.publish(programme) is None
    assert [f for f in figures(city) if f not in before] == shown
    assert city.audit().verdict == AGREES


def test_a_figure_altered_in_the_database_is_named_with_its_block(
    city: PublicSide, services: Services
) -> None:
    true = next(f for f in figures(city) if f["action_type"] == "bike-trip")
    change = "update published_cell set actions = actions {} where action_type_id = 'bike-trip'"
    with services.database.transaction() as session:
        session.execute(text(change.format("+ 1000")))
    try:
        report = city.audit()
        done = civis_audit(city.gateway, city.site, "--json")
    finally:
        with services.database.transaction() as session:
            session.execute(text(change.format("- 1000")))
    assert report.verdict == DIFFERS
    lie = report.differences[0]
    assert (lie.figure, lie.field) == (true["id"], "actions")
    assert (lie.chain, lie.shown, lie.block) == (6, 1006, true["block"])
    assert f"is 6 on the chain, the city shows 1006 (block {true['block']} proves it)" in "".join(
        in_words(report)
    )
    assert done.returncode == DIFFERS, done.stderr
    assert json.loads(done.stdout)["differences"][0]["shown"] == 1006
    assert city.audit().verdict == AGREES


def remove(export: Export) -> None:
    export["figures"].pop()


def add(export: Export) -> None:
    export["figures"].append({**export["figures"][0], "id": "0badc0de/2026-01/1.1/3"})


def double(export: Export) -> None:
    export["figures"].insert(0, {**export["figures"][0], "actions": 9})


def metric(export: Export) -> None:
    export["figures"][-1]["metrics"]["waste_g"] += 1


def reward(export: Export) -> None:
    export["figures"][-1]["reward_cents"] = 0


def estimate(export: Export) -> None:
    next(figure for figure in export["figures"] if figure["co2e"])["co2e"]["central_g"] += 1


def relabel(export: Export) -> None:
    export["figures"][-1]["action_type"] = "bike-trip"


def promote(export: Export) -> None:
    export["figures"][-1]["provenance"] = "measured"


def other_chain(export: Export) -> None:
    export["chain"]["chain_id"] += 1


def other_genesis(export: Export) -> None:
    export["chain"]["genesis_hash"] = "0x" + "12" * 32


def ahead(export: Export) -> None:
    export["as_of"]["block"] += 1_000_000


def elsewhere(export: Export) -> None:
    export["chain"]["contracts"]["Programmes"] = "0x" + "12" * 20


def shapeless(export: Export) -> None:
    export["figures"] = {"all": "well"}


def lied(side: PublicSide, lie: Callable[[Export], None]) -> Flask:
    """A site that shows the real export with one lie."""
    export = httpx.get(side.site + "/figures/export.json", timeout=60).json()
    lie(export)
    app = Flask("liar")
    app.add_url_rule("/figures/export.json", "export", lambda: export)
    return app


@pytest.mark.parametrize(
    ("lie", "field"),
    [
        (remove, "figure"),
        (add, "figure"),
        (double, "figure"),
        (metric, "waste_g"),
        (reward, "reward_cents"),
        (estimate, "co2e"),
        (relabel, "action_type"),
        (promote, "provenance"),
    ],
)
def test_every_lie_of_a_site_is_named(
    city: PublicSide, lie: Callable[[Export], None], field: str
) -> None:
    with served(lied(city, lie)) as site:
        report = audit(city.gateway, site)
    assert report.verdict == DIFFERS
    assert [difference.field for difference in report.differences] == [field]
    assert report.differences[0].chain != report.differences[0].shown


@pytest.mark.parametrize("lie", [other_chain, other_genesis, ahead, elsewhere, shapeless])
def test_what_can_not_be_compared_is_no_verdict(
    city: PublicSide, lie: Callable[[Export], None]
) -> None:
    with served(lied(city, lie)) as site:
        report = audit(city.gateway, site)
    assert (report.verdict, report.differences) == (CANNOT_CHECK, [])
    assert in_words(report)[0].startswith("Could not check: ")


def test_no_answer_is_no_verdict(city: PublicSide) -> None:
    nobody = f"http://{LOOPBACK}:{free_port()}"
    for rpc, site in ((nobody, city.site), (city.gateway, nobody)):
        done = civis_audit(rpc, site)
        assert done.returncode == CANNOT_CHECK, done.stderr
        assert nobody in done.stdout


def withholding(side: PublicSide, event: int) -> Flask:
    """A node that keeps one of the register's events to itself."""
    app, http = Flask("withholding"), httpx.Client(timeout=60)

    @app.post("/")
    def ask() -> Any:
        answer = http.post(side.gateway, json=request.get_json()).json()
        if request.get_json()["method"] == "eth_getLogs" and len(answer["result"]) > 3:
            del answer["result"][event]
        return answer

    return app


@pytest.mark.parametrize("event", [0, 2, -1])
def test_a_node_that_withholds_an_event_is_caught(city: PublicSide, event: int) -> None:
    with served(withholding(city, event)) as rpc:
        report = audit(rpc, city.site)
    assert report.verdict == DIFFERS
    assert not next(c for c in report.checks if c.name.startswith("running hash")).agrees
