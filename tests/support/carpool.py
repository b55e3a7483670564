"""A carpool operator's file and a programme that pays by it: pairs, cars, money and places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.actions.imports import links
from app.actions.imports.options import TOLD_COLUMNS
from app.identity.models import OrganisationKind
from app.rewards.models import Programme
from app.rewards.valuing.replay import Replay
from app.services import Services
from tests.support.city import City
from tests.support.partner import HEAD, Partner

ZONE = "Europe/Paris"
KIND = "carpool-trip"


def condition(order: int, name: str, predicate: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "order": order, "require": predicate, "unknown": "fail"}


def requirements() -> list[dict[str, Any]]:
    """A shared car, one end in the town, both people adult, at least a euro, class B or C."""
    said: list[tuple[str, dict[str, Any]]] = [
        ("shared-car", {"action_type": {"in": [KIND]}}),
        ("from-or-to-town", {"in_zone": {"zone": "town", "end": "either"}}),
        ("price", {"contribution_cents": {"at_least": 100}}),
        ("class", {"proof_class": {"in": ["B", "C"]}}),
        ("adults", {"adult": {"who": "other", "unknown": "pass"}}),
    ]
    return [condition(order, *one) for order, one in enumerate(said, 1)]


def rules(*limits: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A euro for each seat, and half a euro for the first trip."""
    return {
        "version": 2,
        "time_zone": ZONE,
        "zones": {"town": {"codes": {"com": ["34172"], "epci": ["243400017"]}}},
        "conditions": requirements(),
        "tariffs": [
            {
                "id": "seats",
                "order": 1,
                "bands": "cumulative",
                "steps": [
                    {"seat_cents": 100},
                    {"fixed_cents": 50, "when": {"first_time": {"unknown": "fail"}}},
                ],
            }
        ],
        "rounding": "half_up",
        "limits": list(limits),
        **more,
    }


CAR: dict[str, str] = {
    "seats": "1",
    "contribution_cents": "150",
    "proof_class": "C",
    "start_zones": "com=34172 epci=243400017",
    "end_zones": "com=34337 insee-iris=343370101",
}


def row(partner: Partner, name: str, rider: str, other: str, hours: float, **told: str) -> str:
    """Eleven kilometres in twelve minutes, some hours ago."""
    start = partner.now - timedelta(hours=hours)
    end = start + timedelta(minutes=12)
    times = f"{start.isoformat()},{end.isoformat()}"
    said = {**CAR, "other_rider_ref": other, **told}
    cells = ",".join(said.get(column, "") for column in TOLD_COLUMNS)
    return f"{name},{times},43.60,3.88,43.70,3.88,{rider},{cells}"


def table(*rows: str) -> str:
    return "\n".join((f"{HEAD},{','.join(TOLD_COLUMNS)}", *rows)) + "\n"


def operator(services: Services, paid_by: dict[str, Any]) -> Partner:
    with services.database.transaction() as session:
        now = services.clock.now(session).replace(hour=18, minute=0, second=0, microsecond=0)
        now -= timedelta(days=1)  # all of a file's trips in one day
        city = City(session, now)
        organisation = city.organisation(OrganisationKind.PARTNER)
        programme = city.programme(rules=paid_by)
        key = city.organisation_keys[organisation.id]
        return Partner(services, organisation.id, programme.id, key, now)


def link(partner: Partner, *names: str) -> list[UUID]:
    """An adult for each of the partner's names."""
    with partner.services.database.transaction() as session:
        city = City(session, partner.now)
        people = [city.citizen().id for _ in names]
        own: dict[str, Any] = {"organisation_id": partner.organisation_id, "now": partner.now}
        for name, person_id in zip(names, people, strict=True):
            code, _ = links.make_code(session, person_id=person_id, **own)
            links.link_rider(session, rider_ref=name, code=code, **own)
        return people


def replayed(partner: Partner) -> Sequence[str]:
    with partner.services.database.session() as session:
        programme = session.get_one(Programme, partner.programme_id)
        return [one.what for one in Replay(session, programme).differences()]
