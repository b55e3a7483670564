"""`civis retention`: what the retention job would delete now, and what is kept and why."""

from __future__ import annotations

import os
from typing import Any

import click

from app.as_json import AS_JSON, answer
from app.config import Settings
from app.identity import never_came
from app.privacy.retention import apply_retention, due
from app.rights.kept import KEPT
from app.services import connect, connect_to_change

__all__ = ["never_came"]


@click.command()
@click.option("--apply", "really", is_flag=True, help="Delete it now instead of at the next round.")
@AS_JSON
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
    lines = []
    for row in rows:
        what = f"{deleted[row['table']]} deleted" if really else f"{row['due']} due"
        lines.append(f"{row['table']:20} {row['kept_days']:>6} days  {what:>12}  {row['why']}")
    lines += [f"{name:20}   kept until {one.until}: {one.why}" for name, one in KEPT.items()]
    kept = {name: {"until": one.until, "why": one.why} for name, one in KEPT.items()}
    answer({"rules": rows, "kept": kept, "deleted": deleted}, *lines, as_json=as_json)
