"""Putting a contract in another's place: made beside it, decided on, then named in the record.

The record names the new one as soon as it stands, before anything can happen there, so that
whoever reads the chain reads both. It is *in force*, for whatever is signed and sent from then on,
once the chain says so and that is final. A desk that was replaced keeps its right for what it
accepted; a registry hands its books over and takes nothing any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from eth_account import Account
from web3 import Web3
from web3.contract import Contract

from app.chain.contracts.artifacts import CONTRACTS, PLACES, load_artifact, load_roles
from app.chain.deploying.decisions import Act, Decision, new_salt
from app.chain.deploying.deploy import ACTIVE, Limits
from app.chain.deploying.deployer import Deployer
from app.chain.deploying.generations import Generation
from app.chain.deploying.record import Deployment
from app.chain.typed import keccak

REPLACEABLE = ("PaymentDesk", "ActionRegistry")


class NotReplacedError(Exception):
    """It can't be replaced so, or isn't yet; the text says what to do."""


def make_beside(
    web3: Web3,
    deployment: Deployment,
    name: str,
    deployer_key: bytes,
    timeout: float,
    *,
    folder: Path = CONTRACTS,
    gas_price: int = 0,
) -> Generation:
    """Deploys another contract `name`, which has no right yet. Raises DeploymentFailedError."""
    where = deployment.address_of
    authority, programmes = where("AccessManager"), where("Programmes")
    salt = bytes.fromhex(deployment.genesis_hash.removeprefix("0x"))
    arguments: dict[str, list[Any]] = {
        "PaymentDesk": [authority, programmes, where("Payees"), salt],
        "ActionRegistry": [authority, programmes, 0, where("ActionRegistry")],
    }
    sender = Deployer(web3, Account.from_key(deployer_key), folder, gas_price)
    made = sender.create(name, *arguments[name])
    (receipt,) = sender.finish(timeout)
    return Generation(name, made.address, receipt["blockNumber"])


def decision(
    web3: Web3, deployment: Deployment, made: Generation, acceptors: list[str]
) -> Decision:
    """What the quorum must decide so that `made` takes its place. `acceptors`: whose
    countersignatures a new desk takes, besides the payer's."""
    acts = [*_wiring(deployment, made), *_STEPS[made.contract](deployment, made, acceptors)]
    old = deployment.address_of(made.contract)
    about = f"{made.contract} {made.address} takes the place of {old}"
    return decision_on(web3, deployment, about, acts)


def without_right(web3: Web3, deployment: Deployment, old: Generation) -> Decision:
    """What the quorum must decide so that a desk that was replaced pays nothing any more."""
    about = f"{old.contract} {old.address} moves no tokens any more"
    return decision_on(web3, deployment, about, [_mover(deployment, old.address, None)])


def decision_on(web3: Web3, deployment: Deployment, about: str, acts: list[Act]) -> Decision:
    """Acts that the timelock carries out, all or none, after its shortest delay."""
    timelock = _contract(web3, deployment, "TimelockController")
    return Decision(
        about=about,
        chain_id=deployment.chain_id,
        quorum=str(deployment.quorum),
        timelock=str(deployment.timelock),
        delay=timelock.functions.getMinDelay().call(),
        salt=new_salt(),
        acts=tuple(acts),
    )


def _wiring(deployment: Deployment, made: Generation) -> list[Act]:
    """Its functions are given to their roles, as those of the first one."""
    roles, manager = load_roles(), str(deployment.access_manager)
    by_role: dict[str, list[str]] = defaultdict(list)
    for signature, role in roles.restricted(made.contract).items():
        by_role[role].append("0x" + keccak(signature.encode())[:4].hex())
    acts = [
        Act("AccessManager", manager, "setTargetFunctionRole",
            [made.address, selectors, roles.ids[role]])
        for role, selectors in sorted(by_role.items())
    ]  # fmt: skip
    delay = Limits().target_admin_delay
    return [*acts, Act("AccessManager", manager, "setTargetAdminDelay", [made.address, delay])]


def _desk(deployment: Deployment, made: Generation, acceptors: list[str]) -> list[Act]:
    """Both may pay from then on: what the old one accepted, it alone can execute. The keys count at
    every desk there ever was: Recovery asks the first one for them."""
    desks = (made.address, str(deployment.address_of(made.contract)))
    earlier = (one.address for one in deployment.others if one.contract == made.contract)
    known = [
        Act(made.contract, desk, "setAcceptor", [one, ACTIVE])
        for desk in dict.fromkeys((*desks, *earlier))
        for one in acceptors
    ]
    return [*known, _mover(deployment, made.address, made.contract)]


def _registry(deployment: Deployment, made: Generation, _acceptors: list[str]) -> list[Act]:
    """The right to mint goes with the books, in one transaction."""
    old = str(deployment.address_of(made.contract))
    return [
        Act(made.contract, old, "handOver", [made.address]),
        _mover(deployment, old, None),
        _mover(deployment, made.address, made.contract),
    ]


_STEPS: dict[str, Callable[[Deployment, Generation, list[str]], list[Act]]] = {
    "PaymentDesk": _desk,
    "ActionRegistry": _registry,
}


def _mover(deployment: Deployment, address: str, contract: str | None) -> Act:
    kinds = load_roles().movers[contract] if contract else 0
    return Act("Programmes", str(deployment.programmes), "setMover", [address, kinds])


def other_at(deployment: Deployment, address: str, contract: str | None = None) -> Generation:
    """Of the record, beside those in force. Raises NotReplacedError."""
    for one in deployment.others:
        if one.address.lower() == address.lower() and contract in (None, one.contract):
            return one
    what = contract or "contract"
    raise NotReplacedError(f"The record names no {what} at {address} beside those in force.")


def check_in_force(web3: Web3, deployment: Deployment, made: Generation, block: int) -> None:
    """At this block the decision has been carried out. Raises NotReplacedError."""
    kinds = load_roles().movers[made.contract]
    programmes = _contract(web3, deployment, "Programmes")
    done = programmes.functions.moverKinds(made.address).call(block_identifier=block) == kinds
    if made.contract == "ActionRegistry":
        old = _contract(web3, deployment, made.contract)
        done = done and old.functions.successor().call(block_identifier=block) == made.address
    if not done:
        raise NotReplacedError(
            f"{made.address} is not in force at block {block}, which is the last final one: have"
            " the decision carried out first, or wait until that is final."
        )


def put_in_force(deployment: Deployment, made: Generation) -> Deployment:
    """The record once it is: the one before stands among the others."""
    before = Generation(
        made.contract, str(deployment.address_of(made.contract)), deployment.block_number
    )
    others = tuple(one for one in deployment.others if one != made)
    named: dict[str, Any] = {PLACES[made.contract]: made.address, "others": (*others, before)}
    return replace(deployment, **named)


def _contract(web3: Web3, deployment: Deployment, name: str) -> Contract:
    return web3.eth.contract(address=deployment.address_of(name), abi=load_artifact(name).abi)
