"""Paying for somebody else: the signer looks at scope, amount, dates and end itself."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.chain import typed
from app.chain.signer import SignerClient
from app.config import DatabaseRole, Settings
from app.db import Database
from app.governance.guardianships import propose_end
from app.governance.models import Proposal, ProposalState
from app.identity.mandates import service as mandates
from app.identity.mandates.models import Act, StepKind
from app.services import Services
from tests.support.card_desk import Desk, card_desk
from tests.support.cards import PIN
from tests.support.guarded import guarded
from tests.support.mandated import (
    DAY_CENTS,
    Mandated,
    accept,
    invented,
    mandated,
    offered,
    proved,
    word_of,
)
from tests.support.signer import running_signer, write_deployment
from tests.support.signer_world import DESK, World, citizen, code, make_world

STEP_UP = 900


@pytest.fixture(scope="module")
def signer(settings: Settings) -> Iterator[SignerClient]:
    write_deployment(settings)
    with running_signer(settings, {"SIGNER_STEP_UP_CENTS": str(STEP_UP)}) as client:
        yield client


@pytest.fixture
def world(services: Services, signer: SignerClient) -> World:
    return make_world(services, signer)


def test_a_representative_pays_from_the_giver_s_account(world: World) -> None:
    made, order = mandated(world), world.order()
    signature = made.sign(order)
    assert typed.recover(typed.order_digest(DESK, order), signature) == world.mine.address


def test_it_holds_only_once_accepted_and_only_for_the_one_named(world: World) -> None:
    made = offered(world)
    world.signer.for_session(made.giver).allow_mandate(word_of(made.mandate))
    assert code(lambda: made.sign(world.order())) == "signer-mandate"
    accept(made)
    assert made.sign(world.order())
    with world.services.database.transaction() as session:
        _, stranger = citizen(session, world.signer, world.programme.id, world.now())
    made.token = stranger
    assert code(lambda: made.sign(world.order())) == "signer-mandate"


def test_only_the_giver_s_own_accounts(world: World) -> None:
    made = mandated(world)
    assert code(lambda: made.sign(world.order(payer=world.other.address))) == "signer-not-owner"


def test_the_amount_of_a_day_bounds_two_payments_at_once(world: World) -> None:
    made = mandated(world)
    orders = [world.order(amount=600) for _ in range(2)]

    def pay(order: typed.Order) -> str:
        try:
            return made.sign(order).hex()
        except Exception as error:  # noqa: BLE001 - either is an answer
            return getattr(error, "code", "other")

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(pay, orders), key=len)
    assert answers[0] == "mandate-ceiling"
    assert len(answers[1]) == 130
    made.token = proved(world, made.token)
    made.sign(world.order(amount=DAY_CENTS - 600))
    assert code(lambda: made.sign(world.order(amount=1))) == "mandate-ceiling"


@pytest.mark.parametrize("side", ["giver", "representative"])
def test_what_either_ended_pays_no_more_though_the_web_plays_it(world: World, side: str) -> None:
    made = mandated(world)
    assert made.sign(world.order())
    made.end(made.mandate.person_id if side == "giver" else made.representative)
    assert code(lambda: made.sign(world.order())) == "signer-mandate"


def test_an_end_can_t_be_taken_back_by_the_web_s_role(world: World, services: Services) -> None:
    made = mandated(world)
    made.end()
    web = Database(services.settings.database_url(DatabaseRole.APP), name="tests")
    try:
        for statement in (
            "delete from mandate_step",
            "update mandate_step set kind = 'used', act = 'pay'",
            "update mandate set day_cents = 20000",
            "insert into signer.mandate_word select * from signer.mandate_word",
        ):
            refused = pytest.raises(ProgrammingError, match="permission denied")
            with refused, web.transaction() as session:
                session.execute(text(statement))
    finally:
        web.dispose()


def test_an_invented_mandate_pays_nothing(world: World) -> None:
    made = mandated(world)
    wider = invented(made, day_cents=20_000)
    assert code(lambda: made.sign(world.order(), wider)) == "signer-mandate"
    other = invented(made, person_id=world.other.person_id)
    order = world.order(payer=world.other.address)
    assert code(lambda: made.sign(order, other)) == "signer-mandate"
    assert code(lambda: made.sign(world.order(), uuid4())) == "signer-mandate"


def test_an_invented_guardianship_needs_two_officers_on_record(world: World) -> None:
    made = mandated(world)
    told = {"kind": "guardianship", "reference_sealed": b"x"}
    assert code(lambda: made.sign(world.order(), invented(made, **told))) == "signer-mandate"


def test_without_the_act_of_paying_nothing_is_paid(world: World) -> None:
    made = mandated(world, frozenset({Act.SEE, Act.CONTEST}))
    assert code(lambda: made.sign(world.order())) == "signer-mandate"


def test_only_the_giver_just_proved_says_the_word_and_says_it_once(world: World) -> None:
    made = offered(world)
    stale = world.signer.for_session(world.token)
    assert code(lambda: stale.allow_mandate(word_of(made.mandate))) == "step-up-needed"
    thief = world.signer.for_session(proved(world, made.token))
    thief.allow_mandate(word_of(made.mandate))  # of the thief's own accounts, at most
    made.token = thief.token
    accept(made)
    assert code(lambda: made.sign(world.order())) == "signer-mandate"
    giver = world.signer.for_session(made.giver)
    assert code(lambda: giver.allow_mandate(word_of(made.mandate))) == "signer-mandate"


@pytest.mark.parametrize(
    "change", [{"day_cents": 20_001}, {"day_cents": 0}, {"until": "2020-01-01T00:00:00+00:00"}]
)
def test_no_word_is_taken_beyond_the_bounds(world: World, change: dict[str, object]) -> None:
    made = offered(world)
    giver = world.signer.for_session(made.giver)
    refused = code(lambda: giver.allow_mandate(word_of(made.mandate, **change)))
    assert refused == "signer-request-invalid"


def test_above_the_step_up_limit_the_representative_proves_who_they_are(world: World) -> None:
    made, order = mandated(world), world.order(amount=STEP_UP + 1)
    assert code(lambda: made.sign(order)) == "step-up-needed"
    made.token = proved(world, made.token)
    assert made.sign(order)


@pytest.fixture
def desk(services: Services, signer: SignerClient) -> Desk:
    return card_desk(services, signer)


def _of_card(desk: Desk) -> Mandated:
    """A mandate of the card's holder, entered at the counter; the signer hasn't heard of it."""
    desk.world.mine = desk.account
    made = offered(desk.world)
    made.token = proved(desk.world, made.token)
    accept(made)
    return made


def test_a_card_s_holder_says_the_word_with_card_and_pin(desk: Desk) -> None:
    made = _of_card(desk)
    forged = desk.world.signer.for_session(made.giver)
    assert code(lambda: forged.allow_mandate(word_of(made.mandate))) == "signer-card-only"
    officer = desk.world.signer.for_session(desk.officer)
    said = desk.card.number, "2581", desk.card.person_id, word_of(made.mandate)
    assert code(lambda: officer.allow_mandate_by_card(*said)) == "card-or-pin-wrong"
    right = desk.card.number, PIN, desk.card.person_id, word_of(made.mandate)
    clerk = desk.world.signer.for_session(made.token)
    assert code(lambda: clerk.allow_mandate_by_card(*right)) == "signer-not-owner"
    assert code(lambda: made.sign(desk.order())) == "signer-mandate"
    officer.allow_mandate_by_card(*right)
    assert made.sign(desk.order())


def test_a_guardianship_pays_by_two_officers_and_not_by_one(world: World) -> None:
    made = guarded(world)
    first, second = made.officers
    assert code(lambda: made.sign(world.order())) == "signer-mandate"
    assert code(lambda: made.confirm(first)) == "another-must-confirm"
    assert code(lambda: made.confirm(made.representative)) == "guardianship-own"
    made.confirm(second)
    assert made.sign(world.order())
    assert code(made.end) == "guardianship-by-two"
    with world.services.database.transaction() as session:
        ending = propose_end(session, made.mandate.id, by=first, now=world.now()).id
    assert made.sign(world.order())
    made.proposal = ending
    assert code(lambda: made.confirm(first)) == "another-must-confirm"
    made.confirm(second)
    assert code(lambda: made.sign(world.order())) == "signer-mandate"


@pytest.mark.parametrize("lie", ["one officer twice", "no officer", "another amount"])
def test_a_confirmation_that_the_web_plays_is_none(world: World, lie: str) -> None:
    made = guarded(world)
    first, second = made.officers
    by = {"one officer twice": first, "no officer": world.other.person_id}.get(lie, second)
    with world.services.database.transaction() as session:
        now = world.now()
        row = session.get_one(Proposal, made.proposal)
        row.state, row.decided_by, row.decided_at = ProposalState.CONFIRMED, by, now
        if lie == "one officer twice":
            row.proposed_by = world.other.person_id
        if lie == "another amount":
            row.payload = row.payload | {"day_cents": 1}
        mandates.add_step(session, made.mandate.id, StepKind.ACCEPTED, by=by, now=now)
    assert code(lambda: made.sign(world.order())) == "signer-mandate"
