"""What becomes of what a deed tells: its owner takes it along, whoever shared it learns of it,
nobody learns who the other is, and it goes with the account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.actions.models import Action, ActionState
from app.clock import Clock
from app.impact.catalogue import catalogue
from app.mail_settings import Mail
from app.rewards.models import Programme
from app.rewards.valuing.replay import Replay
from app.rights import closing
from app.rights.export import export
from tests.support import carpool
from tests.support.city import City, Clerk
from tests.support.general_rules import limit

HERE = {"com": "34172"}
RULES = carpool.rules(
    limit(1, "pair", "day", "actions", 3),
    limit(2, "trip", "always", "cents", 350),
    limit(3, "other", "day", "actions", 1),
    conditions=[
        *carpool.requirements()[:2],
        carpool.condition(3, "adults", {"adult": {"who": "other", "unknown": "pass"}}),
    ],
)


@dataclass
class Shared:
    """Somebody's trip in a car, and whoever shared it."""

    db: Session
    city: City
    programme: Programme
    owner: UUID
    other: UUID
    deed: Action
    clerk: Clerk

    def taken_along(self, person: UUID) -> dict[str, Any]:
        with export(self.db, person, self.city.now) as archive, ZipFile(archive) as files:
            parts = ("deeds", "deed_values", "shared_deeds")
            found = {part: files.read(f"{part}.json").decode() for part in parts}
        self.whole = "".join(found.values())
        return {part: json.loads(content) for part, content in found.items()}

    def close(self, person: UUID, folder: Path) -> None:
        mail = Mail(sender="civis@city.example", smtp_url=None, folder=folder)
        closing.close(self.db, person, gift=None, letters=mail, now=self.city.now)
        self.db.expire_all()

    def facts(self) -> dict[str, Any]:
        found = self.db.scalar(
            text("select facts from evaluation where action_id = :id and kind = 'valued'"),
            {"id": self.deed.id},
        )
        return dict(found or {})


@pytest.fixture
def shared(db: Session) -> Shared:
    city = City(db, Clock().now(db).replace(microsecond=0))
    programme, clerk = city.programme(rules=RULES), city.clerk(city.organisation())
    owner, other = city.citizen().id, city.citizen().id
    deed = recorded(city, clerk, programme, owner, other)
    db.flush()
    return Shared(db, city, programme, owner, other, deed, clerk)


def recorded(
    city: City, clerk: Clerk, programme: Programme, owner: UUID, other: UUID, **more: Any
) -> Action:
    seen = "0x" + city.visit(clerk, other, programme).subject.hex()
    return city.attest(
        clerk,
        owner,
        programme,
        action_type_id=catalogue().action_type("carpool-trip").number,
        quantity=9000,
        told={"seats": 2, "start": HERE, "other": seen},
        **more,
    )


def test_how_much_the_other_took_part_is_not_taken_along(shared: Shared) -> None:
    """Nor in what a limit of theirs said; the pair's and one's own counters are about oneself."""
    at = int(shared.city.now.timestamp()) - 60
    city, third = shared.city, shared.city.citizen().id
    cut = recorded(city, shared.clerk, shared.programme, third, shared.other, deed_at=at)
    assert (cut.reward_cents, cut.explanation[-1]["values"]["count"]) == (0, 1)
    found = shared.taken_along(third)
    [deed], [value] = found["deeds"], found["deed_values"]
    assert "count" not in deed["explanation"][-1]["values"]
    assert {per: before for _, per, _, _, before, _ in value["counters"]} == {
        "pair": 0, "trip": None, "other": None, "citizen": 0,
    }  # fmt: skip


def test_its_owner_takes_it_along_without_who_the_other_is(shared: Shared) -> None:
    assert (shared.deed.reward_cents, shared.deed.other_id) == (250, shared.other)
    found = shared.taken_along(shared.owner)
    [deed], [value] = found["deeds"], found["deed_values"]
    assert (deed["told"], deed["with_another"]) == ({"seats": 2, "start": HERE}, True)
    assert value["facts"]["seats"] == 2
    assert not {"other", "other_adult", "trip"} & value["facts"].keys()
    assert str(shared.other) not in shared.whole
    assert shared.deed.told["other"] not in shared.whole


def test_whoever_shared_it_learns_that_they_are_in_it_and_not_in_whose(shared: Shared) -> None:
    found = shared.taken_along(shared.other)
    [one] = found["shared_deeds"]
    assert one["action_type_id"] == "carpool-trip"
    assert found["deeds"] == []
    assert str(shared.owner) not in shared.whole


def test_it_goes_with_the_account_and_a_replay_still_agrees(shared: Shared, tmp_path: Path) -> None:
    assert shared.facts()["other"] == str(shared.other)
    shared.close(shared.owner, tmp_path)
    assert (shared.deed.state, shared.deed.told) == (ActionState.WITHDRAWN, {})
    assert shared.deed.other_id is None
    assert not {"start", "end", "other_adult"} & shared.facts().keys()
    assert list(Replay(shared.db, shared.programme).differences()) == []


def test_who_leaves_is_in_nobody_s_deed_any_more(shared: Shared, tmp_path: Path) -> None:
    shared.close(shared.other, tmp_path)
    assert (shared.deed.other_id, shared.deed.state) == (None, ActionState.AUTHENTICATED)
    assert shared.deed.told["seats"] == 2
    assert list(Replay(shared.db, shared.programme).differences()) == []


def test_no_other_name_is_ever_kept(shared: Shared) -> None:
    with pytest.raises(IntegrityError, match="told"), shared.db.begin_nested():
        shared.db.execute(text("""update action set told = '{"rider": "Ana"}'"""))
    kept = shared.db.scalars(select(Action.told))  # type: ignore[call-overload]
    assert all("rider" not in one for one in kept)
