"""What a role's key signs for the chain: its own calls, and what fills a nonce of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest
from eth_account import Account as EthAccount

from app.chain import typed
from app.chain.edge import Edge
from app.chain.sending.filling import sign_nothing
from app.chain.signer import SignerClient
from app.config import Settings
from app.outbox.models import ChainTransaction, TransactionState
from tests.support.signer import ADDRESSES, CHAIN_ID, running_signer, write_deployment
from tests.support.signer_world import code


@pytest.fixture(scope="module")
def signer(settings: Settings) -> Iterator[SignerClient]:
    write_deployment(settings)
    with running_signer(settings) as client:
        yield client


def transaction(
    contract: str, signature: str, changes: dict[str, object] | None = None
) -> dict[str, object]:
    data = "0x" + typed.keccak(signature.encode())[:4].hex() + "00" * 32
    unsigned: dict[str, object] = {
        "type": 2,
        "chainId": CHAIN_ID,
        "nonce": 0,
        "gas": 100_000,
        "value": 0,
    }
    unsigned |= {"to": ADDRESSES[contract], "data": data}
    unsigned |= {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0}
    return {**unsigned, **(changes or {})}


def test_a_role_signs_its_own_calls(signer: SignerClient) -> None:
    unsigned = transaction("ActionRegistry", "cancelBatch(bytes32)")
    raw = signer.sign_transaction("minter", unsigned)
    assert EthAccount.recover_transaction(raw) == signer.address_of("minter")


def test_a_role_signs_what_fills_a_nonce_and_sends_nothing_to_anybody_else(
    signer: SignerClient,
) -> None:
    own, other = (signer.address_of(role) for role in ("minter", "settler"))
    row = ChainTransaction(
        kind="anchor", signer="minter", signer_address=own, chain_id=CHAIN_ID, nonce=7, raw=b"",
        hash=b"", state=TransactionState.PREPARED, signed_at=datetime.now(UTC),
    )  # fmt: skip
    edge = cast("Edge", SimpleNamespace(signer=signer, gas_price=0))
    assert EthAccount.recover_transaction(sign_nothing(edge, row)) == own
    row.signer_address = other
    assert code(lambda: sign_nothing(edge, row)) == "signer-call-refused"


@pytest.mark.parametrize(
    ("role", "contract", "signature", "changes"),
    [
        ("settler", "ActionRegistry", "cancelBatch(bytes32)", {}),
        ("minter", "Payees", "cancelBatch(bytes32)", {}),
        ("minter", "ActionRegistry", "setDailyCeiling(bytes32,uint128)", {}),
        ("minter", "ActionRegistry", "cancelBatch(bytes32)", {"value": 1}),
        ("minter", "ActionRegistry", "cancelBatch(bytes32)", {"chainId": 1}),
        ("minter", "ActionRegistry", "cancelBatch(bytes32)", {"gas": 31_000_000}),
        ("minter", "ActionRegistry", "cancelBatch(bytes32)", {"accessList": []}),
        ("minter", "ActionRegistry", "cancelBatch(bytes32)", {"data": "0x"}),
        ("minter", "ActionRegistry", "cancelBatch(bytes32)", {"to": "0x" + "99" * 20}),
        ("acceptor", "PaymentDesk", "setAcceptor(address,uint8)", {}),
        ("member_1", "ActionRegistry", "setDailyCeiling(bytes32,uint128)", {}),
        ("deployer", "Programmes", "setMover(address,uint8)", {}),
    ],
)
def test_calls_beyond_the_role_are_refused(
    signer: SignerClient, role: str, contract: str, signature: str, changes: dict[str, object]
) -> None:
    unsigned = transaction(contract, signature, changes)
    refusal = code(lambda: signer.sign_transaction(role, unsigned))
    assert refusal == "signer-call-refused"
