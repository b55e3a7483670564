"""The API as a clerk, a citizen and the city's staff reach it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.actions.domain import attesters_domain
from app.actions.models import Action
from app.chain import typed
from app.identity import service as identity
from app.identity.presence import code_at
from app.services import Services
from tests.support.city import Clerk

HASHES = ("programme_id", "subject", "nonce")


@dataclass
class Town:
    """The API as each of these people reaches it."""

    services: Services
    client: FlaskClient
    tokens: dict[str, str]
    people: dict[str, UUID]
    clerk: Clerk
    programme_id: UUID

    def call(
        self, who: str, method: str, path: str, body: Any = None, *, key: str = ""
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        if method != "GET":
            headers["Idempotency-Key"] = key or str(uuid4())
        return self.client.open("/api/v1" + path, method=method, json=body, headers=headers)

    def post(self, who: str, path: str, body: Any = None, *, status: int = 201) -> Any:
        answer = self.call(who, "POST", path, body)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json(silent=True)

    def get(self, who: str, path: str) -> Any:
        answer = self.call(who, "GET", path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def identify(self) -> dict[str, Any]:
        """What the citizen's device shows, typed by the clerk."""
        with self.services.database.transaction() as session:
            now = self.services.clock.now(session)
            shown = identity.presence_secret(session, self.people["citizen"], now)
        typed_in = {
            "programme_id": str(self.programme_id),
            "short_number": shown.short_number,
            "time_code": code_at(shown.secret, now),
        }
        visit: dict[str, Any] = self.post("clerk", "/attestations/visits", typed_in)
        return visit

    def signed(self, visit: dict[str, Any], **deed: Any) -> dict[str, Any]:
        """The draft, signed as the clerk's browser does."""
        said = {"action_type": "glass-recycling", "quantity": 2000, **deed}
        draft = self.post(
            "clerk", "/attestations/drafts", {"subject": visit["subject"], **said}, status=200
        )
        stated = draft["statement"]
        fields: dict[str, Any] = {
            k: bytes.fromhex(v[2:]) if k in HASHES else v for k, v in stated.items()
        }
        struct = typed.Attestation(**fields)
        domain = attesters_domain(self.services.settings.deployment_file)
        signature = typed.sign(typed.attestation_digest(domain, struct), self.clerk.key)
        return {"statement": stated, "signature": "0x" + signature.hex()}

    def count(self) -> int:
        with self.services.database.session() as session:
            return session.scalar(select(func.count()).select_from(Action)) or 0
