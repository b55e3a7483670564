"""The end of an account: nothing personal opens any more, the books still add up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.clock import Clock
from app.db import uuid7
from app.errors import Problem
from app.identity import service as identity
from app.identity.models import IdentityLevel, Role
from app.mail import Letter, deliver, queue_letter
from app.mail_models import OutgoingMail
from app.mail_settings import Mail
from app.privacy.keys import KeyDestroyed, keyring_of
from app.privacy.models import IdempotencyKey, SubjectKey
from app.privacy.retention import rotate_epochs
from app.privacy.service import Actor, Ref, open_for_service, open_sealed, seal_for_service
from app.rewards.batches.due import Limits, due_actions
from app.rewards.models import RewardCounter
from app.rights import closing
from tests.support.city import City
from tests.support.day_only import days_alone_are_kept

EMAIL = "leaver@city.example"
OTHER = "stayer@city.example"


@dataclass
class Scene:
    """Somebody with deeds, an appeal and letters, and somebody else with the same."""

    db: Session
    city: City
    mail: Mail
    leaver: UUID
    stayer: UUID
    programme: Any

    def close(self, gift: closing.Gift | None = None) -> closing.Standing:
        return closing.close(self.db, self.leaver, gift=gift, letters=self.mail, now=self.city.now)


@pytest.fixture
def scene(db: Session, tmp_path: Path) -> Scene:
    now = Clock().now(db).replace(microsecond=0)
    city = City(db, now)
    programme, clerk = city.programme(), city.clerk(city.organisation())
    mail = Mail(sender="civis@city.example", smtp_url=None, folder=tmp_path / "mail")
    level = IdentityLevel.CONTACT
    people = [
        identity.register_person(db, email, level=level, now=now).id for email in (EMAIL, OTHER)
    ]
    for person in people:
        for minutes in (5, 30):
            deed_at = int((now - timedelta(minutes=minutes)).timestamp())
            city.attest(clerk, person, programme, deed_at=deed_at, confirmed=True)
        identity.open_session(db, person, "browser", now)
        identity.presence_secret(db, person, now)
    db.flush()
    return Scene(db, city, mail, people[0], people[1], programme)


def _deeds(scene: Scene, person: UUID) -> list[Action]:
    query = select(Action).where(col(Action.person_id) == person).order_by(col(Action.id))
    return list(scene.db.scalars(query.execution_options(populate_existing=True)))


def _promised(scene: Scene, person: UUID) -> int:
    query = select(func.sum(col(RewardCounter.cents))).where(
        col(RewardCounter.scope) == f"person:{person}"
    )
    return scene.db.scalar(query) or 0


def test_what_is_in_no_batch_is_withdrawn_and_its_reward_free_again(scene: Scene) -> None:
    assert _promised(scene, scene.leaver) > 0
    before = scene.close()
    assert before.coming_cents > 0
    assert {one.state for one in _deeds(scene, scene.leaver)} == {ActionState.WITHDRAWN}
    assert _promised(scene, scene.leaver) == 0
    assert {one.state for one in _deeds(scene, scene.stayer)} == {ActionState.AUTHENTICATED}


def test_batches_go_on_for_everybody_else(scene: Scene) -> None:
    scene.close()
    due = due_actions(
        scene.db, scene.programme, scene.city.now + timedelta(days=3), Limits(actions=10)
    )
    assert {one.person_id for one in due} == {scene.stayer}


def test_hour_and_place_go_the_day_stays(scene: Scene) -> None:
    before = _deeds(scene, scene.leaver)
    days, quantities = [d.deed_day for d in before], [d.quantity for d in before]
    assert len({one.deed_at for one in before}) == 2
    scene.close()
    after = _deeds(scene, scene.leaver)
    assert [one.deed_day for one in after] == days
    assert [one.quantity for one in after] == quantities
    for one in after:
        assert (one.district, one.deed_until) == (None, None)
        assert one.deed_at.hour == 0, "only the order within the day is left"
    assert [one.deed_at.date() for one in after] == days
    days_alone_are_kept(scene.db, scene.programme, scene.stayer, after)


def test_whoever_holds_a_role_lays_it_down_first(scene: Scene) -> None:
    grant = identity.grant_role(
        scene.db, person_id=scene.leaver, role=Role.OFFICER, now=scene.city.now
    )
    with pytest.raises(Problem) as refused:
        scene.close()
    assert (refused.value.code, refused.value.values["roles"]) == ("closing-roles-held", "officer")
    identity.end_role(scene.db, grant.id, by=scene.leaver, now=scene.city.now)
    scene.close()


def test_the_address_is_free_and_another_account_begins(scene: Scene) -> None:
    scene.close()
    level = IdentityLevel.CONTACT
    again = identity.register_person(scene.db, EMAIL, level=level, now=scene.city.now)
    assert again.id != scene.leaver


def test_copies_elsewhere_go_too(scene: Scene) -> None:
    """Answers kept for a second try, waiting letters, letters in the folder; others' stay."""
    for person, email in ((scene.leaver, EMAIL), (scene.stayer, OTHER)):
        _copies(scene, person, email)
    scene.close()
    principals = scene.db.scalars(select(col(IdempotencyKey.principal))).all()
    assert str(scene.leaver) not in principals
    assert str(scene.stayer) in principals
    last = scene.city.now - timedelta(seconds=1)
    earlier = [row for row in _waiting(scene) if row["at"] <= last]
    assert {row["to"] for row in earlier} == {OTHER}
    on_disk = [path.read_text() for path in scene.mail.folder.glob("*.eml")]
    assert [EMAIL in letter for letter in on_disk] == [False]


