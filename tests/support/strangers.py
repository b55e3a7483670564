"""People who own none of the belongings: one of each role, one of no role, a device, nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import text, update
from sqlalchemy.orm import Session
from sqlmodel import col
from werkzeug.test import TestResponse

from app.actions.device_tokens import issue_token
from app.actions.devices import NewDevice, enter_device
from app.chain import typed
from app.config import DatabaseRole
from app.context import Application
from app.db import Database
from app.identity import service as identity
from app.identity.models import Organisation, OrganisationKind, Role, SignInSession
from app.identity.roles import OF_AN_ORGANISATION
from app.impact.catalogue import catalogue
from app.services import Services
from app.tables import metadata
from tests.support.belongings import Belongings
from tests.support.city import City
from tests.support.shop import Shop

FORM_TOKEN = "form-token-of-a-stranger"
DEVICE, NOBODY = "device", "nobody"
KINDS = {
    Role.ATTESTER: OrganisationKind.ATTESTER,
    Role.ATTESTER_ADMIN: OrganisationKind.ATTESTER,
    Role.PARTNER: OrganisationKind.PARTNER,
}
ROLES = tuple(role.value for role in Role)


@dataclass
class Strangers:
    """The API and the pages as each of them reaches them."""

    app: Application
    tokens: dict[str, str]

    def ask(
        self, who: str, method: str, path: str, body: Any = None, *, form_token: str = FORM_TOKEN
    ) -> TestResponse:
        """By bearer token of a program under /api/, else by cookie with the form's token."""
        client = self.app.test_client()
        if path.startswith("/api/"):
            return self._program(client, who, method, path, body)
        if who in self.tokens:
            client.set_cookie("civis", self.tokens[who])
        with client.session_transaction() as page:
            page["form_token"] = FORM_TOKEN
        form = {"csrf_token": form_token, "idempotency_key": str(uuid4()), **(body or {})}
        sent = None if method in {"GET", "HEAD", "OPTIONS"} else form
        return client.open(path, method=method, headers={"Accept-Language": "en"}, data=sent)

    def _program(
        self, client: FlaskClient, who: str, method: str, path: str, body: Any
    ) -> TestResponse:
        headers = {"Idempotency-Key": str(uuid4()), "Accept-Language": "en"}
        if who in self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        return client.open(path, method=method, json=body, headers=headers)

    def by_cookie(
        self, who: str, method: str, path: str, headers: dict[str, str], form: dict[str, str]
    ) -> TestResponse:
        """As a browser sends it, whatever page made it do so."""
        client = self.app.test_client()
        client.set_cookie("civis", self.tokens[who])
        with client.session_transaction() as page:
            page["form_token"] = FORM_TOKEN
        sent = {"Accept-Language": "en", "Idempotency-Key": str(uuid4()), **headers}
        if path.startswith("/api/"):
            return client.open(path, method=method, json={}, headers=sent)
        return client.open(path, method=method, data=form, headers=sent)


def strangers(app: Application, services: Services) -> Strangers:
    """One person of each role, for an organisation of their own where it takes one."""
    with services.database.transaction() as session:
        now = services.clock.now(session).replace(microsecond=0)
        city, tokens = City(session, now), {}
        for role in Role:
            person = city.citizen().id
            place = _own_place(city, role) if role in OF_AN_ORGANISATION else None
            of = place.id if place else None
            identity.grant_role(session, person_id=person, role=role, now=now, organisation_id=of)
            tokens[role.value] = identity.open_session(session, person, "api", now)
            if role is Role.ATTESTER_ADMIN and place is not None:
                tokens[DEVICE] = _device(session, city, place, person)
        # Each has just proved who they are: what is refused is refused for what it is.
        theirs = col(SignInSession.station_id).is_(None)  # none of a shift's is ever proved
        session.execute(update(SignInSession).where(theirs).values(proved_at=now))
    return Strangers(app, tokens)


def _own_place(city: City, role: Role) -> Organisation:
    if role is Role.MERCHANT:
        shop = Shop(city.session, city.now)
        merchant = shop.merchant(shop.programme())
        return city.session.get_one(Organisation, merchant.organisation_id)
    return city.organisation(KINDS[role])


def _device(session: Session, city: City, place: Organisation, by: UUID) -> str:
    new = NewDevice("Other scale", typed.address_of(typed.new_key()), ["food-waste-compost"])
    own = {"organisation": place, "catalogue": catalogue(), "by": by, "now": city.now}
    device = enter_device(session, new, **own)  # type: ignore[arg-type]
    return issue_token(session, device, by=by, now=city.now)


# Counts of tries change with every request, refused ones too: that is what they are for.
_LEFT_OUT = {"attempt"}
# When a session was seen last is written every few minutes, whoever comes.
_ROW = "(to_jsonb(t) - 'last_seen_at')::text"
_HASH = f"md5(string_agg(md5({_ROW}), '' order by md5({_ROW})))"
_INSTANT = text("select pg_current_snapshot()")  # another once a transaction that wrote has ended
_ROWS = f"select '{{0}}', count(*), {_HASH} from {{0}} t"


class Rows:
    """What every table holds, as the tables' owner sees it, to compare before and after."""

    def __init__(self, services: Services) -> None:
        self._database = Database(
            services.settings.database_url(DatabaseRole.MIGRATOR), name="tests"
        )
        names = [t.fullname for t in metadata.sorted_tables if t.fullname not in _LEFT_OUT]
        self._query = text(" union all ".join(_ROWS.format(name) for name in names))
        self._instant, self._held = "", dict[str, tuple[int, str]]()

    def read(self) -> dict[str, tuple[int, str]]:
        """Every table is gone through only where a transaction has written since the last time."""
        with self._database.session() as session:
            instant = str(session.scalar(_INSTANT))
            if instant != self._instant:
                found = session.execute(self._query)
                self._held = {name: (count, md5) for name, count, md5 in found}
                self._instant = instant
        return self._held

    def close(self) -> None:
        self._database.dispose()


def arguments(rule: str) -> Iterator[str]:
    """The names of a route's arguments: /a/<uuid:thing_id> has thing_id."""
    yield from re.findall(r"<(?:\w+:)?(\w+)>", rule)


def filled(rule: str, argument: str, value: str) -> str:
    return re.sub(rf"<(?:\w+:)?{argument}>", value, rule)


def path_of(rule: str, owned: Belongings) -> str:
    """The route's path with an object of somebody's for each of its arguments."""
    for argument in arguments(rule):
        rule = filled(rule, argument, owned.of[argument][0])
    return rule
