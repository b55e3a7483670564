"""A network's members: how much a share of them can do, who joins later, and who sends."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.chain.deploying.role_keys import DEPLOYER, MEMBERS, SENDERS, role_addresses
from app.chain.typed import address_of
from app.network.besu import warnings
from app.network.command import network
from tests.unit.test_network_kit import members_file, plan


@pytest.mark.parametrize(
    ("count", "share", "said"),
    [
        (6, 2, "if it cheats, some may be shown another chain than others"),
        (6, 3, "if it fails, the network stands"),
        (6, 4, "it decides alone what is on the chain"),
        (7, 2, None),
        (7, 3, "if it fails, the network stands"),
        (7, 5, "it decides alone what is on the chain"),
    ],
)
def test_a_share_stops_or_decides_as_besu_counts(
    tmp_path: Path, count: int, share: int, said: str | None
) -> None:
    """Two thirds, rounded up, agree on a block: four of six, five of seven."""
    made = plan(tmp_path, "abcdefg"[:count])
    bodies = [replace(body, operator="one") for body in made.bodies[:share]]
    found = warnings(replace(made, bodies=[*bodies, *made.bodies[share:]]))
    expected = [f"The operator one has {share} of {count} validators: {said}."] if said else []
    assert found == expected


def test_peers_reach_an_address_of_the_sixth_version_too(tmp_path: Path) -> None:
    body = replace(plan(tmp_path).bodies[0], host="2001:db8::1")
    assert body.enode == f"enode://{body.node_id}@[2001:db8::1]:30303"


def test_who_joins_gets_the_first_block_of_the_network_that_runs(tmp_path: Path) -> None:
    made, kit, grown = plan(tmp_path, "abcde"), tmp_path / "kit", tmp_path / "grown"
    four = replace(made, bodies=[body for body in made.bodies if body.name != "e"])
    CliRunner().invoke(network, ["init", str(members_file(tmp_path, four)), str(kit)])
    first = kit / "a" / "genesis.json"
    words = ["init", str(members_file(tmp_path, made)), str(grown), "--genesis", str(first)]
    done = CliRunner().invoke(network, words)
    assert done.exit_code == 0, done.output
    assert {(grown / body.name / "genesis.json").read_bytes() for body in made.bodies} == {
        first.read_bytes()
    }
    for name in ("a", "e"):
        allowed = tomllib.loads((grown / name / "permissions.toml").read_text(encoding="utf-8"))
        assert allowed["nodes-allowlist"] == [body.enode for body in made.bodies]
    first.write_text(first.read_text(encoding="utf-8").replace("648529", "648530"), "utf-8")
    words[2] = str(tmp_path / "other")
    refused = CliRunner().invoke(network, words)
    assert "is of chain 648530" in str(refused.exception)
    first.write_text("{}", encoding="utf-8")
    assert "is no genesis.json" in str(CliRunner().invoke(network, words).exception)
    assert not (tmp_path / "other").exists()


def test_the_addresses_that_send_are_known_before_anything_is_deployed(tmp_path: Path) -> None:
    """Whose account a node's list leaves out, it takes nothing from: the deployer's too."""
    given = {"CIVIS_HOME": str(tmp_path / "home")}
    done = CliRunner(env=given).invoke(network, ["senders"])
    assert done.exit_code == 0, done.output
    listed = tomllib.loads(done.output)["senders"]
    made = role_addresses(tmp_path / "home")
    assert listed == [made[role] for role in (*SENDERS, *MEMBERS, DEPLOYER)]
    told = json.loads(CliRunner(env=given).invoke(network, ["senders", "--json"]).output)
    assert told == {role: made[role] for role in (*SENDERS, *MEMBERS, DEPLOYER)}
    key = tmp_path / "deployer"
    key.write_text("ab" * 32, encoding="ascii")
    key.chmod(0o600)
    other = CliRunner(env=given | {"DEPLOYER_KEY_FILE": str(key)}).invoke(network, ["senders"])
    assert tomllib.loads(other.output)["senders"] == [*listed[:-1], address_of(b"\xab" * 32)]
