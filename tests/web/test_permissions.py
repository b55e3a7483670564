"""“What I allow”: each purpose by itself, in one tap each way, with a signed receipt."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from app.controller import Authority
from app.identity import service as identity
from app.privacy.consent_held import has_consent
from app.privacy.models import Consent
from app.privacy.notices import OPERATOR, purpose_named
from app.rights.consent_receipts import record
from tests.support.town import Town

RESEARCH = "research"
# ISO/IEC TS 27560: what is mandatory there, or for the GDPR.
HEADER = {"schema_version", "record_id", "pii_principal_id"}
PROCESSING = {
    "privacy_notice", "language", "purpose", "lawful_basis", "pii_information", "pii_controllers",
    "collection_method", "processing_method", "storage_locations", "retention_period",
    "processing_locations", "geographic_restrictions", "jurisdiction", "recipient_third_parties",
    "withdrawal_method", "privacy_rights", "authority_party",
}  # fmt: skip
INFORMATION = {"pii_type", "pii_optional", "special_pii_category"}
PARTY = {"party_id", "party_name", "party_address", "party_contact", "party_type", "party_role"}
EVENT = {"event_time", "validity_duration", "entity_id", "event_type", "event_state"}


@pytest.fixture
def browser(town: Town) -> FlaskClient:
    """The citizen's."""
    found = town.client.application.test_client()
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        token = identity.open_session(session, town.people["citizen"], "browser", now)
    found.set_cookie("civis", token)
    return found


def read(browser: FlaskClient) -> str:
    return browser.get("/me/data?lang=en").text


def press(browser: FlaskClient, path: str, **fields: str) -> int:
    token = re.search(r'name="csrf_token" value="([^"]+)"', read(browser))
    assert token
    once = {"csrf_token": token[1], "idempotency_key": str(uuid4())}
    return browser.post(path, data=once | fields).status_code


def answer(browser: FlaskClient, given: str, purpose: str = RESEARCH) -> int:
    version = purpose_named(RESEARCH).version
    path = "/me/data/consents"
    return press(browser, path, purpose=purpose, given=given, notice_version=version)


def agrees(town: Town) -> bool:
    with town.services.database.session() as session:
        return has_consent(session, town.people["citizen"], RESEARCH, OPERATOR)


def opened(town: Town, consent_id: str) -> tuple[str, Any]:
    """The receipt, checked with what stands at the well-known address, and what it says."""
    text = town.call("citizen", "GET", f"/me/consents/{consent_id}/receipt").get_data(as_text=True)
    keys = KeySet.import_key_set(town.client.get("/.well-known/jwks.json").get_json())
    found = jws.deserialize_compact(text, keys, algorithms=["Ed25519"])
    assert found.headers()["typ"] == "consent-receipt+jws"
    return text, json.loads(found.payload)


def newest(town: Town) -> dict[str, Any]:
    found: dict[str, Any] = town.get("citizen", "/me/consents")["consents"][0]
    return found


def test_yes_and_no_are_one_tap_each_and_nothing_is_chosen_before(
    town: Town, browser: FlaskClient
) -> None:
    assert "Nothing else depends on your answer." not in read(browser), "nobody studies anything"
    study = {"purpose": RESEARCH, "recipient": OPERATOR, "fields": ["actions"]}
    asked = town.post("officer", "/disclosures", study | {"study": "How far people walk to bins"})
    yes = {"admitted": True}
    town.post("officer-2", f"/disclosures/{asked['id']}/decision", yes, status=200)
    page = read(browser)
    assert not re.search(r'<input[^>]*(checked|type="(checkbox|radio)")', page)
    assert page.count("Nothing else depends on your answer.") == 1
    assert not agrees(town)
    assert answer(browser, "yes") == 303
    assert agrees(town)
    assert "<strong>the city</strong>: agreed on" in read(browser)
    withdrawal = "/me/data/consents/withdrawal"
    assert press(browser, withdrawal, purpose=RESEARCH, recipient=OPERATOR) == 303
    assert not agrees(town)
    assert answer(browser, "no") == 303
    assert "<strong>the city</strong>: refused on" in read(browser)
    assert answer(browser, "yes") == 303
    assert agrees(town), "who refused may still agree"


