"""A device as it stands at a compost site: its own key, its token, and what citizens show it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.actions.domain import attesters_domain
from app.actions.models import Device
from app.chain import typed
from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.models import Organisation, PresenceSecret, Role
from app.impact.catalogue import catalogue
from app.services import Services
from tests.support.applications import application_with
from tests.support.city import City

TYPES = ["food-waste-compost"]
LONG_AGO = timedelta(days=30)


@dataclass
class Site:
    """One organisation with its administrator, an officer, a citizen and the API to all."""

    services: Services
    client: FlaskClient
    tokens: dict[str, str]
    people: dict[str, UUID]
    organisation_id: UUID
    programme: bytes
    now: datetime

    def call(self, who: str, method: str, path: str, body: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens.get(who, who)}"}
        headers |= {"Idempotency-Key": str(uuid4())} if method != "GET" else {}
        return self.client.open("/api/v1" + path, method=method, json=body, headers=headers)

    def ok(self, who: str, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(who, method, path, body)
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json(silent=True)

    def scale(self, *, confirmed: bool = True, types: list[str] = TYPES) -> Scale:
        """Entered, confirmed, with a token; its key has been valid for a month."""
        key = typed.new_key()
        new = {"name": "Balance", "key_address": typed.address_of(key), "action_types": types}
        made = self.ok("admin", "POST", "/devices", new)
        token = self.ok("admin", "POST", f"/devices/{made['id']}/token")["token"]
        scale = Scale(self, UUID(made["id"]), key, token)
        if confirmed:
            self.ok("officer", "POST", f"/devices/{made['id']}/confirmation")
            scale.change(valid_from=self.now - LONG_AGO)
        return scale

    def shown(self, at: datetime, who: str = "citizen") -> dict[str, str]:
        """What the citizen's device shows at that moment; the secret is a month old."""
        with self.services.database.transaction() as session:
            mine = identity.presence_secret(session, self.people[who], self.now)
            row = session.get_one(PresenceSecret, self.people[who])
            row.created_at = self.now - LONG_AGO
            code = identity.code_at(mine.secret, at)
        return {"short_number": mine.short_number, "time_code": code}


@dataclass
class Scale:
    """The device's side: nothing here is known to the server but address and token's hash."""

    site: Site
    id: UUID
    key: bytes
    token: str

    @property
    def address(self) -> str:
        return typed.address_of(self.key)

    def change(self, **columns: Any) -> None:
        with self.site.services.database.transaction() as session:
            device = session.get_one(Device, self.id)
            for name, value in columns.items():
                setattr(device, name, value)

    def body(
        self, *, ago: timedelta = timedelta(), who: str = "citizen", **changes: Any
    ) -> dict[str, Any]:
        """2 kg of compost weighed `ago`, signed with the device's key unless `key` is another.

        Changes of the struct are signed; `after` changes the body once it is signed.
        """
        at = self.site.now - ago
        after, key = changes.pop("after", {}), changes.pop("key", self.key)
        domain = changes.pop("domain", None) or self.domain()
        shown, salt = self.site.shown(at, who), secrets.token_bytes(32)
        hidden = salt + (shown["short_number"] + shown["time_code"]).encode()
        said: dict[str, Any] = {
            "programme_id": self.site.programme,
            "attester": self.address,
            "subject": typed.keccak(hidden),
            "action_type_id": catalogue().action_type(TYPES[0]).number,
            "action_type_version": 1,
            "quantity": 2000,
            "deed_at": int(at.timestamp()),
            "nonce": secrets.token_bytes(32),
        }
        struct = typed.Attestation(**{**said, **changes})
        signature = typed.sign(typed.attestation_digest(domain, struct), key)
        sent = typed_json(struct)
        whole = {"statement": sent, "signature": "0x" + signature.hex(), "salt": "0x" + salt.hex()}
        return {**whole, **shown, **after}

    def domain(self) -> typed.Domain:
        return attesters_domain(self.site.services.settings.deployment_file)

    def send(self, body: dict[str, Any]) -> TestResponse:
        return self.site.call(self.token, "POST", "/devices/own/measurements", body)


def typed_json(struct: typed.Attestation) -> dict[str, Any]:
    """The struct's fields, bytes as 0x text."""
    return {k: "0x" + v.hex() if isinstance(v, bytes) else v for k, v in vars(struct).items()}


def _people(session: Session, city: City, organisation: Organisation) -> dict[str, UUID]:
    roles = {"admin": Role.ATTESTER_ADMIN, "officer": Role.OFFICER, "citizen": Role.CITIZEN}
    people = {}
    for who, role in {**roles, "neighbour": Role.CITIZEN}.items():
        people[who] = city.citizen().id
        of = organisation.id if role is Role.ATTESTER_ADMIN else None
        identity.grant_role(
            session, person_id=people[who], role=role, now=city.now, organisation_id=of
        )
    return people


def site(services: Services, signer: SignerClient) -> Site:
    with services.database.transaction() as session:
        now = services.clock.now(session).replace(microsecond=0)
        city = City(session, now)
        organisation, programme = city.organisation(), city.programme()
        people = _people(session, city, organisation)
        tokens = {
            who: identity.open_session(session, person_id, "api", now)
            for who, person_id in people.items()
        }
        ids = organisation.id, programme.chain_id
    client = application_with(services, signer).test_client()
    return Site(services, client, tokens, people, *ids, now)
