"""Partners' files, of shared bikes and of buses, made, signed and handed in as real ones would be.

Most trips are of linked riders; some riders never linked, some rows name no rider at all, and a
few can't have happened: those the import refuses, each with its reason.
"""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
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
from app.demo.world import DemoError, World
from app.identity.models import Organisation

PARTNER = "bike-share"
RIDERS = 40  # citizens who linked their account
DAYS = 6
_HEADER = (*COLUMNS, "rider_ref")


@dataclass(frozen=True)
class File:
    """What a partner brings: rows by kind, and how fast its riders go in metres a second."""

    partner: str
    action_type: str
    linked: int
    unlinked: int
    unnamed: int
    speed: tuple[float, float]


BIKES = File(PARTNER, "bike-trip", 640, 40, 60, (3.0, 5.5))
BUSES = File("bus-network", "bus-trip", 480, 30, 0, (4.0, 8.0))


def import_once(world: World) -> None:
    """Links riders and imports each partner's file; returns once the jobs have ended."""
    for file in (BIKES, BUSES):
        with world.parts.database.transaction() as session:
            partner = world.organisation(session, file.partner)
            job_id = session.scalar(
                select(col(ImportJob.id)).where(col(ImportJob.organisation_id) == partner.id)
            )
            _link_riders(world, session, partner.id)
        _finish(world, file, job_id)


def _finish(world: World, file: File, known: UUID | None) -> None:
    riders = min(RIDERS, len(world.city.citizens) - 1)
    with world.parts.database.session() as session:
        now = world.now(session)
    job = known or hand_in(world, file, simulated_file(file, now, riders))
    counts = wait_for_job(world, job)
    rows = ", ".join(f"{number} {what}" for what, number in counts.items())
    world.say(f"    file of {file.partner}: {rows}")


def wait_for_job(world: World, job_id: UUID) -> dict[str, int]:
    """What became of the rows. Raises DemoError when the job failed."""
    world.wait(
        "importing a partner's file",
        lambda session: session.get_one(ImportJob, job_id).state in ("done", "failed"),
    )
    with world.parts.database.session() as session:
        job = session.get_one(ImportJob, job_id)
    if job.state == "failed":
        raise DemoError(f"A partner's simulated file was not imported: {job.error}.")
    return job.counts


def hand_in(world: World, file: File, content: str) -> UUID:
    """Signs the file's root with the partner's key and submits it; the job's id."""
    with world.parts.database.session() as session:
        organisation = world.organisation(session, file.partner)
        person = world.person(session, file.partner)
        now = world.now(session)
    folder, seed = uploads_folder(world.parts.settings.home), secrets.token_bytes(32)
    signed = _signed(world, organisation, content, seed, now)
    with (
        stored_upload(folder, io.BytesIO(content.encode())) as path,
        world.parts.database.transaction() as session,
    ):
        job = submit(
            session,
            organisation=organisation,
            programme_id=world.programme(session).id,
            options=read_options({"action_type": file.action_type}, organisation, world.catalogue),
            upload=Upload(path.name, seed, signed),
            domain=world.domain,
            by=person,
            now=now,
        )
        return job.id


def _signed(
    world: World, organisation: Organisation, content: str, seed: bytes, now: datetime
) -> Signed[typed.ImportStatement]:
    spool = world.parts.settings.home / "run" / "simulated-partner.tree"
    tree = build(spool, seed, read_rows(io.StringIO(content, newline="")))
    spool.unlink()
    partner = str(organisation.key_address)
    struct = typed.ImportStatement(partner, tree.root, tree.count, int(now.timestamp()))
    with world.parts.database.session() as session:
        person = world.person(session, organisation.slug)
    signer = world.parts.signer.for_session(world.token(person))
    return Signed(struct, signer.sign_statement(partner, struct))


def _link_riders(world: World, session: Session, organisation_id: UUID) -> None:
    """Each citizen gives the partner a one-time code from their account."""
    now = world.now(session)
    for citizen in world.city.citizens[1 : RIDERS + 1]:
        person = world.person(session, citizen.local)
        if not any(o.organisation_id == organisation_id for o in links_of(session, person)):
            code, _ = make_code(session, person_id=person, organisation_id=organisation_id, now=now)
            link_rider(
                session,
                organisation_id=organisation_id,
                rider_ref=_rider(citizen.number),
                code=code,
                now=now,
            )


def simulated_file(file: File, now: datetime, riders: int) -> str:
    """CSV in the columns of a real partner's file, plus rider_ref; local times."""
    chance = Random(f"{SEED}:{file.partner}")  # noqa: S311 - a simulation
    text = io.StringIO()
    table = csv.DictWriter(text, _HEADER, lineterminator="\n")
    table.writeheader()
    table.writerows(_rows(file, now, riders, chance))
    return text.getvalue()


def _rows(file: File, now: datetime, riders: int, chance: Random) -> Iterator[dict[str, Any]]:
    kinds = ["linked"] * file.linked + ["unlinked"] * file.unlinked + ["unnamed"] * file.unnamed
    for number, kind in enumerate(kinds, start=1):
        rider = {
            "linked": _rider(2 + number % riders),
            "unlinked": f"guest-{number}",
            "unnamed": "",
        }[kind]
        yield _trip(f"sim-{number}", rider, now, file.speed, chance)
    for number, fault in enumerate(("round", "teleport", "future", "broken"), start=1):
        trip = _trip(f"odd-{number}", _rider(2), now, file.speed, chance)
        yield _faulty(trip, fault, now)


def _trip(
    trip_id: str, rider: str, now: datetime, speed: tuple[float, float], chance: Random
) -> dict[str, Any]:
    start, end = chance.sample(stations(), 2)
    metres = haversine_m(start["lat"], start["lon"], end["lat"], end["lon"])
    seconds = round(metres / chance.uniform(*speed))
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
