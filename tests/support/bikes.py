"""A bike-share operator that reaches the API over HTTP, and one of its riders."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.actions.domain import attesters_domain
from app.actions.imports.rows import read_rows
from app.actions.imports.statement import build
from app.actions.imports.uploads import uploads_folder
from app.application import build as build_application
from app.chain import typed
from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.models import OrganisationKind, Role
from app.services import Services
from tests.support.city import City
from tests.support.partner import Partner

SEED = bytes(range(32))


@dataclass
class Bikes:
    """A bike-share operator's system and one of its riders."""

    partner: Partner
    client: FlaskClient
    tokens: dict[str, str]

    def call(self, who: str, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        if method != "GET":
            headers["Idempotency-Key"] = str(uuid4())
        return self.client.open("/api/v1" + path, method=method, headers=headers, **options)

    def send(self, content: str, *, key: bytes | None = None, **changes: Any) -> TestResponse:
        form = self.form(content, key=key, **changes)
        return self.call("partner", "POST", "/imports", data=form)

    def form(self, content: str, *, key: bytes | None = None, **changes: Any) -> dict[str, Any]:
        """A signed file's parts; None takes one out."""
        home = self.partner.services.settings.home
        tree = build(home / "p.tree", SEED, read_rows(io.StringIO(content, newline="")))
        stated = int(self.partner.now.timestamp())
        struct = typed.ImportStatement(
            typed.address_of(self.partner.key), tree.root, tree.count, stated
        )
        domain = attesters_domain(self.partner.services.settings.deployment_file)
        digest = typed.import_statement_digest(domain, struct)
        form = {
            "programme_id": str(self.partner.programme_id),
            "seed": "0x" + SEED.hex(),
            "root": "0x" + tree.root.hex(),
            "rows": str(tree.count),
            "stated_at": str(stated),
            "signature": "0x" + typed.sign(digest, key or self.partner.key).hex(),
            "file": (io.BytesIO(content.encode()), "trips.csv"),
            **changes,
        }
        return {name: value for name, value in form.items() if value is not None}

    def uploads(self) -> list[str]:
        folder = uploads_folder(self.partner.services.settings.home)
        return [path.name for path in folder.iterdir()]


@contextmanager
def bike_operator(services: Services, signer: SignerClient) -> Iterator[Bikes]:
    """The API with a partner whose key is its own, and one of its riders."""
    with services.database.transaction() as session:
        now = services.clock.now(session).replace(microsecond=0)
        city = City(session, now)
        organisation, programme = city.organisation(OrganisationKind.PARTNER), city.programme()
        operator, rider = city.citizen().id, city.citizen().id
        identity.grant_role(
            session,
            person_id=operator,
            role=Role.PARTNER,
            organisation_id=organisation.id,
            now=now,
        )
        identity.grant_role(session, person_id=rider, role=Role.CITIZEN, now=now)
        tokens = {
            "partner": identity.open_session(session, operator, "api", now),
            "rider": identity.open_session(session, rider, "api", now),
        }
        key = city.organisation_keys[organisation.id]
    parts = replace(services, signer=signer)
    partner = Partner(parts, organisation.id, programme.id, key, now)
    with build_application(parts=parts).test_client() as client:
        yield Bikes(partner, client, tokens)