def _copies(scene: Scene, person: UUID, email: str) -> None:
    earlier = scene.city.now - timedelta(hours=1)
    place = (str(person), "GET /x", "key-12345")
    scene.db.add(
        IdempotencyKey(
            principal=place[0], route=place[1], key=place[2], body_hash=b"x", status=200,
            answer=seal_for_service(scene.db, "idempotency", email.encode(), *place),
            created_at=earlier,
        )
    )  # fmt: skip
    queue_letter(scene.db, to=email, subject="Paid", text="3.20", now=earlier)
    deliver(scene.mail, Letter(uuid7(), email, "Credited", "3.20", earlier))
    scene.db.flush()


def _waiting(scene: Scene) -> list[dict[str, Any]]:
    return [
        json.loads(open_for_service(scene.db, "mail", row.sealed, row.id.bytes))
        | {"at": row.created_at}
        for row in scene.db.scalars(select(OutgoingMail))
    ]


def test_the_last_letter_says_what_stays_and_until_when(scene: Scene) -> None:
    scene.close()
    [letter] = [
        row for row in _waiting(scene) if row["to"] == EMAIL and row["at"] == scene.city.now
    ]
    complete = closing.complete_at(scene.city.now).date()
    assert complete.isoformat() in letter["text"]
    assert timedelta(0) < complete - scene.city.now.date() <= timedelta(days=35)


def test_no_sealed_value_of_theirs_opens_from_a_backup_and_everything_of_others_does(
    scene: Scene,
) -> None:
    """The backup: every row there was, wrapped keys included, and every key that exists once the
    month is over. What it opens is what the others' keys, wrapped anew since, open."""
    db, now = scene.db, scene.city.now
    rows = db.execute(text("select id, email_sealed from person where email_sealed is not null"))
    sealed = {row.id: row.email_sealed for row in rows}
    vault = [row.model_dump() for row in db.scalars(select(SubjectKey))]
    scene.close()
    for _ in range(2):  # the first round wraps anew, the next destroys
        rotate_epochs(db, closing.complete_at(now) + timedelta(hours=1))
    _restore(db, scene.leaver, [row for row in vault if row["subject_id"] == scene.leaver])
    assert _opens(db, scene.stayer, sealed) == OTHER
    assert _opens(db, scene.leaver, sealed) == "data-erased"


def test_until_then_the_same_backup_would_open_it(scene: Scene) -> None:
    """Why the person is told a date."""
    db = scene.db
    rows = db.execute(text("select id, email_sealed from person where email_sealed is not null"))
    sealed = {row.id: row.email_sealed for row in rows}
    vault = [row.model_dump() for row in db.scalars(select(SubjectKey))]
    scene.close()
    _restore(db, scene.leaver, [row for row in vault if row["subject_id"] == scene.leaver])
    assert _opens(db, scene.leaver, sealed) == EMAIL


def test_copies_in_a_backup_open_no_longer_than_the_rest(scene: Scene) -> None:
    """A kept answer and a waiting letter of before: rows that the closing deleted."""
    db, places = scene.db, {"idempotency": "key-12345", "mail": uuid7().hex}
    backup = {
        purpose: seal_for_service(db, purpose, EMAIL.encode(), place)
        for purpose, place in places.items()
    }
    for purpose, value in backup.items():
        assert open_for_service(db, purpose, value, places[purpose]) == EMAIL.encode()
    scene.close()
    month = datetime.fromisoformat(f"{keyring_of(db).newest_epoch()}-15").replace(tzinfo=UTC)
    for _ in range(2):
        rotate_epochs(db, closing.complete_at(month) + timedelta(hours=1))
    for purpose, value in backup.items():
        with pytest.raises(KeyDestroyed):
            open_for_service(db, purpose, value, places[purpose])


def _restore(db: Session, person: UUID, vault: list[dict[str, Any]]) -> None:
    assert db.get(SubjectKey, person) is None
    for row in vault:
        db.add(SubjectKey(**row))
    db.flush()


def _opens(db: Session, person: UUID, sealed: dict[UUID, bytes]) -> str:
    place = Ref("person", "email_sealed", person)
    try:
        return open_sealed(
            db, person, place, sealed[person], purpose="own_data", actor=Actor.subject(person)
        )
    except Problem as problem:
        return problem.code
