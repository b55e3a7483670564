"""What `civis network init` writes for the bodies of a real network."""

from __future__ import annotations

import json
import time
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.chain.typed import address_of
from app.config import ConfigError
from app.network.besu import Body, Plan, extra_data, names_alone, warnings
from app.network.command import network
from app.network.kit import make_key, read_plan
from app.network.tokens import PUBLIC, make_token_key
from app.rpc_tokens import tokens_of

# The example of Besu's documentation of QBFT, for four validators, and its one for none.
BESU_VALIDATORS = (
    "0x64a702e6263b7297a96638cac6ae65e6541f4169",
    "0x3923390ad55e90c237593b3b0e401f3b08a03185",
    "0xaefdb9a738c9f433e5b6b212a6d62f6370c2f692",
    "0xc7eeb9a4e00ce683cf93039b212648e01c6c6b78",
)
BESU_EXTRA_DATA = (
    "0xf87aa00000000000000000000000000000000000000000000000000000000000000000f8549464a702e6263b7297"
    "a96638cac6ae65e6541f4169943923390ad55e90c237593b3b0e401f3b08a0318594aefdb9a738c9f433e5b6b212a6"
    "d62f6370c2f69294c7eeb9a4e00ce683cf93039b212648e01c6c6b78c080c0"
)
BESU_NONE = "0xe5a00000000000000000000000000000000000000000000000000000000000000000c0c080c0"
SENDER = "0x" + "1b" * 20


def test_extra_data_is_as_besu_documents_it() -> None:
    assert extra_data(BESU_VALIDATORS) == BESU_EXTRA_DATA
    assert extra_data(()) == BESU_NONE


def plan(folder: Path, names: str = "abcd") -> Plan:
    """A validator each at a body of its own, and two nodes that answer."""
    bodies = []
    for number, name in enumerate([*names, "rpc-1", "rpc-2"]):
        made = make_key(folder / "keys" / name)
        bodies.append(Body(name, f"body {name}", f"10.0.{number}.1", made.node_id, len(name) == 1))
    return Plan(648_529, 2, bodies)


def members_file(folder: Path, made: Plan) -> Path:
    lines = [f"chain_id = {made.chain_id}", "block_seconds = 2", f'senders = ["{SENDER}"]']
    for body in made.bodies:
        lines += ["[[member]]", f'name = "{body.name}"', f'operator = "{body.operator}"']
        lines += [f'host = "{body.host}"', f'node_id = "{body.node_id}"']
        lines.append(f"validates = {json.dumps(body.validates)}")
    path = folder / "members.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_header_names_these_validators_and_no_others() -> None:
    """Votes and seals come after the list, which stands as in the first block."""
    assert names_alone(BESU_EXTRA_DATA, BESU_VALIDATORS)
    assert names_alone(BESU_NONE, ())
    assert not names_alone(BESU_EXTRA_DATA, BESU_VALIDATORS[:3])
    assert not names_alone(BESU_EXTRA_DATA, [*BESU_VALIDATORS, SENDER])


def test_each_body_gets_a_folder_that_agrees_with_the_others(tmp_path: Path) -> None:
    made, kit = plan(tmp_path), tmp_path / "kit"
    done = CliRunner().invoke(network, ["init", str(members_file(tmp_path, made)), str(kit)])
    assert done.exit_code == 0, done.output
    assert "Mind" not in done.output
    assert len({(kit / body.name / "genesis.json").read_bytes() for body in made.bodies}) == 1
    assert len({(kit / body.name / "permissions.toml").read_bytes() for body in made.bodies}) == 1
    first = json.loads((kit / "a" / "genesis.json").read_text(encoding="utf-8"))
    addresses = sorted(body.address.lower() for body in made.validators)
    assert first["extraData"] == extra_data(addresses)
    assert first["config"]["zeroBaseFee"] is True
    known = json.loads((kit / "a" / "static-nodes.json").read_text(encoding="utf-8"))
    assert known == [body.enode for body in made.bodies[1:]]
    allowed = tomllib.loads((kit / "a" / "permissions.toml").read_text(encoding="utf-8"))
    assert allowed["nodes-allowlist"] == [body.enode for body in made.bodies]
    assert allowed["accounts-allowlist"] == [SENDER]


def test_validators_answer_their_own_machine_and_no_key_leaves_its_body(tmp_path: Path) -> None:
    made, kit = plan(tmp_path), tmp_path / "kit"
    CliRunner().invoke(network, ["init", str(members_file(tmp_path, made)), str(kit)])
    for body in made.bodies:
        settings = tomllib.loads((kit / body.name / "besu.toml").read_text(encoding="utf-8"))
        local = ["localhost", "127.0.0.1"]
        if body.validates:
            assert (settings["rpc-http-host"], settings["host-allowlist"]) == ("127.0.0.1", local)
            assert "QBFT" in settings["rpc-http-api"], "members vote"
        else:
            assert settings["rpc-http-host"] == body.host
            assert settings["host-allowlist"] == [*local, body.host]
            assert settings["rpc-http-authentication-enabled"] is True
            assert settings["rpc-http-authentication-jwt-public-key-file"] == PUBLIC
            assert settings["rpc-http-api"] == ["ETH", "NET", "WEB3"]
        assert (settings["metrics-enabled"], settings["metrics-port"]) == (True, 9545)
        assert settings["min-gas-price"] == 0
        secret = (tmp_path / "keys" / body.name).read_text(encoding="ascii")[2:]
        written = b"".join(path.read_bytes() for path in (kit / body.name).iterdir())
        assert secret.encode() not in written


