"""The first day outside the demo, with the commands of docs/operators/first-day.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import temporary_home
from tests.support.anvil import running_anvil
from tests.support.city import RULES
from tests.support.postgres import Cluster
from tests.support.processes import eventually
from tests.support.production import START_SECONDS, Production, Visitor

ONE, OTHER, CLERK = "officer-1@city.example", "officer-2@city.example", "clerk@city.example"
MONEY = ("treasurer-1@city.example", "treasurer-2@city.example")


@pytest.fixture(scope="module")
def production(postgres: Cluster) -> Iterator[Production]:
    """Migrated and deployed; nobody has a role."""
    with (
        temporary_home() as home,
        postgres.fresh(template="template0") as database,
        running_anvil(home.parent / "node", block_seconds=1) as node,
    ):
        made = Production(home, postgres.urls(database), node.url)
        for words in (("migrate",), ("deploy", "--json")):
            done = made.civis(*words)
            assert done.returncode == 0, done.stderr
        yield made


def _record(production: Production) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(
        (production.home / "chain/deployment.json").read_text("utf-8")
    )
    return stored


def test_contracts_are_deployed_once(production: Production, tmp_path: Path) -> None:
    again = production.civis("deploy")
    assert again.returncode == 1
    assert "holds a deployment already" in again.stderr
    lost = production.civis("deploy", CHAIN_DEPLOYMENT=str(tmp_path / "none.json"))
    assert lost.returncode == 1
    assert _record(production)["access_manager"] in lost.stderr, "the chain itself is asked"
    assert not (tmp_path / "none.json").exists()


def test_a_node_that_is_away_is_said_in_a_sentence(production: Production, tmp_path: Path) -> None:
    elsewhere = {"CHAIN_DEPLOYMENT": str(tmp_path / "none.json")}
    done = production.civis("deploy", CHAIN_RPC_URLS="http://127.0.0.1:1", **elsewhere)
    assert (done.returncode, done.stdout) == (1, "")
    assert "No node of CHAIN_RPC_URLS answers" in done.stderr


def test_a_city_opens_with_two_officers_and_a_clerk(production: Production) -> None:
    named = [f"--officer={ONE}", f"--officer={OTHER}", *(f"--treasurer={one}" for one in MONEY)]
    done = production.civis("appoint", *named, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["appointed"] == {"officer": 2, "treasurer": 2}
    refused = production.civis("appoint", *named)
    assert refused.returncode == 1
    assert "https://civis.example/office/people" in refused.stderr
    with production.started():
        one, other = production.sign_in_staff(ONE), production.sign_in_staff(OTHER)
        body = {"slug": "depot", "kind": "attester", "name": "Depot"}
        organisation = one.post("/organisations", body)["id"]
        _give_role(one, other, "attester", organisation)
        assert CLERK in one.page("/office/people")
        assert "Depot" in production.sign_in(CLERK).page("/attest")
        _programme_runs(production, one, other)
        asked = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
        answer = httpx.post(
            f"http://127.0.0.1:{production.gateway_port}/", json=asked, timeout=60
        ).json()
        assert int(answer["result"], 16) == _record(production)["chain_id"]


def _give_role(one: Visitor, other: Visitor, role: str, organisation: str) -> None:
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    asked = {"email": CLERK, "role": role, "organisation_id": organisation, "valid_until": until}
    proposal = one.post("/roles", asked)
    assert CLERK in other.page("/office/decisions")
    assert other.post(f"/proposals/{proposal['id']}/confirmation")["state"] == "confirmed"


def _programme_runs(production: Production, one: Visitor, other: Visitor) -> None:
    """Signer, sender, confirmer and indexer: the chain made the programme's token."""
    today = datetime.now(UTC).date()
    days = ("first_day", 0), ("last_day_to_earn", 30), ("last_day_to_spend", 120)
    dates = {name: (today + timedelta(days=ahead)).isoformat() for name, ahead in days}
    names = {"slug": "spring", "name": {"fr": "Printemps", "en": "Spring"}, "token_symbol": "SPR"}
    proposal = one.post("/programmes", {**names, **dates, "rules": RULES, "acknowledged": True})
    other.post(f"/proposals/{proposal['id']}/confirmation")

    def runs() -> bool:
        [found] = httpx.get(production.address + "/api/v1/programmes", timeout=60).json()["items"]
        return bool(found["state"] == "running")

    assert eventually(runs, START_SECONDS)
