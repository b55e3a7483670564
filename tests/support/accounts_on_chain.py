"""Deeds of accounts that the public must not see: credited, paying, refunded, paid out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.chain import typed
from app.chain.contracts.codec import encode_call
from app.rewards.models import Programme
from tests.support.chain_world import World
from tests.support.public_side import PublicSide


@dataclass(frozen=True)
class Accounts:
    """`citizens` hold tokens, `payer` paid `payee`, who refunded a part and was paid out."""

    citizens: list[str]
    payer: str
    payee: str
    order_id: bytes

    @property
    def all(self) -> list[str]:
        return [*self.citizens, self.payer, self.payee]


def act(side: PublicSide, programme: Programme) -> Accounts:
    """All of it on the chain, beside the sender's books: nobody indexes it."""
    world, payer_key, payee_key = side.world, typed.new_key(), typed.new_key()
    payer, payee = typed.address_of(payer_key), typed.address_of(payee_key)
    people = world.citizens(6)
    side.deeds(programme, [*people, (world.citizens(1)[0][0], payer)], "glass-recycling")
    assert side.publish(programme) is not None
    call(world, "registrar", "Payees", "register", payee)
    order = typed.Order(typed.keccak(b"bread"), programme.chain_id, payer, payee, 90, 2**40)
    order_id = typed.digest(desk(world), order)
    call(
        world, "settler", "PaymentDesk", "settle",
        [fields(order)], [typed.sign(order_id, payer_key)], [accepted(world, order_id)],
    )  # fmt: skip
    refund = typed.Refund(order_id, payee, 30, typed.keccak(b"stale"))
    refund_id = typed.digest(desk(world), refund)
    call(
        world, "settler", "PaymentDesk", "settleRefunds",
        [fields(refund)], [fields(order)], [typed.sign(refund_id, payee_key)],
        [accepted(world, refund_id)],
    )  # fmt: skip
    reference = typed.keccak(b"pay-out")
    call(world, "burner", "Payees", "payOut", reference, programme.chain_id, [payee], [60])
    return Accounts([address for _, address in people], payer, payee, order_id)


def desk(world: World) -> typed.Domain:
    genesis = bytes.fromhex(world.node.rpc("eth_getBlockByNumber", "0x0", False)["hash"][2:])
    address = world.edge.addresses["PaymentDesk"]
    return typed.Domain(typed.DESK, world.node.chain_id, address, genesis)


def accepted(world: World, digest: bytes) -> bytes:
    acceptance = typed.acceptance_digest(desk(world), digest)
    return typed.sign(acceptance, world.signer.keys["acceptor"])


def fields(struct: typed.Struct) -> tuple[Any, ...]:
    return tuple(vars(struct).values())


def call(world: World, role: str, contract: str, function: str, *arguments: Any) -> None:
    """Mined and successful."""
    rpc = world.node.rpc
    raw = world.signer.sign_transaction(
        role,
        {
            "type": 2,
            "chainId": world.node.chain_id,
            "nonce": int(
                rpc("eth_getTransactionCount", world.signer.address_of(role), "latest"), 16
            ),
            "gas": 3_000_000,
            "maxFeePerGas": 0,
            "maxPriorityFeePerGas": 0,
            "value": 0,
            "to": world.edge.addresses[contract],
            "data": encode_call(contract, function, arguments),
        },
    )
    sent = rpc("eth_sendRawTransaction", "0x" + raw.hex())
    world.mine()
    receipt = rpc("eth_getTransactionReceipt", sent)
    assert receipt["status"] == "0x1", f"{function} reverted"
