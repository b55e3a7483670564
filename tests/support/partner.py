"""A partner's system for tests of imports: it signs files and hands them in."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlmodel import col

from app.actions.attestation import Signed
from app.actions.imports.jobs import run_import_jobs
from app.actions.imports.rows import read_rows
from app.actions.imports.statement import build
from app.actions.imports.submit import Upload, read_options, submit
from app.actions.imports.uploads import stored_upload, uploads_folder
from app.actions.models import Action, ImportJob, ImportResult
from app.chain import typed
from app.identity.models import Organisation
from app.impact.catalogue import catalogue
from app.rewards.valuing.import_tools import tools_of
from app.services import Services
from tests.support.city import DOMAIN, Wallets

REAL = Path(__file__).parents[3] / "shared/data/trips/bike_share_trips.csv"
ZONES: dict[str, Any] = {
    "time_zone_column": "city",
    "time_zones": {
        "Boston": "America/New_York",
        "New York": "America/New_York",
        "Washington": "America/New_York",
        "Chicago": "America/Chicago",
    },
}
HEAD = "trip_id,started_at,ended_at,start_lat,start_lon,end_lat,end_lon,rider_ref"


@dataclass
class Partner:
    """A partner's system: it signs files and hands them in."""

    services: Services
    organisation_id: UUID
    programme_id: UUID
    key: bytes
    now: datetime

    def send(self, content: str, *, key: bytes | None = None, **options: Any) -> ImportJob:
        """Submits and works the job; as it stands afterwards."""
        job_id = self.hand_in(content, key=key, **options)
        run_import_jobs(tools_of(self.services, wallets=Wallets()))
        with self.services.database.session() as session:
            return session.get_one(ImportJob, job_id)

    def hand_in(self, content: str, *, key: bytes | None = None, **options: Any) -> UUID:
        seed = secrets.token_bytes(32)
        root, rows = self.root(content, seed)
        struct = typed.ImportStatement(
            typed.address_of(self.key), root, rows, int(self.now.timestamp())
        )
        digest = typed.import_statement_digest(DOMAIN, struct)
        signed = Signed(struct, typed.sign(digest, key or self.key))
        folder, source = uploads_folder(self.services.settings.home), io.BytesIO(content.encode())
        with stored_upload(folder, source) as path, self.services.database.transaction() as session:
            organisation = session.get_one(Organisation, self.organisation_id)
            return submit(
                session,
                organisation=organisation,
                programme_id=self.programme_id,
                options=read_options(options, organisation, catalogue()),
                upload=Upload(path.name, seed, signed),
                domain=DOMAIN,
                by=None,
                now=self.now,
            ).id

    def root(self, content: str, seed: bytes) -> tuple[bytes, int]:
        spool = self.services.settings.home / "root.tree"
        tree = build(spool, seed, read_rows(io.StringIO(content, newline="")))
        return tree.root, tree.count

    def results(self, job: ImportJob) -> list[tuple[str, str | None]]:
        with self.services.database.session() as session:
            query = select(col(ImportResult.result), col(ImportResult.reason_code))
            query = query.where(col(ImportResult.job_id) == job.id)
            rows = session.execute(query.order_by(col(ImportResult.row_number)))
            return [(row.result, row.reason_code) for row in rows]

    def count(self, table: Any) -> int:
        with self.services.database.session() as session:
            own = col(table.organisation_id) == self.organisation_id
            return session.scalar(select(func.count()).select_from(table).where(own)) or 0


def trip(partner: Partner, number: int, rider_ref: str = "", *, minutes: int = 10) -> str:
    """1.3 km in ten minutes, `number` hours ago, in UTC."""
    start = partner.now - timedelta(hours=number)
    end = start + timedelta(minutes=minutes)
    times = f"{start.isoformat()},{end.isoformat()}"
    return f"t-{number},{times},48.85,2.35,48.86,2.36,{rider_ref}"


def table(*rows: str) -> str:
    return "\n".join((HEAD, *rows)) + "\n"


def actions(partner: Partner) -> list[Action]:
    with partner.services.database.session() as session:
        own = col(Action.organisation_id) == partner.organisation_id
        return list(session.scalars(select(Action).where(own).order_by(col(Action.deed_at))))


def promised(partner: Partner) -> int:
    with partner.services.database.session() as session:
        cents = session.execute(
            text(
                "select sum(cents) from reward_counter"
                " where programme_id = :id and scope = 'budget'"
            ),
            {"id": partner.programme_id},
        ).scalar_one()
        return int(cents)
