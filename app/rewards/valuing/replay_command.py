"""`civis programme replay`: whether every amount comes out the same from what was kept."""

from __future__ import annotations

import os
from dataclasses import asdict

import click
from sqlalchemy import select, text
from sqlmodel import col

from app.as_json import AS_JSON, answer
from app.config import Settings
from app.rewards.models import Programme
from app.rewards.valuing.replay import Difference, Replay
from app.services import connect

_SHOWN = 20


@click.command("replay")
@click.argument("slug")
@AS_JSON
def replay(slug: str, *, as_json: bool) -> None:
    """Value all deeds of a programme again, in their order, from the kept inputs.

    Nothing is changed. Exits 1 when an amount, a limit that cut or a counter differs.
    """
    parts = connect(Settings.from_env(os.environ), name="civis programme replay")
    try:
        with parts.database.session() as session:
            session.execute(text("set transaction isolation level repeatable read, read only"))
            programme = session.scalar(select(Programme).where(col(Programme.slug) == slug))
            if programme is None:
                raise click.ClickException(f"there is no programme {slug}")
            run = Replay(session, programme)
            differences = list(run.differences())
    finally:
        parts.database.dispose()
    found = [asdict(one) for one in differences]
    answer(
        {"programme": slug, **asdict(run.done), "differences": found},
        *(_told(one) for one in differences[:_SHOWN]),
        f"{slug}: {run.done.evaluations} evaluations and {run.done.returned} corrections, "
        f"{run.done.cents} cents promised, {len(differences)} differences.",
        as_json=as_json,
    )
    if differences:
        raise SystemExit(1)


def _told(one: Difference) -> str:
    where = "at the end" if one.number is None else f"number {one.number}"
    return f"{where}: {one.what}: kept {one.kept}, comes to {one.found}"