@pytest.mark.parametrize("purpose", ["sign_in", "partner_trips", "nothing"])
def test_nothing_else_can_be_agreed_to_there(browser: FlaskClient, purpose: str) -> None:
    assert answer(browser, "yes", purpose) == 422


def test_a_receipt_is_the_whole_record_signed(town: Town, browser: FlaskClient) -> None:
    assert answer(browser, "yes") == 303
    consent = newest(town)
    text, said = opened(town, consent["id"])
    assert re.search(rf'href="[^"]*{consent["id"]}/receipt"', read(browser))
    assert said.keys() >= {"schema_version", "receipt_id", "iss", "iat", "record"}
    kept = said["record"]
    processing = kept["pii_processing"]
    assert kept.keys() >= HEADER
    assert processing.keys() >= PROCESSING
    assert all(one.keys() >= INFORMATION for one in processing["pii_information"])
    assert all(one.keys() >= PARTY for one in kept["party_identification"])
    assert all(one.keys() >= EVENT for one in kept["events"])
    assert all(value not in ("", None) for value in processing.values())
    assert (processing["lawful_basis"], processing["purpose_type"]) == ("consent", RESEARCH)
    notice = purpose_named(RESEARCH)
    assert processing["privacy_notice"] == {"version": notice.version, "sha256": notice.hash.hex()}
    assert kept["record_id"] == consent["id"]
    watch = {one["party_role"]: one for one in kept["party_identification"]}["authority"]
    assert (processing["jurisdiction"], watch["party_name"]) == ("FR", "CNIL")
    _names_the_authority_that_is_set(town, UUID(consent["id"]))
    assert kept["events"][-1]["event_state"] == "given"
    assert kept["events"][-1]["validity_duration"] == "P365D"
    town.post("citizen", "/me/consents/withdrawals", {"purpose": RESEARCH, "recipient": OPERATOR},
              status=204)  # fmt: skip
    again, later = opened(town, consent["id"])
    assert again != text
    assert [one["event_state"] for one in later["record"]["events"]] == ["given", "withdrawn"]


def _names_the_authority_that_is_set(town: Town, consent_id: UUID) -> None:
    there = Authority("BE", "Autorité", "1 rue de la Loi", "https://authority.example")
    settings = replace(town.services.settings, authority=there)
    with town.services.database.session() as session:
        said = record(session, session.get_one(Consent, consent_id), settings)
    watch = said["party_identification"][1]
    assert (watch["party_name"], watch["party_contact"]) == (there.name, there.url)
    processing = said["pii_processing"]
    assert (processing["jurisdiction"], processing["storage_locations"]) == ("BE", ["BE"])


def test_an_altered_receipt_or_one_of_another_algorithm_is_refused(
    town: Town, browser: FlaskClient
) -> None:
    assert answer(browser, "yes") == 303
    text, said = opened(town, newest(town)["id"])
    shown = town.client.get("/.well-known/jwks.json").get_json()
    keys = KeySet.import_key_set(shown)
    head, _, signature = text.split(".")
    said["record"]["pii_processing"]["purpose"] = "anything"
    payload = jws.serialize_compact(
        {"alg": "HS256"}, json.dumps(said), OctKey.import_key(shown["keys"][0]["x"])
    )
    for forged in (f"{head}.{payload.split('.')[1]}.{signature}", payload):
        with pytest.raises((JoseError, ValueError)):
            jws.deserialize_compact(forged, keys, algorithms=["Ed25519"])
    assert "d" not in shown["keys"][0]


def test_nobody_gets_anothers_receipt(town: Town, browser: FlaskClient) -> None:
    assert answer(browser, "yes") == 303
    path = f"/me/consents/{newest(town)['id']}/receipt"
    assert town.call("clerk", "GET", path).status_code == 404
    assert town.client.get("/api/v1" + path).status_code == 401
