"""What else the signer signs and refuses, and what becomes of it when it is killed."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.chain import typed
from app.chain.session_signer import SessionSigner
from app.chain.signer import SignerClient
from app.config import Settings
from app.identity import service as identity
from app.identity.models import (
    IdentityLevel,
    KeyCustody,
    Organisation,
    OrganisationKind,
    Role,
)
from app.merchants.models import Merchant, OrderState, Payment, PaymentOrder, PaymentState
from app.services import Services
from tests.support.signer import (
    running_signer,
    write_deployment,
)
from tests.support.signer_world import ATTESTERS, DESK, World, code, make_world


@pytest.fixture(scope="module")
def signer(settings: Settings) -> Iterator[SignerClient]:
    write_deployment(settings)
    with running_signer(settings) as client:
        yield client


@pytest.fixture
def world(services: Services, signer: SignerClient) -> World:
    return make_world(services, signer)


def somebody(world: World, role: Role, organisation_id: UUID) -> SessionSigner:
    """The signer on behalf of a fresh person with one role."""
    with world.services.database.transaction() as session:
        now = world.services.clock.now(session)
        person = identity.register_person(session, None, level=IdentityLevel.CONTACT, now=now)
        identity.grant_role(
            session, person_id=person.id, role=role, now=now, organisation_id=organisation_id
        )
        return world.signer.for_session(identity.open_session(session, person.id, "api", now))


def paid(world: World) -> typed.Order:
    """An order that was accepted, as the merchants' package leaves it."""
    order = world.order()
    with world.services.database.transaction() as session:
        now = world.services.clock.now(session)
        payment = Payment(
            merchant_id=world.shop.organisation_id,
            short_code="ABCD",
            amount_cents=order.amount,
            state=PaymentState.ACCEPTED,
            fee_basis_points=0,
            payer_id=world.mine.person_id,
            created_at=now,
            accepted_at=now,
            expires_at=now + timedelta(minutes=5),
        )
        session.add(payment)
        session.flush()
        session.add(_accepted_order(world, payment, order))
    return order


def _accepted_order(world: World, payment: Payment, order: typed.Order) -> PaymentOrder:
    return PaymentOrder(
        id=typed.order_digest(DESK, order),
        payment_id=payment.id,
        position=0,
        programme_id=world.programme.id,
        payer_address=order.payer,
        payee_address=order.payee,
        amount_cents=order.amount,
        requested_until=payment.created_at,
        payer_signature=bytes(65),
        acceptor_signature=bytes(65),
        operator_signed=True,
        state=OrderState.ACCEPTED,
    )


def refund_of(world: World, order: typed.Order, cents: int = 100) -> typed.Refund:
    order_id = typed.order_digest(DESK, order)
    return typed.Refund(order_id, world.shop.address, cents, secrets.token_bytes(32))


def test_a_refund_is_signed_for_the_merchants_own_people_only(world: World) -> None:
    refund = refund_of(world, paid(world))
    till = somebody(world, Role.MERCHANT, world.shop.organisation_id)
    signature = till.sign_refund(refund)
    assert typed.recover(typed.refund_digest(DESK, refund), signature) == world.shop.address
    elsewhere = make_world(world.services, world.signer).shop.organisation_id
    stranger = somebody(world, Role.MERCHANT, elsewhere)
    assert code(lambda: stranger.sign_refund(refund)) == "signer-not-owner"
    citizen = world.signer.for_session(world.token)
    assert code(lambda: citizen.sign_refund(refund)) == "signer-not-owner"


def test_a_refund_of_too_much_or_of_nothing_paid_here_is_refused(world: World) -> None:
    till = somebody(world, Role.MERCHANT, world.shop.organisation_id)
    order = paid(world)
    unpaid, elsewhere = world.order(), paid(make_world(world.services, world.signer))
    for refund in (
        refund_of(world, order, order.amount + 1),
        refund_of(world, order, 0),
        refund_of(world, unpaid),
        refund_of(world, elsewhere),
    ):
        assert code(lambda refund=refund: till.sign_refund(refund)) == "signer-order-refused"  # type: ignore[misc]


def test_a_merchants_own_key_is_not_used_where_it_is_said_to_be_theirs(world: World) -> None:
    refund = refund_of(world, paid(world))
    with world.services.database.transaction() as session:
        where = col(Merchant.organisation_id) == world.shop.organisation_id
        session.execute(update(Merchant).where(where).values(custody=KeyCustody.BROWSER))
    till = somebody(world, Role.MERCHANT, world.shop.organisation_id)
    assert code(lambda: till.sign_refund(refund)) == "signer-key-not-held"


def centre(world: World, custody: KeyCustody) -> Organisation:
    with world.services.database.transaction() as session:
        now = world.services.clock.now(session)
        made = identity.create_organisation(
            session,
            slug=f"centre-{secrets.token_hex(4)}",
            kind=OrganisationKind.ATTESTER,
            name="Centre",
            now=now,
        )
        return identity.set_organisation_key(
            session,
            made.id,
            address=world.signer.new_account(),
            custody=custody,
            valid_from=now,
            valid_until=now + timedelta(days=1),
        )


def attestation(address: str) -> typed.Attestation:
    return typed.Attestation(
        programme_id=bytes(32),
        attester=address,
        subject=secrets.token_bytes(32),
        action_type_id=1,
        action_type_version=1,
        quantity=5,
        deed_at=1_795_000_000,
        nonce=secrets.token_bytes(32),
    )


def test_a_server_held_key_signs_for_its_organisations_people(world: World) -> None:
    held = centre(world, KeyCustody.SERVER)
    assert held.key_address is not None
    statement = attestation(held.key_address)
    clerk = somebody(world, Role.ATTESTER, held.id)
    signature = clerk.sign_statement(held.key_address, statement)
    assert typed.recover(typed.digest(ATTESTERS, statement), signature) == held.key_address
    certificate = typed.KeyCertificate(held.key_address, world.mine.address, bytes(32), 1, 2)
    refused = code(lambda: clerk.sign_statement(held.key_address or "", certificate))
    assert refused == "signer-not-owner"
    citizen = world.signer.for_session(world.token)
    assert code(lambda: citizen.sign_statement(statement.attester, statement)) == "signer-not-owner"


def test_no_statement_in_anothers_name_or_with_a_key_that_is_not_held(world: World) -> None:
    held, own = centre(world, KeyCustody.SERVER), centre(world, KeyCustody.BROWSER)
    assert held.key_address is not None
    assert own.key_address is not None
    clerk = somebody(world, Role.ATTESTER, held.id)
    forged = attestation(own.key_address)
    assert code(lambda: clerk.sign_statement(forged.attester, forged)) == "signer-key-not-held"
    mixed = code(lambda: clerk.sign_statement(held.key_address or "", forged))
    assert mixed == "signer-not-owner"
    as_wallet = attestation(world.mine.address)
    wallet = code(lambda: clerk.sign_statement(as_wallet.attester, as_wallet))
    assert wallet == "signer-key-not-held"
