"""Above a limit the signer itself looks whether the payer has just proved that it is them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from secrets import token_bytes
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.chain import typed
from app.chain.signer import SignerClient
from app.chain.signer_protocol import struct_to_json
from app.config import Settings
from app.identity import service as identity
from app.identity.models import KeyCustody, Role, SignInSession
from app.identity.passkeys.models import Passkey
from app.identity.sessions import PROOF_LASTS, prove
from app.services import Services
from tests.integration.test_signer_statements import centre, somebody
from tests.support.signer import running_signer, write_deployment
from tests.support.signer_world import ATTESTERS, World, code, make_world

LIMIT = 500


@pytest.fixture(scope="module")
def signer(settings: Settings) -> Iterator[SignerClient]:
    write_deployment(settings)
    with running_signer(settings, {"SIGNER_STEP_UP_CENTS": str(LIMIT)}) as client:
        yield client


@pytest.fixture
def world(services: Services, signer: SignerClient) -> World:
    return make_world(services, signer)


def proved(world: World, ago: timedelta = timedelta()) -> str:
    """The session's new token."""
    with world.services.database.transaction() as session:
        live = identity.find_session(session, world.token, world.now())
        assert live is not None
        return prove(session, live.id, world.now() - ago)


def test_up_to_the_limit_a_session_is_enough(world: World) -> None:
    assert world.sign(world.order(amount=LIMIT))


def test_above_it_only_a_fresh_proof_pays(world: World) -> None:
    order = world.order(amount=LIMIT + 1)
    assert code(lambda: world.sign(order)) == "step-up-needed"
    token = proved(world)
    assert code(lambda: world.sign(order)) == "signer-no-session", "the token before is dead"
    assert world.sign(order, token)


def test_a_proof_grows_old(world: World) -> None:
    order = world.order(amount=LIMIT + 1)
    token = proved(world, ago=PROOF_LASTS)
    assert code(lambda: world.sign(order, token)) == "step-up-needed"


def test_slices_to_one_shop_add_up(world: World) -> None:
    world.sign(world.order(amount=LIMIT - 100))
    assert code(lambda: world.sign(world.order(amount=101))) == "step-up-needed"
    world.sign(world.order(amount=100))


def test_another_session_of_the_same_person_proves_nothing(world: World) -> None:
    with world.services.database.transaction() as session:
        now = world.services.clock.now(session)
        other = identity.open_session(session, world.mine.person_id, "browser", now)
        found = identity.find_session(session, other, now)
        assert found is not None
        prove(session, found.id, now)
    assert code(lambda: world.sign(world.order(amount=LIMIT + 1))) == "step-up-needed"


@pytest.mark.parametrize("lie", [{"proved": True}, {"proved_at": "now"}, {"step_up_cents": 10**6}])
def test_a_web_process_that_says_so_is_not_believed(world: World, lie: dict[str, object]) -> None:
    order = struct_to_json(world.order(amount=LIMIT + 1))
    refused = code(
        lambda: world.signer.signature("sign_order", token=world.token, order=order, **lie)
    )
    assert refused == "signer-request-invalid"
    mixed = world.signer.for_session(world.token)
    other = code(lambda: mixed.sign_order(world.order(amount=LIMIT + 1), session_id=uuid4()))
    assert other == "signer-no-session"


def test_what_was_signed_once_needs_no_second_proof(world: World) -> None:
    order = world.order(amount=LIMIT + 1)
    token = proved(world)
    first = world.sign(order, token)
    with world.services.database.transaction() as session:
        stale = update(SignInSession).where(col(SignInSession.person_id) == world.mine.person_id)
        session.execute(stale.values(proved_at=None))
    assert world.sign(order, token) == first


def test_an_administrator_certifies_keys_only_with_a_passkey_behind_the_session(
    world: World,
) -> None:
    held = centre(world, KeyCustody.SERVER)
    assert held.key_address is not None
    certificate = typed.KeyCertificate(held.key_address, world.mine.address, bytes(32), 1, 2)
    keeper = somebody(world, Role.ATTESTER_ADMIN, held.id)
    refused = code(lambda: keeper.sign_statement(held.key_address or "", certificate))
    assert refused == "signer-not-owner"
    _give_passkey(world, keeper.token)
    signature = keeper.sign_statement(held.key_address, certificate)
    assert typed.recover(typed.digest(ATTESTERS, certificate), signature) == held.key_address


def _give_passkey(world: World, token: str) -> None:
    """One that could answer nothing stands behind this session."""
    with world.services.database.transaction() as session:
        live = identity.find_session(session, token, world.now())
        assert live is not None
        key = token_bytes(32)
        passkey = Passkey(
            person_id=live.person_id,
            credential_id=key,
            public_key=key,
            sign_count=0,
            name_sealed=key,
            created_at=world.now(),
        )
        session.add(passkey)
        session.flush()
        live.passkey_id = passkey.id
