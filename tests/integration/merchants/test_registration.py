"""A shop becomes a payee by two people and the chain; bank details are sealed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.contracts.events import At, PayeeStateChanged
from app.db import uuid7
from app.errors import Problem
from app.identity.models import KeyCustody, Organisation, OrganisationKind, Role, RoleGrant
from app.merchants import queries, registration
from app.merchants.bank import Party
from app.merchants.bank_files import current_details
from app.merchants.models import BankDetails, Merchant, PayeeState
from app.merchants.projections import HANDLERS
from app.merchants.registration import NewMerchant
from app.outbox.models import OutboxItem, OutboxState
from tests.support.shop import IBAN, Shop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FIRST, SECOND = uuid7(), uuid7()


@pytest.fixture
def shop(db: Session) -> Shop:
    return Shop(db, NOW)


def organisation(shop: Shop) -> UUID:
    row = Organisation(
        slug=f"shop-{uuid4().hex[:8]}",
        kind=OrganisationKind.MERCHANT,
        name="Boulangerie",
        created_at=NOW,
    )
    shop.session.add(row)
    shop.session.flush()
    return row.id


def proposed(shop: Shop, iban: str = IBAN, merchant_id: UUID | None = None) -> Merchant:
    entry = NewMerchant(merchant_id or organisation(shop), "Boulangerie", iban)
    return registration.propose_merchant(shop.session, entry, signer=shop.keys, by=FIRST, now=NOW)


def confirmed(shop: Shop, merchant: Merchant, by: UUID = SECOND) -> Merchant:
    seen = latest(shop, merchant.organisation_id)
    return registration.confirm_merchant(
        shop.session, merchant_id=merchant.organisation_id, by=by, now=NOW, seen=seen
    )


def latest(shop: Shop, merchant_id: UUID) -> UUID:
    query = select(col(BankDetails.id)).where(col(BankDetails.merchant_id) == merchant_id)
    return shop.session.scalars(query.order_by(col(BankDetails.id).desc())).first() or uuid4()


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        call()
    return caught.value.code


def told(shop: Shop, address: str, state: int) -> None:
    at = At(1, b"\x01" * 32, NOW, 0, b"\x02" * 32, "0x")
    HANDLERS[PayeeStateChanged](PayeeStateChanged(at, address, state), shop.session)


def test_two_people_and_the_chain_make_a_payee(shop: Shop) -> None:
    merchant = proposed(shop)
    states = [merchant.state]
    announced = select(OutboxItem).where(col(OutboxItem.kind) == "register_payee")
    assert shop.session.scalars(announced).all() == []
    confirmed(shop, merchant)
    states.append(merchant.state)
    (item,) = shop.session.scalars(announced).all()
    assert item.payload == {"payee": merchant.address}
    told(shop, merchant.address, 1)
    states.append(merchant.state)
    assert states == [PayeeState.PROPOSED, PayeeState.PENDING, PayeeState.ACTIVE]
    assert merchant.address in shop.keys.keys
    assert merchant.custody is KeyCustody.SERVER


def test_nobody_confirms_what_they_entered(shop: Shop) -> None:
    merchant = proposed(shop)
    assert refusal(lambda: confirmed(shop, merchant, FIRST)) == "second-person-needed"
    confirmed(shop, merchant)
    assert refusal(lambda: confirmed(shop, merchant)) == "nothing-to-confirm"


@pytest.mark.parametrize("step", ["propose", "confirm"])
def test_nobody_decides_on_their_own_shop(shop: Shop, step: str) -> None:
    merchant_id, payer = organisation(shop), shop.payer()
    grant = RoleGrant(
        person_id=payer.person_id,
        role=Role.MERCHANT,
        organisation_id=merchant_id,
        valid_from=NOW,
    )
    shop.session.add(grant)
    shop.session.flush()
    if step == "confirm":
        merchant = proposed(shop, merchant_id=merchant_id)
        assert refusal(lambda: confirmed(shop, merchant, payer.person_id)) == "second-person-needed"
        return
    entry = NewMerchant(merchant_id, "Boulangerie", IBAN)
    code = refusal(
        lambda: registration.propose_merchant(
            shop.session, entry, signer=shop.keys, by=payer.person_id, now=NOW
        )
    )
    assert code == "second-person-needed"


def test_a_shop_is_entered_once_and_with_a_real_iban(shop: Shop) -> None:
    assert refusal(lambda: proposed(shop, "FR7630006000011234567890188")) == "iban-invalid"
    merchant = proposed(shop)
    assert (
        refusal(lambda: proposed(shop, merchant_id=merchant.organisation_id)) == "merchant-exists"
    )
    assert refusal(lambda: proposed(shop, merchant_id=uuid4())) == "merchant-unknown"


def test_bank_details_lie_sealed(shop: Shop) -> None:
    proposed(shop)
    row = shop.session.scalars(select(BankDetails)).one()
    assert IBAN.encode() not in row.iban_sealed
    assert b"Boulangerie" not in row.account_holder_sealed


def test_a_new_account_counts_once_confirmed(shop: Shop) -> None:
    merchant = confirmed(shop, proposed(shop))
    merchant_id, later = merchant.organisation_id, NOW + timedelta(days=1)
    before = current_details(shop.session, merchant_id)
    changed = registration.propose_bank_details(
        shop.session,
        merchant_id=merchant_id,
        account=Party("Boulangerie", "FR1420041010050500013M02606"),
        by=FIRST,
        now=later,
    )
    assert current_details(shop.session, merchant_id) is before

    def confirm(by: UUID) -> BankDetails:
        return registration.confirm_bank_details(
            shop.session, merchant_id=merchant_id, by=by, now=later, seen=changed.id
        )

    assert refusal(lambda: confirm(FIRST)) == "second-person-needed"
    assert confirm(SECOND) is changed
    assert current_details(shop.session, merchant_id) is changed


def test_a_closing_shop_is_told_to_the_chain_and_takes_nothing_new(shop: Shop) -> None:
    programme = shop.programme()
    merchant = shop.merchant(programme)
    counts = [queries.shops_taking(shop.session, programme.id)]
    registration.close_merchant(shop.session, merchant_id=merchant.organisation_id, now=NOW)
    counts.append(queries.shops_taking(shop.session, programme.id))
    assert counts == [1, 0]
    (item,) = shop.session.scalars(
        select(OutboxItem).where(col(OutboxItem.kind) == "set_payee_state")
    ).all()
    assert item.payload == {"payee": merchant.address, "state": 2}
    told(shop, merchant.address, 3)
    assert merchant.state is PayeeState.CLOSED


def test_a_shop_that_was_opened_again_is_closed_again(shop: Shop) -> None:
    merchant = shop.merchant(shop.programme())

    def close() -> OutboxItem:
        registration.close_merchant(shop.session, merchant_id=merchant.organisation_id, now=NOW)
        kind = col(OutboxItem.kind) == "set_payee_state"
        return shop.session.scalars(
            select(OutboxItem).where(kind).order_by(col(OutboxItem.id).desc()).limit(1)
        ).one()

    first = close()
    for state in (2, 3, 1):
        told(shop, merchant.address, state)
    first.state = OutboxState.FINAL
    assert merchant.state is PayeeState.ACTIVE
    second = close()
    assert (second.id != first.id, second.state) == (True, OutboxState.WAITING)
    assert second.payload == first.payload


def test_a_closing_that_a_restore_forgot_is_learned_from_the_chain(shop: Shop) -> None:
    merchant = shop.merchant(shop.programme())
    told(shop, merchant.address, 2)
    assert merchant.state is PayeeState.CLOSING
