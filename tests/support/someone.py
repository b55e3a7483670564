"""A person with a program and a device, who signs in, confirms and adds passkeys by API."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from secrets import randbelow
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlmodel import col
from werkzeug.test import TestResponse

from app.mail_models import OutgoingMail
from app.privacy.service import open_for_service
from app.services import Services
from tests.support.authenticator import Device


def letters(services: Services) -> list[tuple[str, str]]:
    """Receiver and subject of every letter, oldest first."""
    return [(one["to"], one["subject"]) for one in _read(services)]


def _read(services: Services) -> list[dict[str, str]]:
    with services.database.session() as session:
        rows = session.scalars(select(OutgoingMail).order_by(col(OutgoingMail.id)))
        return [
            json.loads(open_for_service(session, "mail", one.sealed, one.id.bytes)) for one in rows
        ]


def last_code(services: Services) -> str:
    """The six digits of the newest letter."""
    return letters(services)[-1][1][-6:]


@dataclass
class Someone:
    """A person with a program and a device."""

    services: Services
    client: FlaskClient
    email: str = field(default_factory=lambda: f"{uuid4().hex}@city.example")
    device: Device = field(default_factory=Device)
    token: str = ""

    def post(self, path: str, body: Any = None, *, key: str = "") -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        headers["Idempotency-Key"] = key or str(uuid4())
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"})

    def sign_in_by_code(self) -> None:
        told = {"email": self.email}
        asked = self.post("/sign-in/code", told)
        said = {"challenge": asked.get_json()["challenge"], "code": last_code(self.services)}
        answer = self.post("/sign-in/token", told | said)
        assert answer.status_code == 200, answer.text
        self.token = answer.get_json()["token"]

    def step_up_by_code(self) -> TestResponse:
        asked = self.post("/me/step-up/code")
        assert asked.status_code == 202, asked.text
        said = {"challenge": asked.get_json()["challenge"], "code": last_code(self.services)}
        return self.renewed(self.post("/me/step-up/token", said))

    def renewed(self, answer: TestResponse) -> TestResponse:
        if answer.status_code == 200:
            self.token = answer.get_json()["token"]
        return answer

    def asked(self, path: str) -> tuple[str, dict[str, Any]]:
        answer = self.post(f"{path}/challenge")
        assert answer.status_code == 200, answer.text
        return answer.get_json()["challenge"], answer.get_json()["options"]

    def add(self, name: str = "telephone") -> TestResponse:
        challenge, options = self.asked("/me/passkeys")
        said = {"challenge": challenge, "credential": self.device.create(options), "name": name}
        return self.post("/me/passkeys", said)

    def answered(self, path: str) -> dict[str, Any]:
        """What the device says to a question of that path."""
        challenge, options = self.asked(path)
        return {"challenge": challenge, "credential": self.device.get(options)}

    def sign_in(self) -> TestResponse:
        return self.renewed(self.post("/sign-in/passkey", self.answered("/sign-in/passkey")))

    def step_up(self) -> TestResponse:
        return self.renewed(self.post("/me/step-up/passkey", self.answered("/me/step-up/passkey")))

    def passkeys(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.get("/me/passkeys").get_json()["items"]
        return listed


def with_passkey(services: Services, client: FlaskClient) -> Someone:
    client.environ_base["REMOTE_ADDR"] = f"10.{randbelow(256)}.{randbelow(256)}.1"  # own limits
    made = Someone(services, client)
    made.sign_in_by_code()
    assert made.step_up_by_code().status_code == 200
    assert made.add().status_code == 201
    return made


def code(answer: TestResponse) -> str:
    return str(answer.get_json()["code"])


def refused(answer: TestResponse) -> bool:
    return (answer.status_code, code(answer)) == (403, "passkey-refused")
