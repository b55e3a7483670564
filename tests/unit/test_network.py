"""What a network's nodes are started with, as far as it can be told without starting them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from eth_account import Account

from app.chain.typed import address_of
from app.chain_descriptor import ChainDescriptor
from app.config import DatabaseRole, Settings
from app.embedded.chain import anvil_chain
from app.embedded.errors import EmbeddedError
from app.keyfiles import ensure_key, read_key
from app.network import geth
from app.network.chain import network_chain
from app.network.genesis import GAS_LIMIT, extra_data, genesis
from app.network.geth import Nodes, Ports
from app.network.members import Network
from app.privacy.keys import key_bytes
from app.running import Running

# Of the first block of Görli, which ran on Clique in public: its text, one validator, no seal.
GOERLI = "0x22466c6578692069732061207468696e6722202d204166726900000000000000"
GOERLI_VALIDATOR = "0xe0a2Bd4258D2768837BAa26A28fE71Dc079f84C7"
OTHERS = ("0x" + "0b" * 20, "0x" + "0A" * 20, "0x" + "ff" * 20)


def test_the_first_block_names_its_validator_as_a_public_network_did() -> None:
    goerli = GOERLI + GOERLI_VALIDATOR[2:].lower() + "00" * 65
    made = extra_data([GOERLI_VALIDATOR])
    assert made[2 + 64 :] == goerli[2 + 64 :]
    assert made[: 2 + 64] == "0x" + "00" * 32


def test_validators_stand_in_ascending_order() -> None:
    made = extra_data(OTHERS)
    assert made[2 + 64 : -130] == "0a" * 20 + "0b" * 20 + "ff" * 20


def test_gas_costs_nothing_from_the_first_block_on() -> None:
    """The base fee stays 0 as long as blocks are less than half full: eight keys, 16.7 M each."""
    made = genesis(7, 1_800_000_000, OTHERS)
    assert int(made["baseFeePerGas"], 16) == 0
    assert int(made["gasLimit"], 16) == GAS_LIMIT
    assert GAS_LIMIT // 2 > 20 * 16_700_000
    assert made["alloc"] == {}
    assert "shanghaiTime" not in made["config"]  # Clique ends there


def test_members_have_keys_of_their_own_which_stay(tmp_path: Path) -> None:
    members = Network.of(tmp_path, candidates=1).members(tmp_path)
    assert [member.name for member in members] == [
        *(f"validator-{n}" for n in range(1, 5)),
        *("candidate-1", "rpc-1", "rpc-2"),
    ]
    assert len({member.node_id for member in members}) == 7
    assert len({member.address for member in members if member.address}) == 5
    assert Network.of(tmp_path).members(tmp_path) == members


def test_a_validators_key_is_what_geth_opens_with_its_password(tmp_path: Path) -> None:
    member = Network.of(tmp_path).members(tmp_path)[0]
    member.write_keys()
    data = member.folder / "data"
    sealed = json.loads((data / "keystore" / "account.json").read_text(encoding="utf-8"))
    opened = Account.decrypt(sealed, read_key(member.folder, "password"))
    assert address_of(bytes(opened)) == member.address
    node_key = (data / "geth" / "nodekey").read_text(encoding="ascii")
    assert bytes.fromhex(node_key) == key_bytes(read_key(member.folder, "node"))


def test_a_node_knows_the_others_by_name_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "geth"
    program.write_text("#!/bin/sh\n", encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setenv("CIVIS_GETH", str(program))
    members = Network.of(tmp_path).members(tmp_path)
    ports = {member.name: Ports(3 * n + 20_000, n + 30_000) for n, member in enumerate(members)}
    nodes = Nodes(7, members, tmp_path / "genesis.json", ports)
    first, last = members[0], members[-1]
    command = list(nodes.part(first).command())
    peers = tomllib.loads((first.folder / "peers.toml").read_text(encoding="utf-8"))
    listed = peers["Node"]["P2P"]
    others = [nodes.enode(member) for member in members[1:]]
    assert listed["StaticNodes"] == listed["TrustedNodes"] == others
    assert listed["MaxPeers"] == len(others)
    assert listed["NoDiscovery"] is True
    assert "--mine" in command
    assert "--http" not in command  # a validator answers nobody
    assert "--mine" not in nodes.part(last).command()


def test_what_was_not_built_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geth, "BUILT", tmp_path)
    with pytest.raises(EmbeddedError, match="run `make network`"):
        geth.program()
    with pytest.raises(EmbeddedError, match="run `make network`"):
        geth.contracts()


def test_a_home_stays_on_the_chain_that_it_began_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIVIS_GETH", "/bin/true")
    one, other = (Settings.from_env({"CIVIS_HOME": str(tmp_path / name)}) for name in "ab")
    Network.of(one.home)
    with pytest.raises(EmbeddedError, match="go on with `make network`"):
        anvil_chain(one)
    (other.home / "chain").mkdir(parents=True)
    (other.home / "chain" / "genesis.json").write_text("{}", encoding="ascii")
    with pytest.raises(EmbeddedError, match="go on with `make run`"):
        network_chain(other)


def test_a_running_network_tells_both_its_nodes_and_how_its_chain_behaves(tmp_path: Path) -> None:
    for role in DatabaseRole:
        ensure_key(tmp_path, f"postgres_{role.value}")
    chain = ChainDescriptor(9, 3, 700, long_extra_data=True)
    Running(5000, 6000, 7, (6001,), chain).write(tmp_path)
    settings = Settings.from_env({"CIVIS_HOME": str(tmp_path)})
    assert settings.chain_rpc_urls == ("http://127.0.0.1:6000", "http://127.0.0.1:6001")
    assert settings.chain == chain
