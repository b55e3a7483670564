"""The contracts deployed by Python on a real node, and what is committed about them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_utils.crypto import keccak
from web3 import Web3
from web3.contract import Contract

from app.chain import typed, typed_recovery
from app.chain.contracts import artifacts
from app.chain.deploying.deploy import (
    Deployment,
    DeploymentFailedError,
    Limits,
    RoleKeys,
    deploy,
)
from app.chain.deploying.deployer import Deployer
from tests.support.anvil import Node

ROLE_FIELDS = [field.name for field in dataclasses.fields(RoleKeys)]
KEYS = {name: f"0x{number + 1:064x}" for number, name in enumerate(ROLE_FIELDS)}
DEPLOYER = f"0x{99:064x}"


def address_of(key: str) -> str:
    return str(Account.from_key(key).address)


MEMBERS = tuple(address_of(f"0x{number:064x}") for number in (71, 72, 73))


def role_keys() -> RoleKeys:
    """One key a role; the quorum needs others beside its first member."""
    given = {name: (address_of(key),) for name, key in KEYS.items()}
    return RoleKeys(**given | {"members": MEMBERS})


@pytest.fixture(scope="module")
def web3(anvil: Node) -> Web3:
    return Web3(Web3.HTTPProvider(anvil.url))


@pytest.fixture(scope="module")
def deployment(web3: Web3) -> Deployment:
    genesis = bytes(web3.eth.get_block(0)["hash"])
    return deploy(web3, deployer_key=DEPLOYER, keys=role_keys(), salt=genesis)


def contract(web3: Web3, deployment: Deployment, name: str) -> Contract:
    address = deployment.address_of(name)
    return web3.eth.contract(address=address, abi=artifacts.load_artifact(name).abi)


@pytest.mark.parametrize("name", artifacts.PLACES)
def test_every_contract_has_code(web3: Web3, deployment: Deployment, name: str) -> None:
    assert len(web3.eth.get_code(contract(web3, deployment, name).address)) > 500


def test_deployer_keeps_nothing_and_the_timelock_alone_is_admin(
    web3: Web3, deployment: Deployment
) -> None:
    manager = contract(web3, deployment, "AccessManager")
    for role in range(9):
        assert manager.functions.hasRole(role, address_of(DEPLOYER)).call() == [False, 0]
    assert manager.functions.hasRole(0, deployment.timelock).call() == [True, 0]
    granted = manager.events.RoleGranted().get_logs(from_block=0)
    admins = {entry["args"]["account"] for entry in granted if entry["args"]["roleId"] == 0}
    assert admins == {address_of(DEPLOYER), deployment.timelock}


def test_timelock_waits_and_the_quorum_alone_proposes(web3: Web3, deployment: Deployment) -> None:
    timelock = contract(web3, deployment, "TimelockController")
    assert timelock.functions.getMinDelay().call() == Limits().timelock_delay
    proposer = timelock.functions.PROPOSER_ROLE().call()
    assert timelock.functions.hasRole(proposer, deployment.quorum).call()
    for other in (address_of(DEPLOYER), deployment.delegation, *MEMBERS):
        assert not timelock.functions.hasRole(proposer, other).call()
    quorum = contract(web3, deployment, "Quorum").functions
    assert (tuple(quorum.members().call()), quorum.needed().call()) == (MEMBERS, 2)
    admin = timelock.functions.DEFAULT_ADMIN_ROLE().call()
    assert not timelock.functions.hasRole(admin, address_of(DEPLOYER)).call()


@pytest.mark.parametrize("name", artifacts.SINGLE)
def test_functions_are_wired_as_the_file_says(
    web3: Web3, deployment: Deployment, name: str
) -> None:
    manager = contract(web3, deployment, "AccessManager")
    target = contract(web3, deployment, name).address
    roles = artifacts.load_roles()
    wired = roles.restricted(name)
    assert wired
    for signature, role in wired.items():
        selector = keccak(text=signature)[:4]
        assert manager.functions.getTargetFunctionRole(target, selector).call() == roles.ids[role]
    delays = manager.events.TargetAdminDelayUpdated().get_logs(
        from_block=0, argument_filters={"target": target}
    )
    assert [entry["args"]["delay"] for entry in delays] == [Limits().target_admin_delay]


def test_keys_have_their_role_and_no_other(web3: Web3, deployment: Deployment) -> None:
    manager = contract(web3, deployment, "AccessManager")
    roles = artifacts.load_roles().ids
    for role, (holder,) in role_keys().by_role().items():
        for other, number in roles.items():
            delay = Limits().unpause_delay if role == other == "UNPAUSER" else 0
            expected = [role == other, delay]
            assert manager.functions.hasRole(number, holder).call() == expected, (role, other)


def test_movers_and_acceptors(web3: Web3, deployment: Deployment) -> None:
    kinds = contract(web3, deployment, "Programmes").functions.moverKinds
    assert kinds(deployment.action_registry).call() == 0b0001
    assert kinds(deployment.payment_desk).call() == 0b0010
    assert kinds(deployment.payees).call() == 0b0100
    assert kinds(deployment.recovery).call() == 0b1000
    state = contract(web3, deployment, "PaymentDesk").functions.acceptorState
    assert state(address_of(KEYS["acceptors"])).call() == 1
    assert state(address_of(DEPLOYER)).call() == 0


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("Attesters", typed.ATTESTERS),
        ("PaymentDesk", typed.DESK),
        ("Recovery", typed_recovery.RECOVERY),
    ],
)
def test_signatures_name_contract_chain_and_genesis(
    web3: Web3, deployment: Deployment, name: str, domain: str
) -> None:
    at = contract(web3, deployment, name)
    genesis = bytes.fromhex(deployment.genesis_hash[2:])
    expected = [b"\x1f", domain, "1", deployment.chain_id, at.address, genesis, []]
    assert at.functions.eip712Domain().call() == expected
    assert genesis == bytes(web3.eth.get_block(0)["hash"])


def test_ledger_of_events_starts_at_the_first_block(web3: Web3, deployment: Deployment) -> None:
    assert 0 < deployment.block_number <= web3.eth.block_number
    before = deployment.block_number - 1
    assert web3.eth.get_code(Web3.to_checksum_address(deployment.access_manager), before) == b""


def test_a_reverted_transaction_fails_the_deployment(web3: Web3, deployment: Deployment) -> None:
    sender = Deployer(web3, Account.from_key(KEYS["minters"]), artifacts.CONTRACTS)
    sender.call(contract(web3, deployment, "Programmes"), "setMover", deployment.anchor, 1)
    with pytest.raises(DeploymentFailedError, match="transaction 0 of the deployment reverted"):
        sender.finish(30)


def committed() -> list[Path]:
    return sorted((artifacts.CONTRACTS / "abi").glob("*.json"))


@pytest.mark.parametrize("path", committed(), ids=lambda path: path.stem)
def test_artifact_is_of_the_sources_as_they_are(path: Path) -> None:
    artifact = artifacts.load_artifact(path.stem)
    for source, expected in artifact.sources.items():
        content = (artifacts.CONTRACTS / source).read_bytes()
        assert "0x" + keccak(content).hex() == expected, (
            f"{source} changed: run `npm run artifacts` in contracts/"
        )


def test_compiler_is_the_pinned_one() -> None:
    packages = json.loads((artifacts.CONTRACTS / "package.json").read_text("utf-8"))
    pinned = packages["devDependencies"]["solc"]
    assert len(committed()) == 12
    for path in committed():
        assert artifacts.load_artifact(path.stem).solc.startswith(f"{pinned}+")


def test_lock_names_no_download_address() -> None:
    lock = json.loads((artifacts.CONTRACTS / "package-lock.json").read_text("utf-8"))
    packages: dict[str, dict[str, Any]] = lock["packages"]
    assert len(packages) > 5
    for name, entry in packages.items():
        assert "resolved" not in entry, name
        assert name == "" or "integrity" in entry, name


def test_a_missing_artifact_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(artifacts.ArtifactMissingError, match=str(tmp_path)):
        artifacts.load_artifact("Anchor", tmp_path)


def test_errors_of_all_contracts_are_known_once() -> None:
    names = [entry["name"] for entry in artifacts.load_errors()]
    assert {"CreditRefused", "DailyCeilingExceeded", "AccessManagedUnauthorized"} <= set(names)
    assert len(names) == len(set(names))
