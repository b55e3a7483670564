"""The signer lets accounts go to their owners' own keys after three days, and not many in a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.chain import typed
from app.chain.signer import SignerClient
from app.chain.typed_recovery import Move
from app.config import Settings
from app.db import uuid7
from app.identity.mandates.models import Act, Mandate, MandateKind, MandateStep, StepKind
from app.recovery.announcing import end
from app.recovery.move_models import AnnouncedMove, AnnouncementEnd
from app.services import Services
from tests.support.heard_moves import (
    DOMAIN,
    KEY,
    announced,
    as_application,
    as_owner,
    asked_alone,
    move,
    proved,
    ripe,
    told,
    waited,
)
from tests.support.signer import running_signer, write_deployment
from tests.support.signer_world import World, citizen, code, make_world


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


def test_so_much_in_a_day_of_all_people_together_and_each_move_counts_once(world: World) -> None:
    struct = move(world)
    which, signer = ripe(world, struct), world.signer
    assert signer.sign_move(which, struct) == signer.sign_move(which, struct)
    signature = signer.sign_move(which, struct)
    assert typed.recover(typed.digest(DOMAIN, struct), signature) == world.mine.address
    with world.services.database.transaction() as session:
        now = world.services.clock.now(session)
        theirs, token = citizen(session, world.signer, world.programme.id, now)
    token = proved(world, token)
    fits = move(world, sender=theirs.address, amount=400)
    which = ripe(world, fits, token)
    more = replace(fits, amount=401)
    assert code(lambda: signer.sign_move(which, more)) == "signer-moves-ceiling"
    assert signer.sign_move(which, fits)
    for less in (100, 399):  # paid something meanwhile: signed anew, and counted already
        assert signer.sign_move(which, replace(fits, amount=less))
    assert code(lambda: signer.sign_move(which, more)) == "signer-moves-ceiling"


def test_a_web_process_that_was_taken_over_waits_like_everybody(world: World) -> None:
    """It has a proved session, the signer's socket, and may write whatever the application may."""
    struct, signer = move(world, amount=0), world.signer
    which, ready = announced(world, struct)
    assert ready - world.now() > timedelta(hours=71)
    waited(world, hours=71)
    other = move(world, amount=0, receiver=typed.address_of(typed.new_key()))
    for attempt in (
        lambda: signer.sign_move(which, struct),
        lambda: signer.sign_move(uuid7(), struct),
        lambda: signer.accept_move(struct, "device", which),
        lambda: signer.accept_move(struct, "device", None),
    ):
        assert code(attempt) == "signer-move-waits"
    assert announced_again(world, struct, which) == ready - timedelta(hours=71)
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_application(world, "update signer.heard_move set ready_at = heard_at")
    waited(world, hours=1)
    for attempt in (
        lambda: signer.sign_move(which, other),
        lambda: signer.accept_move(other, "device", which),
    ):
        assert code(attempt) == "signer-order-refused", "announced for another key"
    assert signer.sign_move(which, replace(struct, nonce=b"\1" * 32)), "whatever came in meanwhile"
    assert signer.accept_move(struct, "device", which)
    waited(world, hours=24 * 30)
    assert code(lambda: signer.sign_move(which, struct)) == "signer-order-refused", "it has lapsed"


def announced_again(world: World, struct: Move, which: UUID) -> datetime:
    own = typed.sign(typed.digest(DOMAIN, struct), KEY)
    return world.signer.for_session(world.token).announce_move(which, struct, own, None)


