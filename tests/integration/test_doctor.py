"""`civis doctor`: what of the chain's surroundings is wrong, or will hurt on a bad day."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from joserfc import jwt
from joserfc.jwk import OctKey

from app.cli import EXPECTED
from app.config import DatabaseRole
from app.keyfiles import ensure_key
from app.network.besu import Plan, extra_data
from app.network.doctor import command
from app.running import Running
from tests.support.anvil import Node, running_anvil
from tests.support.scripted_node import ScriptedNode, altered, scripted_node
from tests.unit.test_network_kit import members_file, plan

DAY = 86_400


@pytest.fixture(scope="module")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running_anvil(tmp_path_factory.mktemp("node")) as node:
        node.rpc("anvil_mine", "0x5", "0x1e")
        yield node


@pytest.fixture
def nodes(anvil: Node) -> Iterator[tuple[ScriptedNode, ScriptedNode]]:
    with scripted_node(anvil.url) as first, scripted_node(anvil.url) as second:
        yield first, second


def doctor(
    anvil: Node, folder: Path, urls: list[str], *words: str, **environ: str
) -> tuple[int, str]:
    """Exit code, and each finding in a line."""
    record = folder / "deployment.json"
    genesis = anvil.rpc("eth_getBlockByNumber", "0x0", False)["hash"]
    record.write_text(json.dumps({"chain_id": anvil.chain_id, "genesis_hash": genesis}))
    given = {
        "CIVIS_HOME": str(folder),
        "DATABASE_URL": "postgresql://civis_app:x@127.0.0.1:9/civis",
        "PUBLIC_URL": "https://civis.example",
        "CHAIN_DEPLOYMENT": str(record),
        "CHAIN_RPC_URLS": " ".join(urls),
    }
    done = CliRunner(env=given | environ).invoke(command, ["--json", *words])
    if isinstance(done.exception, EXPECTED):
        return 1, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, "\n".join(
        f"{one['weight']}: {one['said']}" for one in json.loads(done.stdout)
    )


def test_a_quorum_that_shares_operator_host_or_network_is_pointed_out(
    anvil: Node, tmp_path: Path, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    strong = plan(tmp_path)
    urls = [nodes[0].url, nodes[1].url.replace("127.0.0.1", "localhost")]
    listed = members_file(tmp_path, strong)
    for node in nodes:
        node.when("eth_getBlockByNumber", altered(lambda block: {**block, **sealed_by(strong)}))
    assert doctor(anvil, tmp_path, urls, "--members", str(listed)) == (0, "")
    bodies = [replace(body, host="10.0.0.1", operator="one") for body in strong.bodies[:3]]
    weak = replace(strong, bodies=[*bodies, *strong.bodies[3:]])
    code, said = doctor(anvil, tmp_path, urls, "--members", str(members_file(tmp_path, weak)))
    assert code == 0
    assert "other validators" not in said
    for what in ("operator one", "host 10.0.0.1", "network 10.0.0.0/24"):
        assert f"mind: The {what} has 3 of 4 validators: it decides alone" in said
    assert "give --members" in doctor(anvil, tmp_path, urls)[1]


def sealed_by(members: Plan) -> dict[str, str]:
    """As in a header of Besu's that these validators sealed."""
    return {"extraData": extra_data(members.sealers)}


def test_a_list_that_no_longer_is_who_validates_is_pointed_out(
    anvil: Node, tmp_path: Path, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    """A member was voted in, and the list that says who could stop the chain is of before."""
    grown = plan(tmp_path, "abcde")
    before = replace(grown, bodies=[body for body in grown.bodies if body.name != "e"])
    nodes[0].when("eth_getBlockByNumber", altered(lambda block: {**block, **sealed_by(grown)}))
    listed = members_file(tmp_path, before)
    code, said = doctor(anvil, tmp_path, [nodes[0].url], "--members", str(listed))
    assert code == 0
    assert f"mind: The chain has other validators than {listed}: mend the list." in said


def test_an_embedded_system_is_well_while_it_runs(anvil: Node, tmp_path: Path) -> None:
    """All of it is on one machine of one operator, as whoever tries it knows."""
    own = {"DATABASE_URL": "", "CHAIN_RPC_URLS": "", "PUBLIC_URL": ""}
    stopped = 1, f"wrong: {Running.missing(tmp_path)}"
    assert doctor(anvil, tmp_path, [], **own) == stopped
    for role in DatabaseRole:
        ensure_key(tmp_path, f"postgres_{role.value}")
    port = int(anvil.url.rpartition(":")[2])
    Running(5000, port, anvil.chain_id).write(tmp_path)
    assert doctor(anvil, tmp_path, [], **own) == (0, "")


def test_nodes_of_ours_that_fall_together_or_lag_or_are_gone(
    anvil: Node, tmp_path: Path, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    both = [node.url for node in nodes]
    assert "share a host" in doctor(anvil, tmp_path, both)[1]
    assert "names one node" in doctor(anvil, tmp_path, both[:1])[1]
    nodes[1].lag, nodes[1].age = 2, 3600
    code, said = doctor(anvil, tmp_path, both)
    assert code == 1
    assert "wrong: 127.0.0.1" in said
    assert "lags" in said
    nodes[1].calm()
    nodes[1].when("eth_chainId", lambda *_: {"result": "0x1"})
    code, said = doctor(anvil, tmp_path, both)
    assert (code, "is not ours" in said) == (1, True)
    code, said = doctor(anvil, tmp_path, [both[0], "http://127.0.0.2:9"])
    assert (code, "wrong: 127.0.0.2:9" in said) == (1, True)


@pytest.mark.parametrize(
    ("days", "said"), [(-1, "wrong: node.invalid:80: its token ends"), (3, "mind: "), (90, None)]
)
def test_tokens_that_end_or_travel_in_the_open(
    anvil: Node, tmp_path: Path, days: int, said: str | None
) -> None:
    claims: dict[str, Any] = {"exp": int(time.time()) + days * DAY}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.generate_key())
    given = {"CHAIN_RPC_TOKENS": token}
    found = doctor(anvil, tmp_path, ["http://node.invalid"], **given)[1]
    assert "whoever is on the way reads its token" in found
    assert token not in found
    assert ("its token ends" in found) is (said is not None)
    assert said is None or said in found


def test_what_is_not_deployed_is_said(anvil: Node, tmp_path: Path) -> None:
    missing = str(tmp_path / "none.json")
    given = {"CHAIN_DEPLOYMENT": missing}
    code, said = doctor(anvil, tmp_path, [anvil.url], **given)
    assert (code, "can't be read" in said) == (1, True)
