"""Emergency accesses in words, and the alarm on every page of the city's staff while one lasts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from uuid import UUID

from app.context import db_session, now
from app.errors import Problem
from app.governance import emergencies
from app.governance.emergency_models import EmergencyAccess, EmergencyAct, EmergencyDeed
from app.identity import service as identity
from app.identity.block_models import WalletBlock
from app.identity.models import Role
from app.identity.roles import STAFF, roles_of
from app.privacy.service import Actor
from app.rewards.models import Programme
from app.rights.models import RightsRequest
from app.security import maybe_principal, principal
from app.web import formats
from app.web.telling import request_words
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l
from app.web.words import locale

DEED = {
    EmergencyDeed.BLOCK: _l("a wallet was blocked"),
    EmergencyDeed.PAUSE: _l("a programme was paused"),
    EmergencyDeed.READ: _l("a late request was read"),
    EmergencyDeed.ANSWER: _l("a late request was answered"),
    EmergencyDeed.SEEK: _l("somebody was looked for whom nobody knows here"),
}


ABOUT: dict[EmergencyDeed, type[WalletBlock | Programme | RightsRequest]] = {
    EmergencyDeed.BLOCK: WalletBlock,
    EmergencyDeed.PAUSE: Programme,
    EmergencyDeed.READ: RightsRequest,
    EmergencyDeed.ANSWER: RightsRequest,
}
REVIEWER = {
    Role.OFFICER: _l("another officer"),
    Role.AUDITOR: _l("an auditor"),
    Role.TREASURER: _l("a treasurer"),
}


def until() -> list[str]:
    """The ends of those that last now, for staff; others pay nothing for it."""
    person = maybe_principal()
    if person is None or STAFF.isdisjoint(person.roles):
        return []
    return [formats.moment(one.until) for one in emergencies.open_accesses(db_session(), now())]


def shown(row: EmergencyAccess) -> SimpleNamespace:
    """The caller commits: reading address, reason and findings is recorded."""
    session, reader = db_session(), principal()
    over, ended = emergencies.is_over(session, row, now()), emergencies.end_of(session, row)
    own, reviews = row.person_id == reader.person_id, emergencies.reviews_of(session, row.id)
    actor = emergencies.reader(reader.person_id, frozenset(reader.roles))
    looked = {one.person_id for one in reviews} | {row.person_id}
    reviewer = not emergencies.REVIEWERS.isdisjoint(reader.roles)
    return SimpleNamespace(
        id=row.id,
        who=_("you") if own else _address(row, actor),
        since=formats.moment(row.opened_at),
        until=formats.moment(ended.at if ended else row.until),
        over=over,
        reason=_read(partial(emergencies.reason_of, session, row, actor)),
        acts=[_act(one) for one in emergencies.acts_of(session, row.id)],
        reviews=[
            (
                formats.moment(one.at),
                _reviewer(one.person_id),
                _read(partial(emergencies.text_of, session, one, actor)),
            )
            for one in reviews
        ],
        missing=max(emergencies.REVIEWS - len(reviews), 0),
        may_end=not over and (own or reader.has(Role.OFFICER)),
        may_review=over and reviewer and reader.person_id not in looked,
    )


def _address(row: EmergencyAccess, actor: Actor) -> str:
    purpose = emergencies.PURPOSE
    found = identity.email_of(db_session(), row.person_id, purpose=purpose, actor=actor)
    return found or _("no address")


def _act(row: EmergencyAct) -> tuple[str, str, str]:
    return formats.moment(row.at), str(DEED[row.deed]), _about(row)


def _about(row: EmergencyAct) -> str:
    """Which one, without naming any citizen; nothing of what is kept no longer."""
    match db_session().get(ABOUT.get(row.deed, EmergencyAccess), row.about):
        case WalletBlock(until=until):
            return _("until %(until)s", until=formats.moment(until))
        case Programme(name=name):
            return str(name[locale()])
        case RightsRequest(kind=kind, received_at=at):
            received = _("received on %(day)s", day=formats.moment(at))
            return f"{request_words.KIND[kind]}, {received}"
    return ""


def _reviewer(person_id: UUID) -> str:
    """You, or as what somebody else may look."""
    if person_id == principal().person_id:
        return _("you")
    held = roles_of(db_session(), person_id, now())
    return next((str(word) for role, word in REVIEWER.items() if role in held), _("somebody else"))


def _read(text: Callable[[], str]) -> str:
    """Of somebody who left after two had looked, the rest is shown all the same."""
    try:
        return text()
    except Problem as problem:
        if problem.code != "data-erased":
            raise
        return _("not to be read: the person closed their account")
