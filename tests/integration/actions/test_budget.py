"""A programme's budget in one query, how long it lasts, and who is told when it is nearly used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.actions.models import ActionState
from app.clock import Clock
from app.db import uuid7
from app.governance import service as governance
from app.governance.roles import holders
from app.identity import service as identity
from app.identity.models import IdentityLevel, Role
from app.mail_models import OutgoingMail
from app.rewards.models import Programme, RewardCounter
from app.rewards.money.budget import budget_of
from app.rewards.money.budget_letters import warn_short
from app.rewards.valuing import caps, decided, deeds
from app.rewards.valuing.caps import POOL, Count, Key, lock_counters
from app.rewards.valuing.slices import promised
from tests.support.city import City


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(microsecond=0))


def entry(db: Session, programme: Programme, kind: str, side: int, cents: int) -> None:
    """As the indexer writes one side of an event."""
    db.execute(
        text(
            "insert into ledger_entry (block_hash, log_index, side, block_number, block_time,"
            " programme_chain_id, address, kind, amount_cents)"
            " values (:block, 1, :side, 1, now(), :chain, '0x0', :kind, :cents)"
        ),
        {"block": uuid7().bytes * 2, "side": side, "chain": programme.chain_id, "kind": kind,
         "cents": cents},
    )  # fmt: skip


def test_what_became_of_every_cent(db: Session, city: City) -> None:
    programme = city.programme(funded=1000)
    clerk, started = city.clerk(city.organisation()), city.now
    for _ in range(3):
        city.attest(clerk, city.citizen().id, programme)
    for kind, side, cents in (
        ("credit", 1, 20), ("payment", 0, -15), ("payment", 1, 15), ("refund", 0, -4),
        ("refund", 1, 4), ("pay_out", 0, -6), ("give_back", 0, -2), ("expiry", 0, -1),
    ):  # fmt: skip
        entry(db, programme, kind, side, cents)
    found = budget_of(db, programme, started)
    assert (found.funded, found.reserved, found.minted) == (1000, 10, 20)
    assert (found.spent, found.paid_out, found.given_back, found.expired) == (11, 6, 2, 1)
    assert (found.left, found.short, found.a_day) == (970, False, 30)
    today = started.astimezone(ZoneInfo(programme.time_zone)).date()
    assert found.runs_out_on == today + timedelta(days=970 // 30)
    programme.last_day_to_earn = today + timedelta(days=31)
    db.flush()
    assert budget_of(db, programme, started).runs_out_on is None
    later = budget_of(db, programme, started + timedelta(days=60))
    assert (later.a_day, later.runs_out_on) == (0, None)


def test_officers_and_treasurers_are_told_once_for_each_funding(db: Session, city: City) -> None:
    programme, clerk = city.programme(funded=26), city.clerk(city.organisation())
    staff = {_with_role(city, role) for role in (Role.OFFICER, Role.TREASURER)}
    reached = {
        who for role in (Role.OFFICER, Role.TREASURER) for who in holders(db, role, city.now)
    }
    assert staff <= reached
    city.attest(clerk, city.citizen().id, programme)
    assert (warn_short(db, city.now), programme.budget_warned_cents) == (0, None)
    for _ in range(2):
        city.attest(clerk, city.citizen().id, programme)
    before = _letters(db)
    assert (warn_short(db, city.now), programme.budget_warned_cents) == (1, 26)
    assert _letters(db) - before == len(reached)
    assert warn_short(db, city.now) == 0
    city.fund(programme, 100)
    assert warn_short(db, city.now) == 0
    for _ in range(9):
        city.attest(clerk, city.citizen().id, programme)
    assert (warn_short(db, city.now), programme.budget_warned_cents) == (1, 126)


def test_a_slice_holds_no_more_than_some_deeds(db: Session, city: City) -> None:
    """What lies in a slice that is busy is nobody else's: at the end of a large budget too."""
    programme, clerk = city.programme(funded=50_000_000), city.clerk(city.organisation())
    deed = city.attest(clerk, city.citizen().id, programme)
    db.flush()
    pool = db.get_one(RewardCounter, (programme.id, *POOL))
    assert (deed.reward_cents, pool.granted_cents) == (10, 200)


def test_who_leaves_frees_each_programme_s_counters_at_once_and_in_one_order(
    db: Session, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locked deed by deed, two who leave at the same moment could wait for one another."""
    programmes, clerk = [city.programme(), city.programme()], city.clerk(city.organisation())
    leaver, locked = city.citizen().id, list[UUID]()
    for minutes, programme in enumerate([*programmes, *programmes[::-1]]):
        at = int((city.now - timedelta(minutes=minutes + 5)).timestamp())
        city.attest(clerk, leaver, programme, deed_at=at, confirmed=True)
    db.flush()
    assert all(promised(db, one.id) > 0 for one in programmes)

    def lock(session: Session, programme_id: UUID, keys: Sequence[Key]) -> dict[Key, Count]:
        locked.append(programme_id)
        return lock_counters(session, programme_id, keys)

    monkeypatch.setattr(caps, "lock_counters", lock)
    assert deeds.withdraw_all(db, leaver, [ActionState.AUTHENTICATED], city.now) == 4
    assert locked == sorted(one.id for one in programmes)
    assert [promised(db, one.id) for one in programmes] == [0, 0]


def test_what_falls_with_a_key_is_free_again(db: Session, city: City) -> None:
    programme, organisation = city.programme(), city.organisation()
    clerk = city.clerk(organisation)
    fallen = [city.attest(clerk, city.citizen().id, programme) for _ in range(2)]
    asked = decided.propose_revocation(
        db, organisation_id=organisation.id, reason="stolen", by=uuid7(), now=city.now
    )
    assert promised(db, programme.id) == 20
    governance.confirm(db, asked.id, by=uuid7(), now=city.now)
    assert {(one.state, one.reward_cents) for one in fallen} == {(ActionState.REFUSED, 0)}
    assert promised(db, programme.id) == 0


def _with_role(city: City, role: Role) -> UUID:
    email = f"{role.value}-{uuid7().hex[-8:]}@example.org"
    found = identity.register_person(
        city.session, email, level=IdentityLevel.VERIFIED, now=city.now
    )
    identity.grant_role(city.session, person_id=found.id, role=role, now=city.now)
    return found.id


def _letters(db: Session) -> int:
    db.flush()
    return db.scalar(select(func.count()).select_from(OutgoingMail)) or 0
