"""`civis appoint`: a city's first officers and treasurers, two of each, named by the operator.

Two, because nobody confirms what they proposed. While there is one, the operator has no say: from
then on officers give roles, each with another's confirmation.
"""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.as_json import AS_JSON, answer
from app.clock import city_day, city_midnight
from app.config import ConfigError, Settings
from app.errors import Problem
from app.governance.roles import LONGEST, holders
from app.identity import service as identity
from app.identity.models import IdentityLevel, Role
from app.identity.people import normal_email
from app.services import Services, connect_to_change

_LOCK = 0x43495650  # two appointments at once are one after the other


@click.command()
@click.option("--officer", "officers", multiple=True, metavar="EMAIL", help="Twice.")
@click.option("--treasurer", "treasurers", multiple=True, metavar="EMAIL", help="Twice.")
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST.days),
    default=365,
    show_default=True,
    help="How long these roles last, to the end of the last day.",
)
@AS_JSON
def command(
    *, officers: tuple[str, ...], treasurers: tuple[str, ...], days: int, as_json: bool
) -> None:
    """Appoint a city's first two officers or treasurers, while there is none of them. They sign
    in with a code sent to their address, and add a passkey."""
    named = {Role.OFFICER: officers, Role.TREASURER: treasurers}
    settings = Settings.from_env(os.environ)
    _check_named(named)
    parts = connect_to_change(settings, name="civis appoint")
    try:
        last, until = _appoint(parts, named, days)
    finally:
        parts.database.dispose()
    counts = {role.value: len(emails) for role, emails in named.items() if emails}
    answer(
        {
            "appointed": counts,
            "last_day": last.isoformat(),
            "valid_until": until.isoformat(),
        },
        *(f"{count} {role}s until the end of {last}" for role, count in counts.items()),
        f"They sign in at {settings.public_url}/sign-in with a code sent by e-mail, and",
        "add a passkey there, without which their roles do not count.",
        as_json=as_json,
    )


def _check_named(named: dict[Role, tuple[str, ...]]) -> None:
    everybody = [_address(email) for emails in named.values() for email in emails]
    if not everybody:
        raise ConfigError("Name two officers or two treasurers: --officer EMAIL --officer EMAIL.")
    if len(set(everybody)) != len(everybody):
        raise ConfigError("Name four different people: nobody confirms what they proposed.")
    for role, emails in named.items():
        if emails and len(emails) != 2:
            raise ConfigError(f"Name two {role.value}s: nobody confirms what they proposed.")


def _address(email: str) -> str:
    try:
        return normal_email(email)
    except Problem as problem:
        raise ConfigError(f"{email!r} is no e-mail address.") from problem


def _appoint(
    parts: Services, named: dict[Role, tuple[str, ...]], days: int
) -> tuple[date, datetime]:
    """All of them or nobody; their last day in the city, and the midnight after it."""
    with parts.database.transaction() as session:
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        now = parts.clock.now(session)
        last = city_day(session, now) + timedelta(days=days)
        until = city_midnight(session, last + timedelta(days=1))
        try:
            for role, emails in named.items():
                if emails and holders(session, role, now):
                    raise ConfigError(_instead(role, parts.settings.public_url))
                for email in emails:
                    _give(session, role, email, now, until)
        except Problem as problem:
            said = problem.sentence("en")
            raise ConfigError(f"{said.title}. {said.detail} {said.remedy}") from problem
    return last, until


def _give(session: Session, role: Role, email: str, now: datetime, until: datetime) -> None:
    person = identity.register_person(session, email, level=IdentityLevel.CONTACT, now=now)
    identity.grant_role(session, person_id=person.id, role=role, now=now, valid_until=until)


def _instead(role: Role, public_url: str) -> str:
    return (
        f"There is a {role.value} already. Officers give roles, each with another's "
        f"confirmation, at {public_url}/office/people."
    )
