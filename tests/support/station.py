"""A station, and somebody with a badge who opens shifts there, as programs and browsers do."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlmodel import col
from werkzeug.test import TestResponse

from app.identity.models import SignInSession
from app.identity.stations import badges
from app.identity.stations import service as stations
from app.identity.stations.models import StationStatement
from app.identity.tokens import token_hash
from app.services import Services
from tests.support.staff import staff_session

PIN = "2580"
FORM_TOKEN = "form-token-of-a-station"


@dataclass
class AtStation:
    """`token` is the station's; `badge`, or `number` and PIN, open shifts of `person`."""

    services: Services
    organisation_id: UUID
    person: UUID
    station_id: UUID
    token: str
    badge: str
    number: int

    def shift(self, client: FlaskClient) -> str:
        """The token of a fresh shift, by API."""
        said = {"station_token": self.token, "badge": self.badge}
        answer = client.post("/api/v1/shifts", json=said)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        token: str = answer.get_json()["token"]
        return token

    def wait(self, minutes: int) -> None:
        """Nobody touches anything: the clock of all is moved on."""
        with self.services.database.transaction() as session:
            self.services.clock.move(session, seconds=60 * minutes)

    def statements(self) -> list[tuple[str, str, UUID]]:
        """Kind, reference and person of each, oldest first."""
        mine = select(StationStatement).where(col(StationStatement.station_id) == self.station_id)
        with self.services.database.session() as session:
            rows = session.scalars(mine.order_by(col(StationStatement.id))).all()
        return [(row.kind.value, row.reference, row.person_id) for row in rows]


def person_of(services: Services, token: str) -> UUID:
    with services.database.session() as session:
        hashed = col(SignInSession.token_hash) == token_hash(token)
        found = session.scalar(select(col(SignInSession.person_id)).where(hashed))
    assert found is not None
    return found


def at_station(services: Services, organisation_id: UUID, person: UUID) -> AtStation:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        station, token = stations.enrol(
            session, organisation_id, name="Till by the door", by=person, now=now
        )
        made = badges.make_badge(session, person, organisation_id, PIN, now)
        return AtStation(
            services, organisation_id, person, station.id, token, made.badge, made.row.number
        )


def administrator(services: Services, person: UUID) -> str:
    """A fresh session by passkey, who has just proved that it is them."""
    with services.database.transaction() as session:
        now = services.clock.now(session)
        token = staff_session(session, person, now)
        hashed = col(SignInSession.token_hash) == token_hash(token)
        session.execute(update(SignInSession).where(hashed).values(proved_at=now))
    return token


def press(client: FlaskClient, path: str, **form: str) -> TestResponse:
    """A page's form, with its own token."""
    with client.session_transaction() as page:
        page["form_token"] = FORM_TOKEN
    said = {"csrf_token": FORM_TOKEN, "idempotency_key": str(uuid4()), **form}
    return client.post(path, data=said, headers={"Accept-Language": "en"})