def test_a_key_is_made_once_closed_to_others_and_seals_as_its_address(tmp_path: Path) -> None:
    made = make_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    key = bytes.fromhex((tmp_path / "key").read_text(encoding="ascii")[2:])
    assert made.address == address_of(key)
    with pytest.raises(ConfigError, match="is there already"):
        make_key(tmp_path / "key")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("chain_id = 648529", "", "Set chain_id"),
        ("block_seconds = 2", "block_seconds = 600", "from 1 to 60"),
        (SENDER, "0x12", "senders"),
        ('name = "b"', 'name = "a"', "same name"),
        ('name = "b"', 'name = "../b"', "small letters"),
        ("validates = true", 'validates = "yes"', "set validates"),
        ("10.0.0.1", "node.example", "a: host is an IP address"),
        ("validates = true", "validates = false", "No member validates"),
        ('node_id = "', 'node_id = "zz', "civis network key"),
        ("[[member]]", "[[member", "is no list of members in TOML: .*line"),
    ],
)
def test_a_mistake_in_the_list_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = members_file(tmp_path, plan(tmp_path))
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        read_plan(path)


def test_a_list_that_is_not_there_is_named_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read_plan(tmp_path / "none.toml")
    assert (
        str(refused.value) == f"{tmp_path / 'none.toml'} can't be read: No such file or directory."
    )


def test_what_makes_a_network_weak_is_said(tmp_path: Path) -> None:
    strong = plan(tmp_path)
    assert warnings(strong) == []
    shared = [replace(body, operator="one") for body in strong.bodies[:2]]
    assert warnings(replace(strong, bodies=[*shared, *strong.bodies[2:]])) == [
        "The operator one has 2 of 4 validators: if it fails, the network stands."
    ]
    few = warnings(replace(strong, bodies=[strong.bodies[0], *strong.bodies[4:5]]))
    assert few[0].startswith("Fewer than four validators (1)")
    assert "none to fall back on" in few[-1]
    near = [replace(body, host=f"2001:db8:7:{n}::1") for n, body in enumerate(strong.bodies[:3])]
    assert warnings(replace(strong, bodies=[*near, *strong.bodies[3:]])) == [
        "The network 2001:db8:7::/48 has 3 of 4 validators: it decides alone what is on the chain."
    ]


def test_a_token_lets_civis_ask_by_the_key_that_the_node_reads(tmp_path: Path) -> None:
    key, file = tmp_path / "rpc-key.pem", tmp_path / "token"
    public = make_token_key(key)
    done = CliRunner().invoke(network, ["token", str(key), str(file), "--days", "30"])
    assert done.exit_code == 0, done.output
    token = file.read_text(encoding="ascii")
    assert token not in done.output
    assert (key.stat().st_mode | file.stat().st_mode) & 0o077 == 0
    found = jwt.decode(token, RSAKey.import_key(public.read_bytes()), algorithms=["RS256"])
    assert found.claims["permissions"] == ["eth:*", "net:*", "web3:*"]
    assert 29 * 86_400 < found.claims["exp"] - time.time() <= 30 * 86_400
    given = tokens_of(["https://node.example"], [], [str(file)])
    assert given.headers("https://node.example") == {"Authorization": f"Bearer {token}"}
    with pytest.raises(ConfigError, match="is there already"):
        make_token_key(key)
    wrong = CliRunner().invoke(network, ["token", str(public.parent / "none"), str(file)])
    assert isinstance(wrong.exception, ConfigError)


def told(*words: object) -> Any:
    done = CliRunner().invoke(network, [*map(str, words), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_a_program_is_told_what_was_made_and_no_secret(tmp_path: Path) -> None:
    node, rpc, token = tmp_path / "key", tmp_path / "rpc-key.pem", tmp_path / "token"
    made = [
        told("key", node),
        told("token-key", rpc),
        told("token", rpc, token, "--days", 3),
    ]
    seals = address_of(bytes.fromhex(node.read_text("ascii")[2:]))
    assert (made[0]["address"], made[0]["file"]) == (seals, str(node))
    assert Body("", "", "", made[0]["node_id"], validates=True).address == seals
    assert made[1] == {"file": str(rpc), "public": str(tmp_path / PUBLIC)}
    signed = jwt.decode(token.read_text("ascii"), RSAKey.import_key(rpc.read_bytes()), ["RS256"])
    assert made[2].keys() == {"file", "ends_at"}
    ends = datetime.fromisoformat(made[2]["ends_at"])
    assert (ends.tzinfo, ends.timestamp()) == (UTC, signed.claims["exp"])
    secrets = [line for one in (node, rpc, token) for line in one.read_text("ascii").splitlines()]
    assert not any(line in json.dumps(made) for line in secrets if "-----" not in line)


def test_a_program_is_told_of_the_kit_and_what_makes_it_weak(tmp_path: Path) -> None:
    weak = plan(tmp_path, "abc")
    kit = told("init", members_file(tmp_path, weak), tmp_path / "kit")
    found = warnings(weak)
    assert len(found) == 1
    assert kit == {"folder": str(tmp_path / "kit"), "nodes": 5, "validators": 3, "warnings": found}


def test_a_kit_is_not_written_over_another(tmp_path: Path) -> None:
    path, kit = members_file(tmp_path, plan(tmp_path)), tmp_path / "kit"
    assert CliRunner().invoke(network, ["init", str(path), str(kit)]).exit_code == 0
    again = CliRunner().invoke(network, ["init", str(path), str(kit)])
    assert isinstance(again.exception, ConfigError)
