"""Of which block the figures are, and whose contracts are read: both are the site's word."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from flask import Flask
from sqlalchemy import text

from app.reporting.audit.evidence import Places
from app.reporting.audit.run import AGREES, DIFFERS, audit, in_words
from app.rewards.models import Programme
from app.services import Services
from tests.support.public_side import PublicSide
from tests.support.serving import served

HOUR = 3600


@pytest.fixture(scope="module")
def city(side: PublicSide, programme: Programme) -> PublicSide:
    side.deeds(programme, side.world.citizens(5), "bike-trip")
    assert side.publish(programme) is not None
    return side


def export(city: PublicSide) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(city.site + "/figures/export.json", timeout=60).json()
    return found


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
    frozen["as_of"]["block"], frozen["figures"] = first - 1, []
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
