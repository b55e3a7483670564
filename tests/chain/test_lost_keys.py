"""People whose data nobody can open any more, such as after a restore with too old a vault: they
hold up nobody else's money."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from app.actions.models import Action
from app.chain import typed
from app.identity.models import IdentityLevel, Person
from app.identity.people import register_person
from app.mail_models import OutgoingMail
from app.outbox.models import Incident
from app.privacy.models import SubjectKey
from app.rewards.batches.due import Limits
from app.rewards.models import Batch, BatchState, Programme
from tests.support.batches_under_way import balances
from tests.support.chain_world import World


def people(world: World, name: str) -> list[tuple[Person, str]]:
    """Three with addresses on paper and on the chain."""
    with world.transaction() as (session, now):
        made = [
            register_person(
                session, f"{name}-{number}@example.org", level=IdentityLevel.CONTACT, now=now
            )
            for number in range(3)
        ]
    return [(one, typed.address_of(typed.new_key())) for one in made]


def letters(world: World) -> int:
    with world.services.database.session() as session:
        return len(session.scalars(select(OutgoingMail)).all())


def lost(world: World, programme: Programme) -> list[str]:
    """What the operator is told of it."""
    query = select(col(Incident.detail)).where(
        col(Incident.code) == "keys_lost",
        col(Incident.acknowledged_at).is_(None),
        col(Incident.reference) == str(programme.id),
    )
    with world.services.database.session() as session:
        return list(session.scalars(query))


def test_whoever_has_an_address_that_nobody_can_open_is_credited_with_the_others(
    world: World,
) -> None:
    programme, credited = world.programme(), people(world, "address")
    with world.transaction() as (session, _):
        session.get_one(Person, credited[1][0].id).email_sealed = b"\x00" * 60
    before = letters(world)
    world.deeds(programme, credited)
    batch = world.cut(programme)
    assert batch is not None
    world.settle()
    assert balances(world, [address for _, address in credited]) == {100}
    with world.services.database.session() as session:
        assert session.get_one(Batch, batch.id).state is BatchState.FINAL
    assert letters(world) == before + 2


def test_deeds_of_whoever_lost_their_keys_wait_and_stop_no_programme(world: World) -> None:
    programme, credited = world.programme(), people(world, "keys")
    gone, broken, well = credited
    with world.transaction() as (session, _):
        session.delete(session.get_one(SubjectKey, gone[0].id))
        session.get_one(SubjectKey, broken[0].id).wrapped_salt_key = b"\x00" * 61
    world.deeds(programme, credited)
    assert world.cut(programme) is not None
    world.settle()
    addresses = [address for _, address in (gone, broken, well)]
    assert [balances(world, [one]) for one in addresses] == [{0}, {0}, {100}]
    assert lost(world, programme) == [f"{programme.slug}: 2 deeds of people whose keys are lost"]


def test_however_many_lost_their_keys_they_hide_nobody_behind_them(world: World) -> None:
    """A batch holds one deed here, and two of such people stand first."""
    programme, credited = world.programme(), people(world, "hidden")
    with world.transaction() as (session, _):
        for gone, _address in credited[:2]:
            session.delete(session.get_one(SubjectKey, gone.id))
    for one in credited:
        world.deeds(programme, [one])
    with world.transaction() as (session, now):
        [last] = session.scalars(select(Action).where(col(Action.person_id) == credited[2][0].id))
        last.due_at = now
    made = world.cut(programme, Limits(actions=1))
    assert made is not None
    assert made.reward_cents == 100
    world.settle()
    assert balances(world, [credited[2][1]]) == {100}
    assert lost(world, programme) == [f"{programme.slug}: 2 deeds of people whose keys are lost"]
