"""Requests about one's own data in words: what was asked, where it stands, what stands still."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

from app.privacy.halt_models import Halt
from app.privacy.notices import purpose_named
from app.rights.models import RequestKind, RequestState, RightsRequest
from app.web import formats
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l
from app.web.words import locale

KIND = {
    RequestKind.RECTIFICATION: _l("Something about me is wrong"),
    RequestKind.RESTRICTION: _l("Stop every use but my own"),
    RequestKind.OBJECTION: _l("I object to one use"),
    RequestKind.ERASURE: _l("Close the account and erase my data"),
    RequestKind.ACCESS: _l("Take my data with me"),
    RequestKind.GUARDIANSHIP: _l("I do not agree with my guardianship"),
}
STATE = {
    RequestState.OPEN: _l("waits for an answer"),
    RequestState.GRANTED: _l("done"),
    RequestState.REFUSED: _l("refused"),
    RequestState.WITHDRAWN: _l("withdrawn"),
}
CHIP = {
    RequestState.OPEN: "pending",
    RequestState.GRANTED: "settled",
    RequestState.REFUSED: "refused",
    RequestState.WITHDRAWN: "withdrawn",
}


def title(purpose: str) -> str:
    return str(purpose_named(purpose).texts[locale()]["title"])


def shown(
    found: RightsRequest, words: tuple[str | None, str | None], at: datetime
) -> SimpleNamespace:
    """`words`: what was asked and what was answered."""
    what = str(KIND[found.kind])
    return SimpleNamespace(
        id=found.id,
        what=f"{what}: {title(found.purpose)}" if found.purpose else what,
        text=words[0],
        answer=words[1],
        open=found.state is RequestState.OPEN,
        state=CHIP[found.state],
        state_words=str(STATE[found.state]),
        received=_day(found.received_at),
        due=_day(found.due_at),
        late=found.state is RequestState.OPEN and at > found.due_at,
        extended=found.extended,
        closed=_day(found.closed_at) if found.closed_at else "",
    )


def halt(found: Halt) -> str:
    since = _day(found.since)
    if found.purpose is None:
        return _("Every use but your own stands still since %(since)s.", since=since)
    return _("“%(what)s” stands still since %(since)s.", what=title(found.purpose), since=since)


def _day(moment: datetime) -> str:
    return formats.day(moment.astimezone(formats.here()).date())
