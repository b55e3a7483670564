"""What a deed tells beside its kind, quantity and time, for whose deed it is."""

from __future__ import annotations

from collections.abc import Mapping

from app.actions.models import Action
from app.web import formats
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l

LABELS = {
    "seats": _l("Seats shared"),
    "contribution_cents": _l("Paid by the passenger"),
    "revenue_cents": _l("Brought by the trip"),
    "proof_class": _l("Class of the proof"),
    "start": _l("Began in"),
    "end": _l("Ended in"),
    "other": _l("Shared with"),
    "trip": _l("The car"),
}


def told(action: Action) -> list[tuple[str, str]]:
    """In the order of the labels; of others only that there was somebody."""
    return [
        (str(label), _said(name, action.told[name]))
        for name, label in LABELS.items()
        if name in action.told
    ]


def _said(name: str, value: object) -> str:
    if name == "other":
        return _("another person, whose name is not kept here")
    if name == "trip":
        return _("known by a number that nobody can read, the same for all who were in it")
    if isinstance(value, Mapping):
        return ", ".join(f"{kind} {code}" for kind, code in value.items())
    if isinstance(value, int) and name != "seats":
        return formats.euros(value)
    return formats.whole(value) if isinstance(value, int) else str(value)
