"""A partner by the API alone: a link, a signed file, its job, its results."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from app.actions.imports.jobs import run_import_jobs
from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.models import OrganisationKind, Role
from app.rewards.models import Programme, ProgrammeState
from app.rewards.valuing.import_tools import tools_of
from app.services import Services
from tests.support.bikes import Bikes, bike_operator
from tests.support.city import City
from tests.support.partner import table, trip


@pytest.fixture
def bikes(services: Services, signer: SignerClient) -> Iterator[Bikes]:
    with bike_operator(services, signer) as operator:
        yield operator


def test_linked_sent_worked_and_told_row_by_row(bikes: Bikes) -> None:
    listed = bikes.call("rider", "GET", "/partners").get_json()["items"]
    organisation = {"organisation_id": str(bikes.partner.organisation_id)}
    assert organisation["organisation_id"] in {one["id"] for one in listed}
    code = bikes.call("rider", "POST", "/me/rider-link-codes", json=organisation).get_json()
    link = {"rider_ref": "r-1", "code": code["code"]}
    assert bikes.call("partner", "POST", "/rider-links", json=link).status_code == 201
    content = table(trip(bikes.partner, 3, "r-1"), trip(bikes.partner, 4), "short,row")
    sent = bikes.send(content)
    assert sent.status_code == 202, sent.get_data(as_text=True)
    assert sent.get_json()["state"] == "waiting"
    run_import_jobs(tools_of(bikes.partner.services, wallets=bikes.partner.services.signer))
    path = f"/imports/{sent.get_json()['id']}"
    job = bikes.call("partner", "GET", path).get_json()
    assert (job["state"], job["rows_done"]) == ("done", 3)
    assert job["counts"] == {"accepted": 1, "summed": 1, "refused": 1}
    results = bikes.call("partner", "GET", f"{path}/results").get_data(as_text=True)
    lines = [json.loads(line) for line in results.splitlines()]
    assert [line["result"] for line in lines] == ["accepted", "summed", "refused"]
    assert lines[2]["reason_code"] == "row-malformed"
    assert bikes.uploads() == []
    own = bikes.call("rider", "GET", "/me/actions").get_json()["items"]
    assert [(one["channel"], one["reward_cents"]) for one in own] == [("partner", 13)]
    [live] = bikes.call("rider", "GET", "/me/rider-links").get_json()["items"]
    assert bikes.call("rider", "DELETE", f"/me/rider-links/{live['id']}").status_code == 204
    assert bikes.call("rider", "GET", "/me/rider-links").get_json() == {"items": []}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"signature": "0x" + "11" * 65}, "import-forged"),
        ({"rows": "99"}, "import-forged"),
        ({"signature": None}, "import-unsigned"),
        ({"file": None}, "import-missing-file"),
        ({"time_zone": "Mars/Base"}, "import-options"),
        ({"time_zones": "{"}, "import-options"),
        ({"action_type": "glass-recycling"}, "import-options"),
        ({"programme_id": str(uuid4())}, "not-found"),
    ],
)
def test_what_is_not_taken_leaves_nothing(bikes: Bikes, changes: dict[str, Any], code: str) -> None:
    answer = bikes.send(table(trip(bikes.partner, 3)), **changes)
    assert answer.get_json()["code"] == code
    assert bikes.uploads() == []


def test_no_file_is_taken_for_a_programme_that_does_not_run(bikes: Bikes) -> None:
    with bikes.partner.services.database.transaction() as session:
        session.get_one(Programme, bikes.partner.programme_id).state = ProgrammeState.PAUSED
    answer = bikes.send(table(trip(bikes.partner, 3)))
    assert answer.get_json()["code"] == "programme-not-running"
    assert bikes.uploads() == []


def test_the_list_of_files_and_why_one_was_not_taken(bikes: Bikes) -> None:
    wrong = bikes.send(table(trip(bikes.partner, 3)), file=(io.BytesIO(b"trip_id\n1\n"), "t.csv"))
    assert wrong.status_code == 202
    run_import_jobs(tools_of(bikes.partner.services, wallets=bikes.partner.services.signer))
    [job] = bikes.call("partner", "GET", "/imports").get_json()["items"]
    assert (job["id"], job["state"]) == (wrong.get_json()["id"], "failed")
    assert job["error"] == "column-missing end_lat"
    assert "end_lat" in job["problem"]["detail"]
    assert bikes.call("rider", "GET", "/imports").status_code == 403


def test_the_same_key_with_another_file_is_refused(bikes: Bikes) -> None:
    headers = {
        "Authorization": f"Bearer {bikes.tokens['partner']}",
        "Idempotency-Key": str(uuid4()),
    }
    statuses = []
    for content in (b"trip_id\n1\n", b"trip_id\n1\n", b"trip_id\n2\n"):
        form = bikes.form(table(trip(bikes.partner, 3)), file=(io.BytesIO(content), "t.csv"))
        answer = bikes.client.post("/api/v1/imports", headers=headers, data=form)
        statuses.append(answer.status_code)
    assert statuses == [202, 202, 422]
    run_import_jobs(tools_of(bikes.partner.services, wallets=bikes.partner.services.signer))


def test_another_partners_job_is_not_found(bikes: Bikes) -> None:
    job = bikes.send(table(trip(bikes.partner, 3))).get_json()
    with bikes.partner.services.database.transaction() as session:
        now = bikes.partner.services.clock.now(session)
        city = City(session, now)
        other, person = city.organisation(OrganisationKind.PARTNER), city.citizen()
        identity.grant_role(
            session, person_id=person.id, role=Role.PARTNER, organisation_id=other.id, now=now
        )
        bikes.tokens["other"] = identity.open_session(session, person.id, "api", now)
    assert bikes.call("other", "GET", f"/imports/{job['id']}").status_code == 404
    assert bikes.call("other", "GET", f"/imports/{job['id']}/results").status_code == 404
    assert bikes.call("rider", "GET", f"/imports/{job['id']}").status_code == 403
    run_import_jobs(tools_of(bikes.partner.services, wallets=bikes.partner.services.signer))
