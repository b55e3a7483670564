"""What a person can still earn: what each of a programme's limits leaves them in its period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.identity.models import Person
from app.rewards.language import periods
from app.rewards.language.action import Action
from app.rewards.language.counting import counter_of
from app.rewards.models import Programme, RewardCounter
from app.rewards.valuing.caps import limit_key
from app.rewards.valuing.claims import doer_of
from app.rewards.valuing.terms import in_force, versions


@dataclass(frozen=True)
class Room:
    """Of one limit for a person; `until` is the first day after its period, None: for good."""

    rule: str
    period: str
    counts: str
    most: int
    used: int
    until: date | None

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)


def room(session: Session, programme: Programme, person_id: UUID, now: datetime) -> list[Room]:
    """In the order of the limits; where the same is counted twice, the lower one alone. Limits
    that look at more than who somebody is are left out: the deed isn't known yet."""
    holding = in_force(versions(session, programme.id), now)
    person = session.get_one(Person, person_id)
    if holding is None:
        return []
    ruling, doer = holding.rules, doer_of(person)
    action = Action(
        at=now, citizen=str(person_id), identity_level=doer.identity_level,
        citizen_adult=doer.adult if "citizen_adult" in ruling.program.fields else None,
    )  # fmt: skip
    found: dict[tuple[str, str], Room] = {}
    for limit in ruling.program.rules["limits"]:
        if limit["per"] != "citizen":
            continue
        if "when" in limit and ruling.program.tests[f"limits/{limit['id']}"](action) is not True:
            continue
        number = periods.number(limit["period"], now.astimezone(ZoneInfo(limit["time_zone"])))
        label = periods.label(limit["period"], number)
        key = limit_key(counter_of(limit), "citizen", str(person_id), label)
        row = session.get(RewardCounter, (programme.id, *key))
        used = 0 if row is None else row.cents if limit["counts"] == "cents" else row.actions
        one = Room(
            limit["id"], limit["period"], limit["counts"], ruling.program.number(limit["most"]),
            used, periods.following(limit["period"], number),
        )  # fmt: skip
        same = (one.period, one.counts)
        if same not in found or one.left < found[same].left:
            found[same] = one
    return list(found.values())
