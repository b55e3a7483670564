"""Attacks on orders: the signer is a real process with its own database role."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, update
from sqlmodel import col

from app.chain import typed
from app.chain.signer import SignerClient
from app.config import DatabaseRole, Settings
from app.errors import Problem
from app.identity import service as identity
from app.identity.models import Account, IdentityLevel, SignInSession, WalletKind
from app.merchants.models import Merchant, PayeeState
from app.services import Services
from tests.support.signer import running_signer, write_deployment
from tests.support.signer_world import DESK, World, code, make_world, shop_of

CEILINGS = {"SIGNER_PAYMENT_CENTS": "1000", "SIGNER_DAY_CENTS": "1500"}


@pytest.fixture(scope="module")
def signer(settings: Settings) -> Iterator[SignerClient]:
    write_deployment(settings)
    with running_signer(settings, CEILINGS) as client:
        yield client


@pytest.fixture
def world(services: Services, signer: SignerClient) -> World:
    return make_world(services, signer)


def test_the_owner_with_a_live_session_gets_the_accounts_signature(world: World) -> None:
    order = world.order()
    signature = world.sign(order)
    assert typed.recover(typed.order_digest(DESK, order), signature) == world.mine.address
    assert world.sign(order) == signature


def test_anothers_account_is_refused(world: World) -> None:
    order = world.order(payer=world.other.address)
    assert code(lambda: world.sign(order)) == "signer-not-owner"
    unknown = world.order(payer=world.shop.address)
    assert code(lambda: world.sign(unknown)) == "signer-not-owner"


def test_without_a_live_session_nothing_is_signed(world: World) -> None:
    order = world.order()
    assert code(lambda: world.sign(order, "guess")) == "signer-no-session"
    with world.services.database.transaction() as session:
        live = identity.find_session(session, world.token, world.now())
        assert live is not None
        stored_hash = live.token_hash.hex()
        identity.end_session(session, live.id, world.now())
    assert code(lambda: world.sign(order)) == "signer-no-session"
    assert code(lambda: world.sign(order, stored_hash)) == "signer-no-session"


def test_an_expired_session_or_anothers_session_id_is_refused(world: World) -> None:
    order = world.order()
    mixed = world.signer.for_session(world.token)
    assert code(lambda: mixed.sign_order(order, session_id=uuid4())) == "signer-no-session"
    with world.services.database.transaction() as session:
        mine = update(SignInSession).where(col(SignInSession.person_id) == world.mine.person_id)
        session.execute(mine.values(expires_at=world.now()))
    assert code(lambda: world.sign(order)) == "signer-no-session"


def test_above_the_payment_ceiling_is_refused_also_in_slices(world: World) -> None:
    assert code(lambda: world.sign(world.order(amount=1001))) == "signer-payment-ceiling"
    world.sign(world.order(amount=600))
    assert code(lambda: world.sign(world.order(amount=401))) == "signer-payment-ceiling"
    world.sign(world.order(amount=400))


def test_above_the_day_ceiling_is_refused_over_all_shops(world: World) -> None:
    with world.services.database.transaction() as session:
        second = shop_of(session, world.signer, world.now())
    world.sign(world.order(amount=1000))
    too_much = world.order(amount=501, payee=second.address)
    with pytest.raises(Problem, match="signer-day-ceiling") as caught:
        world.sign(too_much)
    assert caught.value.values == {"ceiling_cents": 1500}
    world.sign(world.order(amount=500, payee=second.address))


def test_an_account_given_to_fresh_persons_has_no_fresh_ceiling(world: World) -> None:
    """Whoever owns the tables could; the web's role can't even say so."""
    world.sign(world.order(amount=1000))
    owner = create_engine(world.services.settings.database_url(DatabaseRole.MIGRATOR))
    with world.services.database.transaction() as session:
        now = world.services.clock.now(session)
        fresh = identity.register_person(session, None, level=IdentityLevel.CONTACT, now=now)
        second = shop_of(session, world.signer, now)
        token = identity.open_session(session, fresh.id, "api", now)
    with owner.begin() as connection:
        relinked = update(Account).where(col(Account.id) == world.mine.id)
        connection.execute(relinked.values(person_id=fresh.id))
    owner.dispose()
    assert code(lambda: world.sign(world.order(amount=1), token)) == "signer-payment-ceiling"
    elsewhere = world.order(amount=501, payee=second.address)
    assert code(lambda: world.sign(elsewhere, token)) == "signer-day-ceiling"
    world.sign(world.order(amount=500, payee=second.address), token)


def test_parallel_orders_do_not_slip_past_a_ceiling_together(world: World) -> None:
    orders = [world.order(amount=300) for _ in range(8)]
    refusals: list[str] = []

    def signed(order: typed.Order) -> bool:
        try:
            return bool(world.sign(order))
        except Problem as problem:
            refusals.append(problem.code)
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(signed, orders)) == 3
    assert refusals == ["signer-payment-ceiling"] * 5


def test_an_order_asked_for_twice_counts_once(world: World) -> None:
    order = world.order(amount=1000)
    assert world.sign(order) == world.sign(order)


@pytest.mark.parametrize("state", [s for s in PayeeState if s is not PayeeState.ACTIVE])
def test_a_payee_that_is_not_open_is_refused(world: World, state: PayeeState) -> None:
    with world.services.database.transaction() as session:
        where = col(Merchant.organisation_id) == world.shop.organisation_id
        confirmed_at = None if state is PayeeState.PROPOSED else world.now()
        values = {"state": state, "confirmed_at": confirmed_at}
        session.execute(update(Merchant).where(where).values(values))
    assert code(lambda: world.sign(world.order())) == "signer-payee-not-active"


def test_an_unregistered_payee_is_refused_even_if_it_is_an_account(world: World) -> None:
    stranger = typed.address_of(typed.new_key())
    for payee in (stranger, world.other.address):
        order = world.order(payee=payee)
        assert code(lambda order=order: world.sign(order)) == "signer-payee-not-active"  # type: ignore[misc]


def test_a_device_wallet_is_never_signed_for(world: World) -> None:
    with world.services.database.transaction() as session:
        where = col(Account.id) == world.mine.id
        session.execute(update(Account).where(where).values(wallet=WalletKind.DEVICE))
    assert code(lambda: world.sign(world.order())) == "signer-key-not-held"


def test_stale_far_off_empty_and_misplaced_orders_are_refused(world: World) -> None:
    now = int(world.now().timestamp())
    wrong: list[dict[str, object]] = [
        {"requested_until": now - 5},
        {"requested_until": now + 3600},
        {"amount": 0},
        {"programme_id": bytes(32)},
    ]
    for changes in wrong:
        order = world.order(**changes)
        assert code(lambda order=order: world.sign(order)) == "signer-order-refused"  # type: ignore[misc]


def test_a_refused_order_counts_nothing(world: World) -> None:
    with pytest.raises(Problem):
        world.sign(world.order(amount=1001))
    world.sign(world.order(amount=1000))
