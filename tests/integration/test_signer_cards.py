"""Attacks on cards: the signer is a real process with its own database role and its own table."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlmodel import col

from app.chain import typed
from app.chain.signer import SignerClient
from app.config import DatabaseRole, Settings
from app.db import Database
from app.identity import service as identity
from app.identity.cards.models import Card, CardSecret
from app.identity.cards.numbers import new_number
from app.identity.models import Role
from app.merchants.models import Merchant, PayeeState
from app.services import Services
from tests.support.card_desk import Desk, card_desk
from tests.support.cards import PIN, printed, signed_in, till_of
from tests.support.signer import running_signer, write_deployment
from tests.support.signer_world import DESK, code, shop_of

CEILINGS = {"SIGNER_CARD_PAYMENT_CENTS": "1000", "SIGNER_CARD_DAY_CENTS": "1500"}


@pytest.fixture(scope="module")
def signer(settings: Settings) -> Iterator[SignerClient]:
    write_deployment(settings)
    with running_signer(settings, CEILINGS) as client:
        yield client


@pytest.fixture
def desk(services: Services, signer: SignerClient) -> Desk:
    return card_desk(services, signer)


def test_card_and_pin_get_the_signature_of_the_cards_account(desk: Desk) -> None:
    order = desk.order()
    signature = desk.charge(order)
    assert typed.recover(typed.order_digest(DESK, order), signature) == desk.account.address
    lower = desk.card.number.replace("-", " ").lower()
    assert desk.charge(order, number=lower) == signature


def test_a_wrong_pin_or_number_signs_nothing(desk: Desk) -> None:
    assert code(lambda: desk.charge(desk.order(), pin="2581")) == "card-or-pin-wrong"
    assert code(lambda: desk.charge(desk.order(), number=new_number())) == "card-or-pin-wrong"
    assert code(lambda: desk.charge(desk.order(), number="nothing")) == "card-or-pin-wrong"


def test_five_wrong_pins_block_it_until_the_counter_sets_another(desk: Desk) -> None:
    for wrong in ("1", "", "2581", "258000", "x" * 9):
        assert code(partial(desk.charge, desk.order(), pin=wrong)) == "card-or-pin-wrong"
    assert code(lambda: desk.charge(desk.order())) == "signer-card-pin-blocked"
    desk.set_pin("1470")
    assert desk.charge(desk.order(), pin="1470")
    assert code(lambda: desk.charge(desk.order())) == "card-or-pin-wrong"


def test_parallel_tries_are_counted_one_by_one(desk: Desk) -> None:
    def tried(pin: str) -> str:
        return code(lambda: desk.charge(desk.order(), pin=pin))

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(tried, [f"90{n:02d}" for n in range(12)]))
    assert answers == ["card-or-pin-wrong"] * 5 + ["signer-card-pin-blocked"] * 7


def test_only_the_till_of_the_payee_that_is_open_may_charge(desk: Desk) -> None:
    services, world = desk.world.services, desk.world
    with services.database.transaction() as session:
        other = shop_of(session, world.signer, world.now())
    elsewhere = till_of(services, other)
    for stranger in (elsewhere, world.token, desk.officer):
        refused = code(partial(desk.charge, desk.order(), till=stranger))
        assert refused == "signer-not-owner"
    assert code(lambda: desk.charge(desk.order(), till="guess")) == "signer-no-session"
    citizen = desk.order(payee=world.other.address)
    assert code(lambda: desk.charge(citizen)) == "signer-payee-not-active"
    with services.database.transaction() as session:
        closing = update(Merchant).where(col(Merchant.address) == world.shop.address)
        session.execute(closing.values(state=PayeeState.CLOSING))
    assert code(lambda: desk.charge(desk.order())) == "signer-payee-not-active"


def test_a_card_pays_for_nobody_else(desk: Desk) -> None:
    stolen = desk.world.order()  # of the citizen with a session
    assert code(lambda: desk.charge(stolen)) == "signer-not-owner"


def test_a_card_has_ceilings_of_its_own(desk: Desk) -> None:
    services, world = desk.world.services, desk.world
    assert code(lambda: desk.charge(desk.order(amount=1001))) == "signer-card-payment-ceiling"
    desk.charge(desk.order(amount=1000))
    with services.database.transaction() as session:
        second = shop_of(session, world.signer, world.now())
    there = till_of(services, second)
    too_much = desk.order(amount=501, payee=second.address)
    assert code(lambda: desk.charge(too_much, till=there)) == "signer-card-day-ceiling"
    desk.charge(desk.order(amount=500, payee=second.address), till=there)


def test_a_session_of_a_cards_holder_can_be_forged_and_is_worth_nothing(desk: Desk) -> None:
    """What the web's role may write: a session for anybody."""
    with desk.world.services.database.transaction() as session:
        forged = identity.open_session(session, desk.card.person_id, "api", desk.world.now())
    assert code(lambda: desk.world.sign(desk.order(), forged)) == "signer-card-only"


