"""The signer lets custodial accounts go to their owners' own keys, and not many in a day."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from app.chain import typed
from app.chain.signer import SignerClient
from app.chain.typed_recovery import RECOVERY, Move
from app.config import Settings
from app.identity import service as identity
from app.identity.sessions import prove
from app.services import Services
from tests.support.signer import ADDRESSES, CHAIN_ID, GENESIS, running_signer, write_deployment
from tests.support.signer_world import World, citizen, code, make_world

DOMAIN = typed.Domain(RECOVERY, CHAIN_ID, ADDRESSES["Recovery"], GENESIS)
KEY = typed.new_key()


@pytest.fixture(scope="module")
def signer(settings: Settings) -> Iterator[SignerClient]:
    write_deployment(settings)
    with running_signer(settings, {"SIGNER_MOVES_DAY_CENTS": "1000"}) as client:
        yield client


@pytest.fixture(scope="module")
def world(services: Services, signer: SignerClient) -> World:
    made = make_world(services, signer)
    made.token = proved(made, made.token)
    return made


def proved(world: World, token: str) -> str:
    with world.services.database.transaction() as session:
        live = identity.find_session(session, token, world.now())
        assert live is not None
        return prove(session, live.id, world.now())


def move(world: World, **changes: Any) -> Move:
    values: dict[str, Any] = {
        "programme_id": world.programme.chain_id,
        "sender": world.mine.address,
        "receiver": typed.address_of(KEY),
        "amount": 600,
        "nonce": secrets.token_bytes(32),
    }
    return Move(**values | changes)


def signed(world: World, struct: Move, token: str | None = None) -> bytes:
    own = typed.sign(typed.digest(DOMAIN, struct), KEY)
    return world.signer.for_session(token or world.token).sign_move(struct, own)


def test_so_much_in_a_day_of_all_people_together_and_each_move_counts_once(world: World) -> None:
    struct = move(world)
    assert signed(world, struct) == signed(world, struct)
    assert typed.recover(typed.digest(DOMAIN, struct), signed(world, struct)) == world.mine.address
    with world.services.database.transaction() as session:
        now = world.services.clock.now(session)
        theirs, token = citizen(session, world.signer, world.programme.id, now)
    token = proved(world, token)
    fits = move(world, sender=theirs.address, amount=400)
    assert code(lambda: signed(world, move(world, sender=theirs.address, amount=401), token)) == (
        "signer-moves-ceiling"
    )
    assert signed(world, fits, token)


def test_only_to_a_key_that_has_signed_for_itself(world: World) -> None:
    struct, signer = move(world, amount=0), world.signer.for_session(world.token)
    other = typed.sign(typed.digest(DOMAIN, struct), typed.new_key())
    for signature in (other, b"", b"\0" * 65):
        refused = code(lambda: signer.sign_move(struct, signature))  # noqa: B023
        assert refused == "signer-order-refused"


@pytest.mark.parametrize("wrong", ["another programme", "another's account", "no account"])
def test_only_the_person_s_own_account_of_the_programme(world: World, wrong: str) -> None:
    changes: dict[str, dict[str, Any]] = {
        "another programme": {"programme_id": b"\7" * 32},
        "another's account": {"sender": world.other.address},
        "no account": {"sender": typed.address_of(typed.new_key())},
    }
    expected = "signer-order-refused" if wrong == "another programme" else "signer-not-owner"
    assert code(lambda: signed(world, move(world, amount=0, **changes[wrong]))) == expected


def test_the_acceptor_s_word_is_for_a_current_account_and_the_right_keeper(world: World) -> None:
    acceptor = world.signer.for_session("")
    here = move(world, receiver=world.signer.new_account())
    assert acceptor.accept_move(here, "custodial")
    assert acceptor.accept_move(move(world), "device")
    for struct, wallet in (
        (here, "device"),
        (move(world), "custodial"),
        (move(world, sender=typed.address_of(KEY)), "device"),
        (move(world, programme_id=b"\7" * 32), "device"),
    ):
        assert code(lambda: acceptor.accept_move(struct, wallet)) == "signer-order-refused"  # noqa: B023
