"""What a ward says about their guardian is the ward's, and no guardian decides it in office."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from app.chain.signer import SignerClient
from app.errors import Problem
from app.identity import service as identity
from app.identity.models import Role
from app.rights import closing, requests
from app.rights.models import RequestState, RightsRequest
from app.services import Services
from tests.support.guarded import Guarded, guarded
from tests.support.paying import City, paying_city

REP = "representative"


@pytest.fixture
def city(services: Services, signer: SignerClient) -> Iterator[City]:
    with paying_city(services, signer) as made:
        yield made


@pytest.fixture
def ward(city: City) -> Guarded:
    """The guardian acts for the citizen, who has objected."""
    found = guarded(city.world)
    found.confirm(found.officers[1])
    city.tokens[REP] = found.token
    city.post(REP, "/me/acting", {"mandate_id": str(found.mandate.id)}, status=204)
    said = {"text": "I can look after myself."}
    city.post("citizen", f"/me/mandates/{found.mandate.id}/objection", said, status=201)
    return found


def objection(city: City) -> UUID:
    [own] = city.get("citizen", "/me/requests")["items"]
    return UUID(own["id"])


@pytest.mark.usefixtures("ward")
def test_the_guardian_neither_reads_nor_takes_back_the_objection(city: City) -> None:
    assert city.get(REP, "/me/requests")["items"] == []
    asked = objection(city)
    assert city.call(REP, "POST", f"/me/requests/{asked}/withdrawal").status_code == 404
    with city.world.services.database.session() as session:
        assert session.get_one(RightsRequest, asked).state is RequestState.OPEN
    assert city.call("citizen", "POST", f"/me/requests/{asked}/withdrawal").status_code == 204


def test_a_guardian_in_office_answers_nothing_and_closes_nothing(city: City, ward: Guarded) -> None:
    asked = objection(city)
    with city.world.services.database.transaction() as session:
        now = city.world.now()
        identity.grant_role(session, person_id=ward.representative, role=Role.OFFICER, now=now)
    with city.world.services.database.transaction() as session:
        by, letters = ward.representative, city.world.services.settings.mail
        with pytest.raises(Problem, match="request-own"):
            requests.answer(session, asked, granted=False, text="No.", by=by, now=now)
        person = ward.mandate.person_id
        with pytest.raises(Problem, match="guardianship-holds"):
            closing.close(session, person, gift=None, letters=letters, now=now, by=by)
