"""What an officer enters at the counter, by API: the same acts, rules and looks as on the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest

from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.cards.numbers import new_number
from app.identity.models import IdentityLevel, OrganisationKind
from app.privacy.notices import OPERATOR, purposes
from app.services import Services
from tests.support.at_counter import AtCounter
from tests.support.cards import PIN, printed
from tests.support.town import Town
from tests.web.test_card_counter import earned
from tests.web.test_forms_again import browser_of
from tests.web.test_identity_api import mailed_code

NOTICE = purposes()["research"]
YES = {"purpose": NOTICE.id, "notice_version": NOTICE.version, "given": True}
ON_PARTNERS = {"notice_version": purposes()["partner_trips"].version}
WORDS = "It was paper, not glass."


@dataclass
class ByProgram:
    """Somebody with a card before an officer with a program; `seen`: as the page has it."""

    town: Town
    visit: str
    number: str
    seen: AtCounter

    def call(self, act: str, body: Any = None, method: str = "POST", who: str = "officer") -> Any:
        answer = self.town.call(who, method, f"{self.visit}/{act}", body)
        answer.said = answer.get_json(silent=True)  # type: ignore[attr-defined]
        return answer

    def do(self, act: str, body: Any = None, status: int = 204) -> Any:
        answer = self.call(act, body)
        assert answer.status_code == status, answer.text
        return answer.said

    def read(self) -> dict[str, Any]:
        found: dict[str, Any] = self.town.get("officer", f"{self.visit}/rights")
        return found


@pytest.fixture
def here(town: Town, services: Services, signer: SignerClient) -> ByProgram:
    [card] = printed(services, signer)
    said = {"card_number": card.number}
    visit = f"/counter/visits/{town.post('officer', '/counter/visits/by-card', said)['id']}"
    browser, token = browser_of(town, "officer"), town.tokens["officer"]
    seen = AtCounter(services, browser, token, visit, card.person_id)
    return ByProgram(town, visit, card.number, seen)


def test_they_decide_and_read_it_as_theirs(here: ByProgram, services: Services) -> None:
    assert here.call("consents", YES).said["code"] == "age-needed"
    here.do("age", {"band": "adult"})
    consent = here.do("consents", YES, 201)
    by = f"counter:{here.seen.officer}"
    assert here.seen.consent_steps(NOTICE.id) == [("given", by)]
    receipt = here.call(f"consents/{consent['id']}/receipt", method="GET")
    assert (receipt.mimetype, receipt.headers["Cache-Control"]) == ("application/jose", "no-store")
    here.do("consents/withdrawals", {"purpose": NOTICE.id, "recipient": OPERATOR})
    assert here.seen.consent_steps(NOTICE.id) == [("given", by), ("withdrawn", by)]
    old = here.call("consents", YES | {"notice_version": "2001-1"})
    assert (old.status_code, here.call("consents", {"given": True}).status_code) == (409, 422)
    here.do("rider-link-codes", ON_PARTNERS | {"organisation_id": str(uuid4())}, 404)
    with services.database.transaction() as session:
        now, kind = services.clock.now(session), OrganisationKind.PARTNER
        name = f"p-{uuid4().hex[:8]}"
        partner = identity.create_organisation(session, slug=name, kind=kind, name="P", now=now).id
    theirs = {"organisation_id": str(partner)}
    assert here.call("rider-link-codes", {"notice_version": "2001-1"} | theirs).status_code == 409
    assert here.do("rider-link-codes", ON_PARTNERS | theirs, 201)["code"]
    before, read = here.seen.looks(), here.read()
    assert here.seen.looks() - before == {"counter_rights": 1}
    assert {one["state"] for one in read["consents"]} == {"withdrawn", "given"}
    assert read["looks"][0]["resource"] == "counter_rights"
    assert (read["identity_level"], read["email"], read["balance_cents"]) == ("card", None, 0)
    assert here.seen.looks()["counter_consent"] == 1


def test_they_ask_and_take_back(here: ByProgram) -> None:
    asked = here.do("requests", {"kind": "rectification", "text": WORDS}, 201)
    [shown] = here.read()["requests"]
    assert (shown["id"], shown["text"], shown["answer"]) == (asked["id"], WORDS, None)
    here.do(f"requests/{asked['id']}/withdrawal")
    here.do("requests", {"kind": "restriction"}, 201)
    assert [one["purpose"] for one in here.read()["halts"]] == [None]
    here.do("restriction/end")
    assert here.seen.halted() == []
    assert {by for _, _, by in here.seen.journal()} == {here.seen.officer}
    here.do("language", {"language": "en"})
    assert here.seen.row().language == "en"
    assert here.call("actions/0/appeal", {"text": WORDS}).status_code == 404
    here.do(f"actions/{uuid4()}/appeal", {"text": WORDS}, 404)
    here.do(f"recoveries/{uuid4()}/objection", None, 404)
    assert here.call(f"actions/{uuid4()}/receipt", method="GET").status_code == 404


def test_they_object_to_a_refusal(here: ByProgram) -> None:
    deed = earned(here.town, here.number)["id"]
    reason = {"reason": "not-plausible"}
    here.town.post("officer-2", f"/actions/{deed}/refusal", reason, status=200)
    [shown] = here.read()["deeds"]
    assert (shown["id"], shown["state"], shown["reason_code"]) == (deed, "refused", "not-plausible")
    here.do(f"actions/{deed}/appeal", {"text": WORDS}, 201)
    assert here.do(f"actions/{deed}/appeal", {"text": WORDS}, 409)["code"] == "appeal-exists"
    assert [one["action_id"] for one in here.town.get("officer-2", "/appeals")["items"]] == [deed]


def test_papers_representatives_and_an_address(here: ByProgram, services: Services) -> None:
    name = {"family_name": f"P{uuid4().hex}", "given_names": "Ada"}
    here.do("papers", name | {"born": "1990-02-01"})
    assert here.seen.row().identity_level is IdentityLevel.VERIFIED
    assert here.call("age", {"band": "adult"}).said["code"] == "age-not-due"
    with services.database.session() as session:
        until = (services.clock.now(session) + timedelta(days=30)).isoformat()
    said = {"email": f"{uuid4().hex}@city.example", "acts": ["see"], "until": until}
    made = here.do("representatives", said, 201)
    assert [one["id"] for one in here.read()["mandates"]["named"]] == [made["id"]]
    pays = said | {"acts": ["see", "pay"], "day_cents": 1000, "pin": "9999"}
    assert here.call("representatives", pays).status_code == 403
    here.do(f"mandates/{made['id']}/end")
    here.do(f"mandates/{made['id']}/objection", {"text": WORDS}, 404)  # no guardianship
    here.do("pin", {"pin": PIN}, 200)
    address = f"{new_number().lower()}@city.example"
    asked = here.do("email", {"email": address}, 200)
    typed = {"email": address, "challenge": asked["challenge"], "pin": PIN}
    assert here.call("email/code", typed | {"code": "000000"}).status_code == 403
    here.do("email/code", typed | {"code": mailed_code(services)})
    assert here.read()["email"] == address


def test_what_leaves_needs_the_officers_proof(here: ByProgram) -> None:
    here.seen.prove(fresh=False)
    assert here.call("export.zip", method="GET").said["code"] == "step-up-needed"
    assert here.call("closing", {"sure": True}).said["code"] == "step-up-needed"
    assert here.seen.looks()["counter_export"] == 0
    here.seen.prove()
    archive = here.call("export.zip", method="GET")
    with ZipFile(BytesIO(archive.data)) as found:
        assert "person.json" in found.namelist()
    assert here.seen.looks()["counter_export"] == 1
    assert here.do("closing", {"sure": False}, 422)["code"] == "closing-unsure"
    here.do("wallet/block", None, 201)
    assert here.do("closing", {"sure": True}, 409)["code"] == "wallet-blocked"
    assert here.seen.row().closed_at is None


def test_another_officer_and_who_was_only_named(here: ByProgram, services: Services) -> None:
    acts: tuple[tuple[str, Any], ...] = (("consents", YES), ("restriction/end", None))
    for act, body in (*acts, ("language", {"language": "en"}), ("wallet/block", None)):
        assert here.call(act, body, who="officer-2").status_code == 404
    assert here.call("rights", method="GET", who="officer-2").status_code == 404
    address = f"{uuid4().hex}@city.example"
    with services.database.transaction() as session:
        now, level = services.clock.now(session), IdentityLevel.CONTACT
        identity.register_person(session, address, level=level, now=now)
    named = here.town.post("officer", "/counter/visits/by-email", {"email": address})
    here.visit = f"/counter/visits/{named['id']}"
    here.seen.prove()
    asked = here.do("requests", {"kind": "objection", "purpose": "review", "text": WORDS}, 201)
    lets_go_on = (("restriction/end", None), (f"requests/{asked['id']}/withdrawal", None))
    for act, body in (("consents", YES), ("closing", {"sure": True}), *lets_go_on):
        assert here.call(act, body).said["code"] == "counter-not-shown", act
    nobody = uuid4()
    for paper in ("export.zip", f"consents/{nobody}/receipt", f"actions/{nobody}/receipt"):
        assert here.call(paper, method="GET").said["code"] == "counter-not-shown", paper
    link = here.call("rider-link-codes", ON_PARTNERS | {"organisation_id": str(uuid4())})
    assert link.said["code"] == "counter-not-shown"
