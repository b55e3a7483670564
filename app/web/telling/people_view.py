"""People with a role, in words: their address is read for this purpose and the reading recorded."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

from app.context import db_session, now
from app.errors import Problem
from app.governance.roles import LONGEST, PURPOSE
from app.identity import service as identity
from app.identity.models import Organisation, Role, RoleGrant
from app.privacy.service import Actor
from app.security import principal
from app.web import formats
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l

ROLE_WORDS = {
    Role.ATTESTER: _l("clerk who certifies"),
    Role.ATTESTER_ADMIN: _l("keeper of an organisation's key"),
    Role.MERCHANT: _l("merchant"),
    Role.PARTNER: _l("partner"),
    Role.OFFICER: _l("officer"),
    Role.TREASURER: _l("treasurer"),
    Role.AUDITOR: _l("auditor"),
    Role.OPERATOR: _l("operator"),
}


def role_words(role: str, organisation_id: str | UUID | None) -> str:
    words = str(ROLE_WORDS[Role(role)])
    if organisation_id is None:
        return words
    body = db_session().get_one(Organisation, UUID(str(organisation_id)))
    return _("%(role)s, %(name)s", role=words, name=body.name)


def address(person_id: str | UUID, reader: Role = Role.OFFICER) -> str:
    """The caller commits, so that the reading stays recorded."""
    found, why_none = _read(person_id, reader)
    return found or why_none


def _read(person_id: str | UUID, reader: Role = Role.OFFICER) -> tuple[str | None, str]:
    """Their address, or None and why."""
    actor = Actor(principal().person_id, reader.value)
    try:
        found = identity.email_of(db_session(), UUID(str(person_id)), purpose=PURPOSE, actor=actor)
    except Problem as problem:
        if problem.code != "use-halted":
            raise
        return None, _("not to be read: the person restricted it")
    return found, _("no address")


def shown(grant: RoleGrant) -> SimpleNamespace:
    until = grant.valid_until
    found, why_none = _read(grant.person_id)
    own = grant.person_id == principal().person_id
    return SimpleNamespace(
        id=grant.id,
        address=found or why_none,
        role=role_words(grant.role.value, grant.organisation_id),
        since=formats.day(grant.valid_from.astimezone(formats.here()).date()),
        until=last_day(until) if until else _("no end"),
        giver=_giver(grant),
        own=own,
        prolonging=None if own or until is None else _prolonging(grant, found, until),
    )


def _prolonging(grant: RoleGrant, email: str | None, until: datetime) -> dict[str, str]:
    """The form that proposes the same role for a year more, within the longest that there is."""
    longest = (now() + LONGEST).astimezone(formats.here()).date() - timedelta(days=1)
    return {
        "email": email or "",
        "role": grant.role.value,
        "organisation_id": str(grant.organisation_id or ""),
        "last_day": min(_last(until) + timedelta(days=365), longest).isoformat(),
    }


def last_day(until: datetime, zone: str | None = None) -> str:
    """The day at whose end a role, key or device ends, or in which it does."""
    return formats.day(_last(until, zone))


def _last(until: datetime, zone: str | None = None) -> date:
    place = ZoneInfo(zone) if zone else formats.here()
    return (until - timedelta(seconds=1)).astimezone(place).date()


def _giver(grant: RoleGrant) -> str:
    if grant.granted_by is None:
        return _("the operator, on the first day")
    if principal().person_id in (grant.granted_by, grant.confirmed_by):
        return _("you and another officer")
    return _("two officers")
