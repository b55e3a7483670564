"""Changes that one person made alone, in sentences: what, before, after, when, by whom.

No name stands here: an officer is "you" or "another officer".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app import changes
from app.change_models import Change
from app.web import formats
from app.web.shell import state_words
from app.web.words import gettext as _

Values = Mapping[str, Any]
SHOWN = 5


def told(session: Session, subject_id: UUID, person_id: UUID) -> list[str]:
    """The last changes of an organisation, a device or a programme, newest first."""
    return [_sentence(row, person_id) for row in changes.changes_of(session, subject_id, SHOWN)]


def _sentence(row: Change, person_id: UUID) -> str:
    who = _("another person") if row.by else _("the installation")
    return _(
        "%(when)s, by %(who)s: %(what)s",
        when=formats.moment(row.at),
        who=_("you") if row.by == person_id else who,
        what=WORDS[row.what](row.before, row.after),
    )


def _ceilings(before: Values, after: Values) -> str:
    return _(
        "daily ceiling from %(before)s to %(after)s.", before=_daily(before), after=_daily(after)
    )


def _daily(values: Values) -> str:
    return _(
        "%(deeds)s deeds and %(tokens)s",
        deeds=formats.whole(values["actions_per_day"]),
        tokens=formats.tokens(values["reward_cents_per_day"]),
    )


def _state(before: Values, after: Values) -> str:
    return _(
        "from “%(before)s” to “%(after)s”.",
        before=state_words(before["state"]),
        after=state_words(after["state"]),
    )


def _offered(_before: Values, after: Values) -> str:
    return _("key %(key)s offered.", key=after["key"])


def _registered(_before: Values, after: Values) -> str:
    return _("key %(key)s registered.", key=after["key"])


def _end(_before: Values, after: Values) -> str:
    last = date.fromisoformat(after["last_day_to_spend"])
    return _("end announced, last day to spend %(day)s.", day=formats.day(last))


WORDS: Mapping[str, Callable[[Values, Values], str]] = {
    changes.CEILINGS: _ceilings,
    changes.STATE: _state,
    changes.END: _end,
    changes.KEY_OFFERED: _offered,
    changes.KEY_REGISTERED: _registered,
}
