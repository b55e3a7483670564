"""The real application with a few routes of the tests' own, on a real database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from flask import Blueprint, Response, g
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlmodel import col

from app.application import build
from app.chain.signer import SignerClient
from app.context import Application, db_session, now, services
from app.errors import Problem
from app.fields import Input, Output, Text, WholeNumber
from app.idempotency import idempotent
from app.identity.models import Role
from app.limits import limited
from app.openapi import answers, body, query
from app.outbox.models import Incident
from app.paging import PageQuery, page
from app.security import needs_consent, principal, public, requires
from app.services import Services
from tests.support import belongings
from tests.support.belongings import Belongings
from tests.support.signer import running_signer, write_deployment
from tests.support.strangers import Rows, Strangers, strangers
from tests.support.town import Town, made_town
from tests.web.checked_answers import CheckedClient


class NoteIn(Input):
    note = Text(required=True, high=50)
    then = Text(load_default="", low=0)
    number = WholeNumber(load_default=0)


class NoteOut(Output):
    note = Text(required=True)


class NotesOut(Output):
    items = Text(required=True)


@dataclass
class Gate:
    """Lets a test stop a request in the middle of its work."""

    reached: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)


GATE = Gate()
routes = Blueprint("probe", __name__)


def write(given: dict[str, str]) -> dict[str, str]:
    """Writes a row, then does what the body says."""
    db_session().add(Incident(at=now(), code="probe", detail=given["note"]))
    db_session().flush()
    match given["then"]:
        case "refuse":
            raise Problem("conflict")
        case "keep":
            raise Problem("conflict", keep=True)
        case "crash":
            raise RuntimeError("the password is hunter2")
        case "constraint":
            statement = "insert into lease (name, holder, fencing, until) values ('x','y',1,now())"
            db_session().execute(text(statement))
            db_session().execute(text(statement))
        case "wait":
            GATE.reached.set()
            GATE.open.wait(20)
        case "lose":
            pid = db_session().scalar(select(func.pg_backend_pid()))
            with services().database.session() as other:
                other.execute(select(func.pg_terminate_backend(pid)))
    return given


@routes.post("/api/v1/probe")
@public
@body(NoteIn)
@answers(NoteOut, status=201)
def plain(body: dict[str, str]) -> dict[str, str]:
    return write(body)


@routes.post("/api/v1/probe/once/<uuid:_thing>")
@public
@idempotent
@body(NoteIn)
@answers(NoteOut, status=201)
def once(_thing: UUID, body: dict[str, str]) -> dict[str, str]:
    return write(body)


@routes.get("/api/v1/probe/page")
@public
@query(PageQuery)
@answers(NotesOut)
def listed(query: dict[str, str]) -> dict[str, str]:
    rows, cursor = page(
        db_session(),
        select(Incident).where(col(Incident.code) == "paged"),
        key=Incident.id,
        cursor=query["cursor"],
        limit=int(query["limit"]),
    )
    return {"items": ",".join(row.detail for row in rows) + "|" + (cursor or "")}


@routes.get("/api/v1/probe/polled")
@public
@answers(NoteOut, etag=True)
def polled() -> dict[str, str]:
    return {"note": "same"}


@routes.post("/api/v1/probe/few")
@public
@limited("probe", quota=2, window=3600)
def few() -> Response:
    raise Problem("conflict")


@routes.get("/probe/mine")
@requires()
def mine() -> str:
    return str(principal().person_id)


@routes.post("/probe/mine")
@requires()
def change_mine() -> str:
    return "cookie" if g.principal.by_cookie else "bearer"


@routes.post("/api/v1/probe/mine")
@requires()
def change_mine_by_program() -> str:
    return str(principal().person_id)


@routes.get("/api/v1/probe/office")
@requires(Role.OFFICER, Role.TREASURER)
def office() -> str:
    return "yes"


@routes.get("/api/v1/probe/research")
@requires()
@needs_consent("research")
def research() -> str:
    return "yes"


@pytest.fixture(autouse=True, scope="package")
def checked_clients() -> Iterator[None]:
    """Every client of these tests checks each answer of the API against the document."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Application, "test_client_class", CheckedClient)
        yield


@pytest.fixture(scope="module")
def application(services: Services) -> Application:
    app = build(parts=services)
    app.register_blueprint(routes)
    return app


@pytest.fixture
def client(application: Application) -> Iterator[FlaskClient]:
    with application.test_client() as opened:
        yield opened


@pytest.fixture
def notes(services: Services) -> Callable[[str], int]:
    """How many rows of this note other connections see."""

    def count(note: str) -> int:
        query = select(func.count()).select_from(Incident).where(col(Incident.detail) == note)
        with services.database.session() as session:
            return session.scalar(query) or 0

    return count


@pytest.fixture(scope="module")
def signer(services: Services) -> Iterator[SignerClient]:
    write_deployment(services.settings)
    with running_signer(services.settings) as opened:
        yield opened


@pytest.fixture
def town(services: Services, signer: SignerClient) -> Iterator[Town]:
    with made_town(services, signer) as made:
        yield made


@pytest.fixture(scope="module")
def owned(services: Services) -> Belongings:
    """Objects of somebody's, one for each argument that a route takes."""
    write_deployment(services.settings)
    return belongings.made(services)


@pytest.fixture(scope="module")
def others(application: Application, services: Services) -> Strangers:
    """Who asks for them: one signed in for each role, a device, and nobody."""
    return strangers(application, services)


@pytest.fixture(scope="module")
def rows(services: Services) -> Iterator[Rows]:
    read = Rows(services)
    yield read
    read.close()
