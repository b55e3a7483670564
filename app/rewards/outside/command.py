"""`civis programme outside`: what rules name and don't hold, listed, shown, checked, begun."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from app.as_json import AS_JSON, answer
from app.config import Settings
from app.doors import check_doors
from app.errors import NotFound, Problem
from app.rewards.campaigns.faults import CampaignError
from app.rewards.campaigns.reading import read_file
from app.rewards.outside import queries
from app.rewards.outside.documents import KINDS, Document, InvalidDocumentError, document
from app.rewards.outside.holidays import YEARS, calendars
from app.rewards.outside.models import OutsideData
from app.rewards.outside.publishing import newest, publish_outside
from app.services import connect

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("outside")
def outside() -> None:
    """Calendars, zones and numbers that rules name and don't hold."""


@outside.command("list")
@AS_JSON
def list_all(*, as_json: bool) -> None:
    """The newest version of each."""
    with _session() as (session, _now, _zone):
        rows = [_told(row) for row in queries.newest_of_each(session)]
    answer(rows, *(_line(one, "version", "valid_from", "hash") for one in rows), as_json=as_json)


@outside.command("show")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("name")
@click.option("--version", type=int, help="Of this number; unless said, the newest.")
@AS_JSON
def show(*, kind: str, name: str, version: int | None, as_json: bool) -> None:
    """A version as the document that its hash is of; it is JSON either way, by --json on a line."""
    with _session() as (session, _now, _zone):
        try:
            found = queries.versions_of(session, queries.kind_of(kind), name)[0]
            if version is not None:
                found = queries.one_version(session, found.kind, name, version)
        except NotFound as error:
            raise click.ClickException(f"there is no such {kind} {name}") from error
        whole = queries.document_of(found).to_json()
    answer(whole, json.dumps(whole, ensure_ascii=False, indent=1), as_json=as_json)


@outside.command("check")
@click.argument("file", type=_FILE)
@AS_JSON
def check(*, file: Path, as_json: bool) -> None:
    """Whether a document may be entered, and the hash that it has then."""
    found = _read(file)
    digest = f"0x{found.hash.hex()}"
    said = {"kind": found.kind.value, "name": found.name, "hash": digest}
    answer(said, digest, as_json=as_json)


@outside.command("put")
@click.argument("file", type=_FILE, required=False)
@click.option(
    "--from", "begin", type=click.DateTime(["%Y-%m-%d"]), help="First day; unless said, today."
)
@AS_JSON
def put(*, file: Path | None, begin: datetime | None, as_json: bool) -> None:
    """Enter the first version of a name; without FILE, France's public holidays.

    No rules can rely on it yet. Later versions are for two officers, by page or API.
    """
    documents = [_read(file)] if file else calendars()
    with _session() as (session, now, zone):
        check_doors(session)
        today = now.astimezone(zone).date()
        day = begin.date() if begin else today if file else date(YEARS.start, 1, 1)
        valid_from = datetime.combine(day, time(), zone)
        rows = [_told(_put(session, one, valid_from, now)) for one in documents]
        session.commit()
    answer(rows, *(_line(one, "version", "hash") for one in rows), as_json=as_json)


def _put(session: Session, one: Document, valid_from: datetime, now: datetime) -> OutsideData:
    known = newest(session, one.kind, one.name)
    if known is not None and known.hash != one.hash:
        raise click.ClickException(f"{one.kind.value} {one.name} is there; two officers change it")
    if known is None:
        try:
            known = publish_outside(session, one, valid_from=valid_from, now=now)
        except Problem as problem:
            raise click.ClickException(problem.code) from problem
    return known


def _read(file: Path) -> Document:
    try:
        return document(read_file(file))
    except (CampaignError, InvalidDocumentError) as error:
        raise click.ClickException(f"{file}: {error}") from error


def _told(row: OutsideData) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "name": row.name,
        "version": row.version,
        "valid_from": row.valid_from.isoformat(),
        "hash": f"0x{row.hash.hex()}",
        "source": row.source,
        "licence": row.licence,
    }


def _line(one: dict[str, Any], *names: str) -> str:
    return " ".join(str(one[name]) for name in ("kind", "name", *names))


@contextmanager
def _session() -> Iterator[tuple[Session, datetime, Any]]:
    """With the present moment and the city's time zone."""
    settings = Settings.from_env(os.environ)
    parts = connect(settings, name="civis programme outside")
    try:
        with parts.database.session() as session:
            yield session, parts.clock.now(session), settings.time_zone
    finally:
        parts.database.dispose()
