"""The command `civis import`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlmodel import col

from app.actions.imports.client import ImportRefusedError, PartnerClient, connected
from app.as_json import AS_JSON, answer
from app.config import ConfigError, Settings
from app.identity import service as identity
from app.identity.models import Organisation, Role, RoleGrant
from app.services import connect_to_change


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--programme", required=True, help="The programme's short name.")
@click.option("--partner", help="In a demo home: act as this partner, by its short name.")
@click.option("--url", help="The installation; this machine's own unless given.")
@click.option("--token-file", type=click.Path(path_type=Path), help="The partner's API token.")
@click.option("--key-file", type=click.Path(path_type=Path), help="The partner's key, 0x hex.")
@click.option("--action-type", help="What the trips are; trips by bicycle unless given.")
@click.option("--time-zone", help="Of the file's local times; the partner's unless given.")
@click.option("--time-zone-column", help="The column whose value names the zone, such as city.")
@click.option("--zone", multiple=True, metavar="VALUE=ZONE", help="The zone of a column's value.")
@click.option("--milliseconds-for", multiple=True, metavar="VALUE", help="Durations in ms there.")
@click.option("--link", multiple=True, metavar="RIDER=CODE", help="Link a rider by their code.")
@click.option(
    "--results", type=click.Path(path_type=Path), help="Write each row's result there, NDJSON."
)
@click.option("--timeout", default=600.0, show_default=True, help="Seconds to wait for the job.")
@AS_JSON
def command(file: Path, **options: Any) -> None:
    """Sign a partner's file of trips, hand it in, and tell what became of its rows.

    FILE is CSV in UTF-8 with a header line: trip_id, started_at, ended_at, start_lat, start_lon,
    end_lat and end_lon are needed; rider_ref names a rider who may be linked. Sending the same
    file twice changes nothing.

    The token comes from --token-file or CIVIS_TOKEN. Without --key-file the server signs with
    the key that it keeps for the partner, which the figures say. Exits 1 when the file failed.
    """
    settings = Settings.from_env(os.environ)
    try:
        with (
            _token(settings, options) as token,
            connected(options["url"] or f"http://localhost:{settings.port}", token) as client,
        ):
            job = _import(client, file, options)
    except ImportRefusedError as error:
        raise click.ClickException(str(error)) from error
    answer(job, _sentence(job), as_json=options["as_json"])
    if job["state"] == "failed":
        raise SystemExit(1)


def _import(client: PartnerClient, file: Path, options: dict[str, Any]) -> dict[str, Any]:
    for rider_ref, code in _pairs(options["link"]):
        client.link(rider_ref, code)
    form = _form(options) | {"programme_id": client.programme(options["programme"])}
    job_id = client.send(file, form, _key(options["key_file"]))
    job = client.wait(job_id, options["timeout"], _tell)
    if options["results"] is not None:
        with options["results"].open("w", encoding="utf-8") as target:
            target.writelines(f"{line}\n" for line in client.results(job_id))
    return job


def _tell(job: dict[str, Any]) -> None:
    """How far the job is, beside what is printed at the end."""
    total = "" if job["rows_total"] is None else f" of {job['rows_total']}"
    click.echo(f"{job['state']}: {job['rows_done']}{total} rows", err=True)


def _form(options: dict[str, Any]) -> dict[str, str]:
    names = ("action_type", "time_zone", "time_zone_column")
    form = {name: options[name] for name in names if options[name]}
    if options["zone"]:
        form["time_zones"] = json.dumps(dict(_pairs(options["zone"])))
    if options["milliseconds_for"]:
        form["duration_in_milliseconds_for"] = json.dumps(options["milliseconds_for"])
    return form


def _pairs(given: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for pair in given:
        left, sign, right = pair.rpartition("=")
        if not (left and sign and right):
            raise click.UsageError(f"{pair} is not of the form NAME=VALUE.")
        yield left, right


def _key(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        key = bytes.fromhex(path.read_text("ascii").strip().removeprefix("0x"))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path} holds no key of 64 hexadecimal digits.") from error
    if len(key) != 32:
        raise click.UsageError(f"{path} holds no key of 64 hexadecimal digits.")
    return key


@contextmanager
def _token(settings: Settings, options: dict[str, Any]) -> Iterator[str]:
    """The partner's own token, or in a demo home one that ends with this command."""
    if options["token_file"] is not None:
        yield _token_in(options["token_file"])
    elif token := os.environ.get("CIVIS_TOKEN"):
        yield token
    elif options["partner"] and settings.demo and options["url"] is None:
        with _demo_token(settings, options["partner"]) as token:
            yield token
    else:
        raise click.UsageError("Give the partner's API token by --token-file or CIVIS_TOKEN.")


def _token_in(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path} holds no token that can be read.") from error


@contextmanager
def _demo_token(settings: Settings, slug: str) -> Iterator[str]:
    parts = connect_to_change(settings, name="civis import")
    with parts.database.transaction() as session:
        now = parts.clock.now(session)
        person_id = session.scalar(
            select(col(RoleGrant.person_id))
            .join(Organisation, col(Organisation.id) == col(RoleGrant.organisation_id))
            .where(col(Organisation.slug) == slug, col(RoleGrant.role) == Role.PARTNER)
        )
        if person_id is None:
            raise ConfigError(f"Nobody here acts for a partner {slug}.")
        token = identity.open_session(session, person_id, "api", now)
    try:
        yield token
    finally:
        with parts.database.transaction() as session:
            now = parts.clock.now(session)
            if (live := identity.find_session(session, token, now)) is not None:
                identity.end_session(session, live.id, now)
        parts.database.dispose()


def _sentence(job: dict[str, Any]) -> str:
    counts = ", ".join(f"{count} {result}" for result, count in sorted(job["counts"].items()))
    if job["state"] == "failed":
        said = job["problem"] or {"title": job["error"], "detail": "", "remedy": ""}
        words = " ".join(f"{part.rstrip('.')}." for part in said.values() if part)
        return f"Failed after {job['rows_done']} rows: {words} {counts}".strip()
    return f"{job['rows_done']} rows: {counts}."
