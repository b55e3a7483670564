"""Of which block the figures are, and whose contracts are read: both are the site's word."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from flask import Flask
from sqlalchemy import text

from app.reporting.audit.evidence import Places
from app.reporting.audit.run import AGREES, CANNOT_CHECK, DIFFERS, audit, in_words
from app.rewards.models import Programme
from app.services import Services
from tests.support.public_side import PublicSide
from tests.support.serving import served

HOUR = 3600


@pytest.fixture(scope="module")
def city(side: PublicSide, programme: Programme) -> PublicSide:
    side.deeds(programme, side.world.citizens(5), "bike-trip")
    # So that no two blocks which these tests speak of share a second by luck.
    side.world.node.rpc("evm_increaseTime", hex(7))
    assert side.publish(programme) is not None
    return side


def export(city: PublicSide) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(city.site + "/figures/export.json", timeout=60).json()
    return found


def block_time(city: PublicSide, block: int) -> str:
    seconds = int(city.world.node.rpc("eth_getBlockByNumber", hex(block), False)["timestamp"], 16)
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def test_it_names_the_contracts_and_whose_word_that_is(city: PublicSide) -> None:
    chain = export(city)["chain"]
    named = chain["contracts"]
    said = ", ".join(f"{name} {named[name]}" for name in ("ActionRegistry", "Programmes"))
    lines = in_words(city.audit())
    assert f"contracts, by the site's word: {said}, Anchor {named['Anchor']}" in lines
    places = Places(named["ActionRegistry"], named["Programmes"], chain["first_block"])
    mine = audit(city.gateway, city.site, places)
    assert f"contracts, by your word: {said}" in in_words(mine)
    assert mine.trusted["contracts"]["Programmes"] == named["Programmes"]


@pytest.mark.parametrize(("seconds", "verdict"), [(HOUR // 2, AGREES), (2 * HOUR, DIFFERS)])
def test_a_site_that_stays_at_an_old_block_is_found_after_an_hour(
    city: PublicSide, services: Services, seconds: int, verdict: int
) -> None:
    """It shows what was true then, and hides what was published since."""
    query = text("select min(block_number) from chain_log where event = 'CellsPublished'")
    with services.database.session() as session:
        first = session.execute(query).scalar_one()
    frozen = export(city)
    frozen["as_of"] = {"block": first - 1, "time": block_time(city, first - 1)}
    frozen["figures"] = []
    app = Flask("frozen")
    app.add_url_rule("/figures/export.json", "export", lambda: frozen)
    begun = city.world.node.rpc("evm_snapshot")
    city.world.node.rpc("evm_increaseTime", hex(seconds))
    city.world.node.rpc("evm_mine")
    with served(app) as site:
        report = audit(city.gateway, site)
    city.world.node.rpc("evm_revert", begun)
    assert report.as_of is not None
    assert (report.verdict, report.as_of.block, report.differences) == (verdict, first - 1, [])
    assert report.as_of.withheld == (None if verdict == AGREES else first)
    assert [one.block for one in report.checks if not one.agrees] == [first][: verdict == DIFFERS]
    assert f"block {first - 1} of {report.as_of.time}" in "".join(in_words(report))


def later(said: dict[str, Any]) -> None:
    said["as_of"]["time"] = "2099-01-01T00:00:00+00:00"


def more_fields(said: dict[str, Any]) -> None:
    said["figures"][0] |= {"people": 100_000}
    said["figures"][0]["metrics"]["co2_kg"] = 9


def no_anchor(said: dict[str, Any]) -> None:
    said["chain"]["contracts"]["Anchor"] = None


def empty_anchor(said: dict[str, Any]) -> None:
    said["chain"]["contracts"]["Anchor"] = ""


def from_the_future(said: dict[str, Any]) -> None:
    said["chain"]["first_block"] = 10**9


def half_a_character(said: dict[str, Any]) -> None:
    said["records"].append({"text": "\ud800"})


@pytest.mark.parametrize(
    ("lie", "verdict", "word"),
    [
        (later, DIFFERS, "2099-01-01T00:00:00+00:00 against 2"),
        (more_fields, DIFFERS, "people is nothing on the chain, the city shows 100000"),
        (more_fields, DIFFERS, "co2_kg is nothing on the chain, the city shows 9"),
        (no_anchor, CANNOT_CHECK, "chain.contracts.Anchor must be a text"),
        (empty_anchor, CANNOT_CHECK, "an address of one of the public contracts is needed"),
        (from_the_future, CANNOT_CHECK, "block 1000000000, as http"),
        (half_a_character, CANNOT_CHECK, "must be JSON in UTF-8"),
    ],
)
def test_what_else_a_site_may_say_is_compared_or_named(
    city: PublicSide, lie: Callable[[dict[str, Any]], None], verdict: int, word: str
) -> None:
    """Without an Anchor, missing roots of the access log were not looked for, and nobody told."""
    said = export(city)
    lie(said)
    app = Flask("lying")
    content = json.dumps(said)
    app.add_url_rule("/figures/export.json", "export", lambda: content)
    with served(app) as site:
        report = audit(city.gateway, site)
    assert (report.verdict, word in "".join(in_words(report))) == (verdict, True), in_words(report)


def test_a_site_without_an_export_is_said_to_have_none(city: PublicSide) -> None:
    with served(Flask("empty")) as site:
        report = audit(city.gateway, site)
    assert report.reason == f"{site} gave no export: /figures/export.json answered 404"
