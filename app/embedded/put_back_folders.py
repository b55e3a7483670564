"""The folders that `civis restore put-back` makes, and moves aside, beside the database's own."""

from __future__ import annotations

from pathlib import Path

from app.embedded.errors import EmbeddedError

RESTORING, LOST = "restoring", "lost-"


def require_no_restore(data: Path) -> None:
    """A restore that was cut short leaves no empty city, and none with open doors."""
    draft, lost = data.parent / RESTORING, sorted(data.parent.glob(f"{LOST}*"))
    moved = f" What was there before lies in {lost[-1]}." if lost and not data.exists() else ""
    if draft.exists() and draft != data:
        raise EmbeddedError(
            f"A restore was cut short: `civis restore put-back` again, or delete {draft} to go on "
            f"without it.{moved}"
        )
    if moved and not draft.exists():
        raise EmbeddedError(
            f"There is no database in {data}: `civis restore put-back`, or move there what is to "
            f"be its database.{moved}"
        )