def test_only_an_officer_sets_a_pin(desk: Desk) -> None:
    number = desk.card.number
    for token in (desk.till, desk.world.token):
        session = desk.world.signer.for_session(token)
        assert code(partial(session.set_pin, number, "1470")) == "signer-not-owner"
    nobody = desk.world.signer.for_session("guess")
    assert code(lambda: nobody.set_pin(number, "1470")) == "signer-no-session"
    assert desk.charge(desk.order())


def test_a_forged_row_points_no_card_at_another_account(desk: Desk) -> None:
    """The web's role says that its own card is the holder's; the signer has its own word on it."""
    services = desk.world.services
    [own] = printed(services, desk.world.signer)
    officer = desk.world.signer.for_session(desk.officer)
    officer.set_pin(own.number, PIN)
    with services.database.transaction() as session:
        theirs = update(Card).where(col(Card.person_id) == own.person_id)
        session.execute(
            update(Card)
            .where(col(Card.person_id) == desk.card.person_id)
            .values(state="replaced", ended_at=desk.world.now())
        )
        session.execute(theirs.values(person_id=desk.card.person_id))
    assert code(lambda: desk.charge(desk.order(), number=own.number)) == "signer-not-owner"


def test_not_even_a_forged_officer_takes_over_a_card_without_its_number(desk: Desk) -> None:
    services = desk.world.services
    [own, other] = printed(services, desk.world.signer, 2)
    forged = desk.world.signer.for_session(signed_in(services, Role.OFFICER))
    victim = desk.card.person_id
    for old in (None, other.number, new_number()):
        taking = partial(forged.take_over_card, own.number, victim, old)
        assert code(taking) == "signer-card-refused"
    register = desk.world.signer.register_cards
    assert code(partial(register, [new_number()], [victim])) == "signer-card-refused"


def test_the_webs_role_reads_and_writes_nothing_of_it(desk: Desk) -> None:
    session_of = desk.world.services.database.session
    with session_of() as session, pytest.raises(ProgrammingError) as refused:
        session.execute(select(CardSecret))
    assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)
    with session_of() as session, pytest.raises(ProgrammingError):
        session.execute(update(CardSecret).values(wrong_tries=0))


def test_no_table_holds_a_number_or_a_pin(desk: Desk) -> None:
    """Neither as text nor as a plain hash of it."""
    plain = desk.card.number.replace("-", "")
    wanted = {plain, desk.card.number, sha256(plain.encode()).hexdigest()}
    url = desk.world.services.settings.database_url(DatabaseRole.MIGRATOR)
    owner = Database(url)
    with owner.session() as session:
        found = "".join(
            str(session.scalar(text(f"select string_agg(t::text, '') from {table} t")))
            for table in ("card", "person", "signer.card_secret", "counter_visit", "access_record")
        )
    owner.dispose()
    assert plain
    assert not [one for one in wanted if one in found]


def test_replacing_moves_the_account_and_kills_the_old_number(desk: Desk) -> None:
    [new] = printed(desk.world.services, desk.world.signer)
    officer = desk.world.signer.for_session(desk.officer)
    officer.take_over_card(new.number, desk.card.person_id, desk.card.number)
    officer.take_over_card(new.number, desk.card.person_id, desk.card.number)
    assert code(lambda: desk.charge(desk.order(), number=new.number)) == "card-or-pin-wrong"
    officer.set_pin(new.number, "1470")
    assert desk.charge(desk.order(), number=new.number, pin="1470")
    assert code(lambda: desk.charge(desk.order())) == "card-or-pin-wrong"


def test_a_card_that_earned_is_nobody_elses(desk: Desk) -> None:
    officer = desk.world.signer.for_session(desk.officer)
    taken = code(lambda: officer.take_over_card(desk.card.number, desk.world.mine.person_id, None))
    assert taken == "signer-card-refused"


def test_a_blocked_card_is_dead(desk: Desk) -> None:
    stranger = desk.world.signer.for_session(desk.world.token)
    assert code(lambda: stranger.end_cards(desk.card.person_id)) == "signer-not-owner"
    desk.world.signer.for_session(desk.officer).end_cards(desk.card.person_id)
    assert code(lambda: desk.charge(desk.order())) == "card-or-pin-wrong"


def test_with_card_and_pin_the_holder_opens_their_account_to_sessions(desk: Desk) -> None:
    with desk.world.services.database.transaction() as session:
        own = identity.open_session(session, desk.card.person_id, "api", desk.world.now())
    officer = desk.world.signer.for_session(desk.officer)
    opened = code(lambda: officer.open_card_to_sessions(desk.card.number, "9999"))
    assert opened == "card-or-pin-wrong"
    officer.open_card_to_sessions(desk.card.number, PIN)
    assert desk.world.sign(desk.order(), own)


def test_a_number_is_registered_anew_only_where_its_person_never_came_to_be(desk: Desk) -> None:
    """A batch that was broken off is printed again; a card that somebody has stays theirs."""
    lost, register = new_number(), desk.world.signer.register_cards
    register([lost], [uuid4()])
    register([lost], [uuid4()])
    taken = desk.card.number.replace("-", "")
    assert code(partial(register, [taken], [uuid4()])) == "signer-card-refused"
    assert desk.charge(desk.order())