def test_a_block_or_a_stop_ends_it_for_good(world: World) -> None:
    struct, signer, person = move(world, amount=0), world.signer, str(world.mine.person_id)
    which = ripe(world, struct)
    block = (
        "insert into wallet_block (id, person_id, channel, since, until, lifted_at) values"
        f" ('{uuid7()}', '{person}', 'letter', now(), now() + interval '3 days', now())"
    )
    as_application(world, block)
    assert code(lambda: signer.sign_move(which, struct)) == "signer-order-refused"
    for change in ("since = since - interval '1 year'", f"person_id = '{world.other.person_id}'"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            as_application(world, f"update wallet_block set {change}")
    as_application(world, "delete from wallet_block")
    assert code(lambda: signer.sign_move(which, struct)) == "signer-order-refused", "it stays"
    assert signer.tidy_moves()[0] >= 1
    as_owner(world, "delete from wallet_block")
    assert code(lambda: signer.sign_move(which, struct)) == "signer-order-refused", "remembered"
    as_application(world, block.replace("now()", "now() - interval '1 year'"))
    as_application(world, "delete from wallet_block")  # as retention does
    with world.services.database.session() as session:
        assert session.scalar(text("select count(*) from wallet_block")) == 0
    which = ripe(world, struct)
    assert signer.accept_move(struct, "device", which)
    with world.services.database.transaction() as session:
        row = session.get_one(AnnouncedMove, which)
        end(session, row, AnnouncementEnd.STOPPED, world.now())
    assert code(lambda: signer.accept_move(struct, "device", which)) == "signer-order-refused"
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_application(world, "delete from announced_move_end")


def test_what_the_signer_alone_was_asked_is_done_by_nobody(world: World) -> None:
    """There was nothing to stop; told at the last moment, it was told too late."""
    struct, signer = move(world, amount=0), world.signer
    which, _ = asked_alone(world, struct)
    waited(world)
    assert code(lambda: signer.sign_move(which, struct)) == "signer-order-refused"
    assert str(which) in signer.tidy_moves()[1]
    told(world, struct, which)
    assert code(lambda: signer.sign_move(which, struct)) == "signer-order-refused"


def test_a_ward_s_tokens_go_under_no_other_key(world: World) -> None:
    """Neither asked for under a guardian, nor done once one is named."""
    struct, signer = move(world, amount=0), world.signer
    which = ripe(world, struct)
    with world.services.database.transaction() as session:
        guardian = Mandate(
            kind=MandateKind.GUARDIANSHIP,
            person_id=world.mine.person_id,
            representative_id=world.other.person_id,
            acts=[Act.SEE.value],
            until=world.now() + timedelta(days=30),
            reference_sealed=b"sealed",
            offered_at=world.now(),
        )
        session.add(guardian)
        session.flush()
        session.add(MandateStep(mandate_id=guardian.id, kind=StepKind.ACCEPTED, at=world.now()))
    for attempt in (
        lambda: signer.sign_move(which, struct),
        lambda: signer.accept_move(struct, "device", which),
        lambda: announced(world, replace(struct, nonce=b"\3" * 32)),
    ):
        assert code(attempt) == "move-guardian"
    as_owner(world, "delete from mandate_step")
    as_owner(world, "delete from mandate")
    assert signer.sign_move(which, struct)


def test_only_to_a_key_that_has_signed_for_itself(world: World) -> None:
    struct, signer = move(world, amount=0), world.signer.for_session(world.token)
    other = typed.sign(typed.digest(DOMAIN, struct), typed.new_key())
    for signature in (other, b"", b"\0" * 65):
        refused = code(lambda: signer.announce_move(uuid7(), struct, signature, None))  # noqa: B023
        assert refused == "signer-order-refused"


@pytest.mark.parametrize("wrong", ["another programme", "another's account", "no account"])
def test_only_the_person_s_own_account_of_the_programme(world: World, wrong: str) -> None:
    changes: dict[str, dict[str, Any]] = {
        "another programme": {"programme_id": b"\7" * 32},
        "another's account": {"sender": world.other.address},
        "no account": {"sender": typed.address_of(typed.new_key())},
    }
    struct = move(world, amount=0, **changes[wrong])
    assert code(lambda: announced(world, struct)) == "signer-not-owner"


def test_the_acceptor_s_word_is_for_a_current_account_and_the_right_keeper(world: World) -> None:
    acceptor = world.signer
    here, own = move(world, receiver=world.signer.new_account()), move(world)
    which = ripe(world, own)
    assert acceptor.accept_move(here, "custodial", None)
    assert acceptor.accept_move(own, "device", which)
    for struct, wallet in (
        (here, "device"),
        (move(world), "custodial"),
        (move(world, sender=typed.address_of(KEY)), "device"),
        (move(world, programme_id=b"\7" * 32), "device"),
    ):
        refused = code(lambda: acceptor.accept_move(struct, wallet, which))  # noqa: B023
        assert refused == "signer-order-refused"
