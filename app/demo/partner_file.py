"""A partner's file of shared bikes, made, signed and handed in as a real partner would.

Most trips are of linked riders; some riders never linked, some rows name no rider at all, and a
few can't have happened: those the import refuses, each with its reason.
"""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.attestation import Signed
from app.actions.distance import haversine_m
from app.actions.imports.links import link_rider, links_of, make_code
from app.actions.imports.options import COLUMNS
from app.actions.imports.rows import read_rows
from app.actions.imports.statement import build
from app.actions.imports.submit import Upload, read_options, submit
from app.actions.imports.uploads import stored_upload, uploads_folder
from app.actions.models import ImportJob
from app.chain import typed
from app.demo.city import SEED, ZONE, stations
from app.demo.world import World

PARTNER = "bike-share"
RIDERS = 40  # citizens who linked their account
DAYS = 5
LINKED, UNLINKED, UNNAMED = 640, 40, 60  # rows
_HEADER = (*COLUMNS, "rider_ref")
_METRES_A_SECOND = (3.0, 5.5)


def import_once(world: World) -> None:
    """Links riders and imports one file; returns once its job has ended."""
    with world.parts.database.transaction() as session:
        partner = world.organisation(session, PARTNER)
        job_id = session.scalar(
            select(col(ImportJob.id)).where(col(ImportJob.organisation_id) == partner.id)
        )
        _link_riders(world, session)
    if job_id is None:
        with world.parts.database.session() as session:
            now = world.now(session)
        job_id = hand_in(world, simulated_file(now, RIDERS))
    job = job_id
    world.wait("importing the partner's file", lambda s: s.get_one(ImportJob, job).state == "done")
    with world.parts.database.session() as session:
        counts = session.get_one(ImportJob, job).counts
    world.say("    partner's file: " + ", ".join(f"{n} {what}" for what, n in counts.items()))


def hand_in(world: World, content: str) -> UUID:
    """Signs the file's root with the partner's key and submits it; the job's id."""
    with world.parts.database.session() as session:
        organisation = world.organisation(session, PARTNER)
        now = world.now(session)
    folder, seed = uploads_folder(world.parts.settings.home), secrets.token_bytes(32)
    signed = _signed(world, str(organisation.key_address), content, seed, now)
    with (
        stored_upload(folder, io.BytesIO(content.encode())) as path,
        world.parts.database.transaction() as session,
    ):
        job = submit(
            session,
            organisation=organisation,
            programme_id=world.programme(session).id,
            options=read_options({"action_type": "bike-trip"}, organisation, world.catalogue),
            upload=Upload(path.name, seed, signed),
            domain=world.domain,
            by=world.person(session, PARTNER),
            now=now,
        )
        return job.id


def _signed(
    world: World, partner: str, content: str, seed: bytes, now: datetime
) -> Signed[typed.ImportStatement]:
    spool = world.parts.settings.home / "run" / "simulated-partner.tree"
    tree = build(spool, seed, read_rows(io.StringIO(content, newline="")))
    spool.unlink()
    struct = typed.ImportStatement(partner, tree.root, tree.count, int(now.timestamp()))
    with world.parts.database.session() as session:
        person = world.person(session, PARTNER)
    signer = world.parts.signer.for_session(world.token(person))
    return Signed(struct, signer.sign_statement(partner, struct))


def _link_riders(world: World, session: Session) -> None:
    """Each citizen gives the partner a one-time code from their account."""
    organisation_id = world.organisation(session, PARTNER).id
    now = world.now(session)
    for citizen in world.city.citizens[1 : RIDERS + 1]:
        person = world.person(session, citizen.local)
        if not links_of(session, person):
            code, _ = make_code(session, person_id=person, organisation_id=organisation_id, now=now)
            link_rider(
                session,
                organisation_id=organisation_id,
                rider_ref=_rider(citizen.number),
                code=code,
                now=now,
            )


def simulated_file(now: datetime, riders: int) -> str:
    """CSV in the columns of a real partner's file, plus rider_ref; local times."""
    chance = Random(f"{SEED}:{PARTNER}")  # noqa: S311 - a simulation
    text = io.StringIO()
    table = csv.DictWriter(text, _HEADER, lineterminator="\n")
    table.writeheader()
    table.writerows(_rows(now, riders, chance))
    return text.getvalue()


def _rows(now: datetime, riders: int, chance: Random) -> Iterator[dict[str, Any]]:
    kinds = ["linked"] * LINKED + ["unlinked"] * UNLINKED + ["unnamed"] * UNNAMED
    for number, kind in enumerate(kinds, start=1):
        rider = {
            "linked": _rider(2 + number % riders),
            "unlinked": f"guest-{number}",
            "unnamed": "",
        }[kind]
        yield _trip(f"sim-{number}", rider, now, chance)
    for number, fault in enumerate(("round", "teleport", "future", "broken"), start=1):
        yield _faulty(_trip(f"odd-{number}", _rider(2), now, chance), fault, now)


def _trip(trip_id: str, rider: str, now: datetime, chance: Random) -> dict[str, Any]:
    start, end = chance.sample(stations(), 2)
    metres = haversine_m(start["lat"], start["lon"], end["lat"], end["lon"])
    seconds = round(metres / chance.uniform(*_METRES_A_SECOND))
    began = now - timedelta(seconds=3600 + chance.randrange(DAYS * 86_400))
    return {
        "trip_id": trip_id,
        "city": "simulated",
        "started_at": _local(began),
        "ended_at": _local(began + timedelta(seconds=seconds)),
        "duration_s": seconds,
        "start_station": start["id"],
        "start_name": start["name"],
        "start_lat": start["lat"],
        "start_lon": start["lon"],
        "end_station": end["id"],
        "end_name": end["name"],
        "end_lat": end["lat"],
        "end_lon": end["lon"],
        "bike_id": chance.randrange(1000, 1400),
        "member": "yes",
        "rider_ref": rider,
    }


def _faulty(row: dict[str, Any], fault: str, now: datetime) -> dict[str, Any]:
    """What a partner's system gets wrong."""
    wrong: dict[str, dict[str, Any]] = {
        "round": {"end_station": row["start_station"]},
        "teleport": {"ended_at": row["started_at"][:-2] + "59", "duration_s": ""},
        "future": {
            "started_at": _local(now + timedelta(days=1)),
            "ended_at": _local(now + timedelta(days=1, minutes=9)),
            "duration_s": "",
        },
        "broken": {"start_lat": "n/a"},
    }
    return row | wrong[fault]


def _local(moment: datetime) -> str:
    return moment.astimezone(ZONE).replace(tzinfo=None, microsecond=0).isoformat(sep=" ")


def _rider(number: int) -> str:
    return f"rider-{number}"
