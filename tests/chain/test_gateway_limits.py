"""The gateway bounds what one caller may ask, and the audit waits as it is told to."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from flask import Flask

from app.chain.contracts.abi import topic_of
from app.chain.contracts.artifacts import load_artifact
from app.reporting.audit.run import AGREES, audit, in_words
from app.reporting.gateway import create_gateway
from app.reporting.gateway_limits import Allowance
from app.rewards.models import Programme
from tests.support.public_side import PublicSide
from tests.support.serving import served


@pytest.fixture(scope="module", autouse=True)
def published(side: PublicSide, programme: Programme) -> None:
    side.deeds(programme, side.world.citizens(5), "glass-recycling")
    assert side.publish(programme) is not None


def gateway(side: PublicSide, **options: Any) -> Flask:
    deployment = side.world.services.settings.deployment_file
    return create_gateway((side.world.node.url,), deployment, **options)


CHAIN_ID = {"jsonrpc": "2.0", "id": 7, "method": "eth_chainId"}
SLOW = Allowance(burst=20, per_second=0.01)


def test_too_many_requests_are_told_when_to_ask_again(side: PublicSide) -> None:
    with served(gateway(side, allowance=SLOW)) as rpc:
        assert httpx.post(rpc, json=[CHAIN_ID] * 20, timeout=60).status_code == 200
        refused = httpx.post(
            rpc, json=CHAIN_ID, headers={"X-Forwarded-For": "192.0.2.7"}, timeout=60
        )
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json()["error"]["code"] == -32005
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


def test_behind_a_proxy_each_caller_has_its_own(side: PublicSide) -> None:
    with served(gateway(side, allowance=SLOW, behind_proxy=True)) as rpc:
        for number, status in ((1, 200), (1, 429), (2, 200)):
            said = {"X-Forwarded-For": f"203.0.113.9, 192.0.2.{number}"}
            answer = httpx.post(rpc, json=[CHAIN_ID] * 20, headers=said, timeout=60)
            assert answer.status_code == status, number


def test_a_search_spans_a_bounded_range(side: PublicSide) -> None:
    registry = side.world.edge.addresses["ActionRegistry"]
    event = next(e for e in load_artifact("ActionRegistry").abi if e.get("name") == "CellPublished")
    genesis = side.world.node.rpc("eth_getBlockByNumber", "0x0", False)["hash"]
    query: dict[str, Any] = {"address": registry, "topics": [topic_of(event)]}
    with served(gateway(side, log_range=10)) as rpc:
        for span, allowed in (
            ({"fromBlock": "0x0"}, False),
            ({"fromBlock": "earliest", "toBlock": "latest"}, False),
            ({"fromBlock": "0x1", "toBlock": "0xb"}, False),
            ({"fromBlock": "0x1", "toBlock": "0xa"}, True),
            ({"fromBlock": "latest"}, True),
            ({}, True),
            ({"fromBlock": "0x0", "toBlock": "0xzz"}, False),
            ({"fromBlock": [], "toBlock": 1}, False),
            ({"blockHash": None, "fromBlock": "0x0", "toBlock": "latest"}, False),
            ({"blockHash": "", "fromBlock": "0x0", "toBlock": "latest"}, False),
            ({"blockHash": genesis}, True),
        ):
            ask = {**CHAIN_ID, "method": "eth_getLogs", "params": [{**query, **span}]}
            answer = httpx.post(rpc, json=ask, timeout=60).json()
            assert ("result" in answer) is allowed, (span, answer)
            malformed = "zz" in str(span) or [] in span.values() or "" in span.values()
            if not allowed and not malformed:
                assert "at most 10 blocks" in answer["error"]["message"]


def test_the_audit_pages_its_searches_and_waits_as_told(side: PublicSide) -> None:
    few = Allowance(burst=25, per_second=15.0, at_once=1)
    with served(gateway(side, allowance=few, log_range=20)) as rpc:
        report = audit(rpc, side.site)
    assert report.verdict == AGREES, in_words(report)
    assert report.figures_compared == 1
