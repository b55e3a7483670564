"""Carrying a decision on: proposed, confirmed by enough members, asked of the timelock, done."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any

from eth_account import Account
from eth_utils.address import to_checksum_address
from web3 import Web3
from web3.contract import Contract

from app.chain.contracts.artifacts import CONTRACTS, load_artifact
from app.chain.deploying.decisions import Decision
from app.chain.deploying.deployer import Deployer


class Step(enum.Enum):
    """What comes next, and the function that does it; the last three are nobody's to do now."""

    PROPOSE = "propose"
    CONFIRM = "confirm"
    EXECUTE = "execute"
    CARRY_OUT = "executeBatch"
    OTHERS = "another member must confirm"
    WAIT = "the timelock waits"
    DONE = "done"


def next_step(web3: Web3, decision: Decision, member: str) -> Step:
    """Whichever is due, for this member where members differ."""
    quorum, timelock = _contracts(web3, decision)
    name = decision.id()
    expires_at, _, executed = quorum.functions.decision(name).call()
    if executed:
        return _in_timelock(timelock, decision)
    if expires_at == 0:
        return Step.PROPOSE
    if quorum.functions.confirmations(name).call() >= quorum.functions.needed().call():
        return Step.EXECUTE
    mine = quorum.functions.hasConfirmed(name, to_checksum_address(member)).call()
    return Step.OTHERS if mine else Step.CONFIRM


def take_step(
    web3: Web3, decision: Decision, key: bytes, timeout: float, *, gas_price: int = 0
) -> Step:
    """Does what is due with this member's key; what it was. Raises DeploymentFailedError, or the
    node's refusal, such as of a key that is no member's."""
    account = Account.from_key(key)
    step = next_step(web3, decision, account.address)
    quorum, timelock = _contracts(web3, decision)
    calls: dict[Step, tuple[Contract, list[Any]]] = {
        Step.PROPOSE: (quorum, decision.asked()),
        Step.CONFIRM: (quorum, [decision.id()]),
        Step.EXECUTE: (quorum, decision.asked()),
        Step.CARRY_OUT: (timelock, decision.operation()),
    }
    if step in calls:
        contract, arguments = calls[step]
        getattr(contract.functions, step.value)(*arguments).call({"from": account.address})
        sender = Deployer(web3, account, CONTRACTS, gas_price)
        sender.call(contract, step.value, *arguments)
        sender.finish(timeout)
    return step


def ready_at(web3: Web3, decision: Decision) -> datetime | None:
    """From when on it may be carried out; None before the timelock was asked."""
    _, timelock = _contracts(web3, decision)
    at = timelock.functions.getTimestamp(decision.operation_id()).call()
    return datetime.fromtimestamp(at, UTC) if at > 1 else None


def _in_timelock(timelock: Contract, decision: Decision) -> Step:
    operation = decision.operation_id()
    if timelock.functions.isOperationDone(operation).call():
        return Step.DONE
    ready = timelock.functions.isOperationReady(operation).call()
    return Step.CARRY_OUT if ready else Step.WAIT


def _contracts(web3: Web3, decision: Decision) -> tuple[Contract, Contract]:
    """Quorum and timelock."""
    known = {"Quorum": decision.quorum, "TimelockController": decision.timelock}
    quorum, timelock = (
        web3.eth.contract(address=to_checksum_address(address), abi=load_artifact(name).abi)
        for name, address in known.items()
    )
    return quorum, timelock
