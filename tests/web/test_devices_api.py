"""Devices by the API alone: entered, confirmed, let in by token, ended; their deeds measured."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, Attestation, Device
from app.chain import typed
from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.models import KeyCustody, PresenceUse, Role
from app.outbox.models import Incident, OutboxItem
from app.reporting import facts
from app.services import Services
from tests.support.scale import TYPES, Site, site


@pytest.fixture
def here(services: Services, signer: SignerClient) -> Site:
    return site(services, signer)


def entry(**changes: Any) -> dict[str, Any]:
    key = typed.address_of(typed.new_key())
    return {"name": "Balance", "key_address": key, "action_types": TYPES, **changes}


def test_from_the_scale_to_the_citizens_list(here: Site) -> None:
    scale = here.scale()
    answer = scale.send(scale.body())
    assert answer.status_code == 201, answer.text
    made = answer.get_json()
    assert made["state"] == "authenticated"
    assert "person_id" not in made
    [own] = here.ok("citizen", "GET", "/me/actions")["items"]
    assert (own["id"], own["channel"], own["proof_level"]) == (made["id"], "device", "measured")
    assert (own["reward_cents"], own["district"]) == (40, "Nord")
    [listed] = here.ok("admin", "GET", "/devices")["items"]
    assert listed["today"] == {"actions": 1, "reward_cents": 40, "waiting": 0}
    assert listed["state"] == "active"


def test_the_statement_is_kept_as_signed_and_its_custody_counted(here: Site) -> None:
    scale = here.scale()
    body = scale.body()
    made = scale.send(body).get_json()
    with here.services.database.transaction() as session:
        action = session.get_one(Action, made["id"])
        kept = session.get_one(Attestation, action.attestation_digest)
        assert (kept.kind, kept.custody) == ("measurement", KeyCustody.DEVICE)
        assert kept.signer_address == scale.address
        assert typed.recover(kept.digest, kept.signature) == scale.address
        assert kept.statement == body["statement"]
        assert action.due_at == action.recorded_at + timedelta(hours=1)
        facts.roll(session, here.now)
        before = _by_operator(session)
    scale.change(custody=KeyCustody.SERVER)
    assert scale.send(scale.body(ago=timedelta(minutes=5))).status_code == 201
    with here.services.database.transaction() as session:
        facts.roll(session, here.now)
        assert _by_operator(session) == (before[0] + 1, before[1] + 1)


def _by_operator(session: Session) -> tuple[int, int]:
    """Deeds with a statement signed with a key that the operator holds, and all of them."""
    query = text("select coalesce(sum(operator_signed), 0), sum(actions) from fact_day")
    signed, deeds = session.execute(query).one()
    return int(signed), int(deeds)


def test_the_chain_hears_of_the_key_only_after_a_second_person(here: Site) -> None:
    scale = here.scale(confirmed=False)
    assert heard(here, scale.address) == []
    assert scale.send(scale.body()).get_json()["code"] == "device-not-confirmed"
    here.ok("officer", "POST", f"/devices/{scale.id}/confirmation")
    [item] = heard(here, scale.address)
    assert (item.kind, item.payload["kind"]) == ("register_attester", 2)
    here.ok("admin", "POST", f"/devices/{scale.id}/revocation", {"for_cause": True})
    here.ok("admin", "POST", f"/devices/{scale.id}/revocation", {"for_cause": True})
    _, ended = heard(here, scale.address)
    assert (ended.kind, ended.payload["for_cause"]) == ("revoke_attester", True)


def heard(here: Site, address: str) -> list[OutboxItem]:
    query = select(OutboxItem).where(col(OutboxItem.key) == address).order_by(col(OutboxItem.id))
    with here.services.database.session() as session:
        return list(session.scalars(query))


def test_nobody_confirms_what_they_entered(here: Site) -> None:
    scale = here.scale(confirmed=False)
    scale.change(entered_by=here.people["officer"])
    answer = here.call("officer", "POST", f"/devices/{scale.id}/confirmation")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "device-second-person")


def test_an_officer_who_works_there_neither_confirms_nor_sets_ceilings(here: Site) -> None:
    scale = here.scale(confirmed=False)
    with here.services.database.transaction() as session:
        officer, at = here.people["officer"], here.services.clock.now(session)
        of = here.organisation_id
        identity.grant_role(
            session, person_id=officer, role=Role.PARTNER, organisation_id=of, now=at
        )
    limits = {"actions_per_day": 1, "reward_cents_per_day": 1}
    path = f"/devices/{scale.id}"
    assert here.call("officer", "POST", f"{path}/confirmation").status_code == 403
    assert here.call("officer", "PUT", f"{path}/ceilings", limits).status_code == 403


def test_a_token_is_shown_once_kept_as_a_hash_and_replaced(here: Site) -> None:
    scale = here.scale()
    with here.services.database.session() as session:
        stored = session.get_one(Device, scale.id)
        assert scale.token.encode() not in bytes(stored.token_hash or b"")
        assert stored.token_issued_by == here.people["admin"]
    old, path = scale.token, f"/devices/{scale.id}/token"
    scale.token = here.ok("admin", "POST", path)["token"]
    assert here.call(old, "GET", "/devices/own").status_code == 401
    assert here.ok(scale.token, "GET", "/devices/own")["name"] == "Balance"
    here.ok("admin", "POST", path + "/revocation")
    answer = scale.send(scale.body())
    assert (answer.status_code, answer.get_json()["code"]) == (401, "device-token-unknown")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_device_is_no_person_and_a_person_no_device(here: Site) -> None:
    scale = here.scale()
    assert here.call(scale.token, "GET", "/devices").status_code == 401
    assert here.call(scale.token, "GET", "/me/actions").status_code == 401
    assert here.call("admin", "GET", "/devices/own").status_code == 401


def test_what_exceeds_a_devices_ceiling_waits_and_alarms_once(here: Site) -> None:
    scale = here.scale()
    limits = {"actions_per_day": 1, "reward_cents_per_day": 10_000}
    here.ok("officer", "PUT", f"/devices/{scale.id}/ceilings", limits)
    states = [
        scale.send(scale.body(ago=timedelta(minutes=back))).get_json()["state"]
        for back in (6, 4, 2)
    ]
    assert states == ["authenticated", "recorded", "recorded"]
    with here.services.database.session() as session:
        query = select(Incident).where(col(Incident.reference).startswith(str(scale.id)))
        assert [one.code for one in session.scalars(query)] == ["device-ceiling"]
    [listed] = here.ok("officer", "GET", "/devices")["items"][:1]
    assert listed["today"] == {"actions": 1, "reward_cents": 40, "waiting": 2}
    [waiting, *_] = here.ok("citizen", "GET", "/me/actions")["items"]
    assert here.ok("officer", "POST", f"/actions/{waiting['id']}/release")["reward_cents"] == 40


def test_tokens_have_a_ceiling_too(here: Site) -> None:
    scale = here.scale()
    limits = {"actions_per_day": 100, "reward_cents_per_day": 50}
    here.ok("officer", "PUT", f"/devices/{scale.id}/ceilings", limits)
    first, second = (scale.send(scale.body(ago=timedelta(minutes=m))) for m in (4, 2))
    assert first.get_json()["state"] == "authenticated"
    assert second.get_json()["state"] == "recorded"


BAD_ENTRIES: list[tuple[dict[str, Any], str, str]] = [
    ({"action_types": []}, "device-without-types", "action_types"),
    ({"action_types": ["flying"]}, "action-type-unknown", "action_types"),
    ({"action_types": ["climate-workshop"]}, "proof-level-not-accepted", "action_types"),
    ({"valid_until": "2020-01-01T00:00:00Z"}, "device-span", "valid_until"),
    ({"valid_until": "9999-12-31T00:00:00Z"}, "device-span", "valid_until"),
    ({"valid_from": "9999-12-31T00:00:00Z"}, "device-span", "valid_from"),
    ({"key_address": "0x12"}, "invalid", "key_address"),
    ({"name": ""}, "invalid", "name"),
    ({"custody": "server"}, "invalid", "custody"),
]


@pytest.mark.parametrize("case", BAD_ENTRIES)
def test_a_bad_entry(here: Site, case: tuple[dict[str, Any], str, str]) -> None:
    changes, code, field = case
    answer = here.call("admin", "POST", "/devices", entry(**changes))
    said = answer.get_json()
    assert (answer.status_code, said["code"]) == (422, code)
    assert said["errors"][0]["field"] == field
    assert here.ok("admin", "GET", "/devices")["items"] == []


def test_a_key_that_somebody_has_is_no_devices(here: Site) -> None:
    scale = here.scale()
    again = here.call("admin", "POST", "/devices", entry(key_address=scale.address))
    assert (again.status_code, again.get_json()["code"]) == (409, "key-known")


def test_another_organisations_administrator_sees_and_does_nothing(
    here: Site, services: Services, signer: SignerClient
) -> None:
    scale = here.scale()
    other = site(services, signer)
    assert other.ok("admin", "GET", "/devices")["items"] == []
    for path in ("token", "token/revocation", "revocation"):
        body = {"for_cause": True} if path == "revocation" else None
        answer = other.call("admin", "POST", f"/devices/{scale.id}/{path}", body)
        assert answer.status_code == 404


def test_one_use_of_a_code_per_attester(here: Site) -> None:
    scale, sister = here.scale(), here.scale()
    body = scale.body()
    assert scale.send(body).status_code == 201
    second = sister.body()
    second_answer = sister.send(second)
    assert second_answer.get_json()["code"] == "presence-code-used"
    with here.services.database.session() as session:
        assert (
            session.scalar(
                select(func.count())
                .select_from(PresenceUse)
                .where(col(PresenceUse.person_id) == here.people["citizen"])
            )
            == 1
        )


def test_the_same_statement_on_four_connections_counts_once(here: Site) -> None:
    scale = here.scale()
    body = scale.body()

    def send(_number: int) -> tuple[int, str | None]:
        alone = replace(here, client=here.client.application.test_client())
        answer = alone.call(scale.token, "POST", "/devices/own/measurements", body)
        return answer.status_code, answer.get_json().get("code")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert [status for status, _ in answers].count(201) == 1
    refusals = {code for status, code in answers if status != 201}
    assert refusals <= {"attestation-replayed", "presence-code-used"}
    [listed] = here.ok("admin", "GET", "/devices")["items"]
    assert listed["today"]["actions"] == 1
