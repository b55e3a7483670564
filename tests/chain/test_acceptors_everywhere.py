"""After a desk was replaced twice, by now with another acceptor's key, Recovery knows that key."""

from __future__ import annotations

from dataclasses import replace

from app.chain import typed
from app.chain.contracts.codec import decode_answer, encode_call
from app.chain.deploying.deploy import ACTIVE
from app.chain.deploying.replacing import decision, make_beside, put_in_force
from tests.support.chain_world import World
from tests.support.replacing import decide, self_mining


def state(world: World, desk: str, key: str) -> int:
    asked = encode_call("PaymentDesk", "acceptorState", [key])
    return int(decode_answer("PaymentDesk", "acceptorState", world.edge.client.read(desk, asked)))


def test_a_new_desk_s_acceptors_count_at_every_desk_before_it(world: World) -> None:
    desks, stands = [str(world.deployment.payment_desk)], world.deployment
    for _ in range(2):
        key = typed.address_of(typed.new_key())
        with self_mining(world) as web3:
            deployer = world.signer.keys["deployer"]
            made = make_beside(web3, stands, "PaymentDesk", deployer, 60)
            named = replace(stands, others=(*stands.others, made))
            decided = decision(web3, named, made, [key])
        decide(world, decided)
        stands = put_in_force(named, made)
        desks.append(made.address)
        assert [state(world, desk, key) for desk in desks] == [ACTIVE] * len(desks)
    first = world.edge.addresses["PaymentDesk"]
    assert desks[0] == first, "which Recovery asks"
