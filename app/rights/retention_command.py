"""`civis retention`: what the retention job would delete now, and what is kept and why."""

from __future__ import annotations

import json
import os
from typing import Any

import click

from app.config import Settings
from app.identity import never_came
from app.privacy.retention import apply_retention, due
from app.rights.kept import KEPT
from app.services import connect, connect_to_change

__all__ = ["never_came"]


@click.command()
@click.option("--apply", "really", is_flag=True, help="Delete it now instead of at the next round.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(*, really: bool, as_json: bool) -> None:
    """Show what is due; nothing is deleted without --apply."""
    enter = connect_to_change if really else connect
    parts = enter(Settings.from_env(os.environ), name="civis retention")
    with parts.database.session() as session:
        now = parts.clock.now(session)
        rows: list[dict[str, Any]] = [
            {
                "table": one.rule.table,
                "kept_days": round(one.rule.keep.total_seconds() / 86_400, 2),
                "why": one.rule.why,
                "due": one.rows,
            }
            for one in due(session, now)
        ]
        deleted = apply_retention(session, now) if really else {}
    parts.database.dispose()
    if as_json:
        kept = {name: {"until": one.until, "why": one.why} for name, one in KEPT.items()}
        click.echo(json.dumps({"rules": rows, "kept": kept, "deleted": deleted}))
        return
    for row in rows:
        what = f"{deleted[row['table']]} deleted" if really else f"{row['due']} due"
        click.echo(f"{row['table']:20} {row['kept_days']:>6} days  {what:>12}  {row['why']}")
    for name, one in KEPT.items():
        click.echo(f"{name:20}   kept until {one.until}: {one.why}")
