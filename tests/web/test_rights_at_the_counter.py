"""Every right of a citizen with a card and a counter officer alone: no address, no sign-in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from joserfc.jwk import OKPKey
from sqlalchemy import text

from app.application import build
from app.chain.signer import SignerClient
from app.identity.cards.models import CardState
from app.identity.models import OrganisationKind
from app.identity.organisations import create_organisation
from app.privacy.consent_held import has_consent
from app.privacy.consents import consents_of
from app.privacy.notices import OPERATOR, purposes
from app.reporting.verify.command import command as verify
from app.services import Services
from tests.support.at_counter import AtCounter
from tests.support.card_till import Till, card_till
from tests.support.cards import held, printed
from tests.web.test_card_counter import PINS
from tests.web.test_forms_again import send

RIGHTS, EXPORT = "counter_rights", "counter_export"


@pytest.fixture
def till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with card_till(services, signer) as made:
        yield made


@pytest.fixture
def here(till: Till, signer: SignerClient) -> AtCounter:
    """The holder of the till's card before an officer."""
    application = build(parts=replace(till.services, signer=signer))
    browser, token = application.test_client(), till.city.tokens["officer"]
    browser.set_cookie("civis", token)
    visit, person = f"/counter/visits/{till.visit}", till.card.person_id
    return AtCounter(till.services, browser, token, visit, person)


def _sees(here: AtCounter) -> None:
    """Each opening is one look, and the page itself shows it."""
    for _ in range(2):
        before = here.looks()
        page = here.read()
        assert here.looks() - before == {RIGHTS: 1}
        assert page.count("all that you can see yourself, opened before you") == before[RIGHTS] + 1
    assert "a card, without name or address" in page
    assert "6.80" in page.partition("Balance")[2][:200]
    assert "Who looked" in page


def _consent_on_paper(here: AtCounter, folder: Path) -> None:
    """Every field in words; what was typed is the city's word, and no other's."""
    with here.services.database.session() as session:
        [consent] = consents_of(session, here.person)
    before, path = here.looks(), f"{here.visit}/rights/consents/{consent.id}/paper"
    page = here.browser.get(f"{path}?lang=en").text
    assert here.looks() - before == {"counter_consent": 1}
    for said in (str(consent.id), consent.notice_hash.hex(), "CNIL", "Legal basis", "agreed"):
        assert said in page
    assert ">365 jours<" in here.browser.get(f"{path}?lang=fr").text, "no codes"
    typed, keys = folder / "typed.txt", folder / "keys.json"
    typed.write_text(" ".join(re.findall(r'class="code">(CIVIS1-[^<]+)<', page)), encoding="utf-8")
    known = here.browser.get("/.well-known/jwks.json").get_json()
    keys.write_text(json.dumps(known), encoding="utf-8")
    assert verified(typed) == 2  # nobody said whose keys are the city's
    assert verified(typed, "--keys", str(keys)) == 0
    other = OKPKey.generate_key("Ed25519", {"kid": known["keys"][0]["kid"]}).as_dict(private=False)
    keys.write_text(json.dumps({"keys": [other]}), encoding="utf-8")
    assert verified(typed, "--keys", str(keys)) == 1
    assert here.browser.get(path.replace(str(consent.id), str(uuid4()))).status_code == 404


def verified(typed: Path, *more: str) -> int:
    return CliRunner().invoke(verify, [str(typed), *more]).exit_code


def _permits(here: AtCounter, folder: Path) -> None:
    notice = purposes()["research"]
    said = {"purpose": notice.id, "notice_version": notice.version}
    assert "Enter their age band first" in here.press("consents", 403, **said, given="yes")
    here.press("age", band="adult")
    here.press("consents", **said, given="yes")
    with here.services.database.session() as session:
        assert has_consent(session, here.person, notice.id, OPERATOR)
        [consent] = consents_of(session, here.person)
    assert "entered by an officer" in consent.terms["collection_method"].lower() or (
        "saisi par un agent" in consent.terms["collection_method"]
    )
    _consent_on_paper(here, folder)
    here.press("consents", purpose=notice.id, recipient=OPERATOR, given="end")
    with here.services.database.session() as session:
        assert not has_consent(session, here.person, notice.id, OPERATOR)
    by = f"counter:{here.officer}"
    assert here.consent_steps(notice.id) == [("given", by), ("withdrawn", by)]
    here.press("consents", 409, **said | {"notice_version": "2001-1"}, given="yes")
    _links_a_partner(here)


def _links_a_partner(here: AtCounter) -> None:
    """A yes is to the notice that stood on the page, and to no other."""
    with here.services.database.transaction() as session:
        now, kind = here.services.clock.now(session), OrganisationKind.PARTNER
        create_organisation(session, slug="bikes", kind=kind, name="Bikes", now=now)
    form = here.read().partition("/rights/partners")[2].partition("</form>")[0]
    fields = dict(re.findall(r'name="(organisation_id|notice_version)" value="([^"]+)"', form))
    assert fields["notice_version"] == purposes()["partner_trips"].version
    here.press("partners", 409, **fields | {"notice_version": "2001-1"})
    here.press("partners", 409, organisation_id=fields["organisation_id"])
    with here.services.database.session() as session:
        assert not has_consent(session, here.person, "partner_trips", fields["organisation_id"])
    assert "It works once, for one hour" in here.press("partners", 200, **fields)
    with here.services.database.session() as session:
        assert has_consent(session, here.person, "partner_trips", fields["organisation_id"])


def _asks(here: AtCounter, till: Till) -> None:
    """A correction, which another officer answers, and the person reads it on paper."""
    here.press("requests", 422, kind="rectification")
    here.press("requests", kind="rectification", text="It was paper, not glass.")
    answer = {"granted": True, "text": "Corrected, thank you."}
    till.city.post("officer-2", f"/rights-requests/{here.request_ids()[-1]}/answer", answer)
    page = here.read()
    assert "It was paper, not glass." in page
    assert "Corrected, thank you." in page


def _stops(here: AtCounter) -> None:
    """All uses, until they let them go on; one use, until they take the objection back."""
    here.press("requests", kind="restriction")
    assert here.halted() == [None]
    assert "Every use but your own stands still" in here.read()
    here.press("restriction/end")
    assert here.halted() == []
    here.press("requests", kind="objection", purpose="review", text="I don't want it.")
    assert here.halted() == ["review"]
    here.press("requests/withdrawal", request_id=str(here.request_ids()[-1]))
    assert here.halted() == []
    by = here.officer
    steps = [one for one in here.journal() if one[0] != "rectification"]
    assert steps == [
        ("restriction", "received", by),
        ("restriction", "granted", by),
        ("restriction", "ended", by),
        ("objection", "received", by),
        ("objection", "withdrawn", by),
    ]


def _takes_along(here: AtCounter) -> None:
    """With a fresh proof of the officer; the archive tells of this very look."""
    here.prove(fresh=False)
    assert here.export().status_code == 403
    assert here.looks()[EXPORT] == 0
    here.prove()
    before, answer = here.looks(), here.export()
    assert answer.mimetype == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    with ZipFile(BytesIO(answer.data)) as archive:
        parts = {name: json.loads(archive.read(f"{name}.json")) for name in ("person", "looks")}
        steps = json.loads(archive.read("permission_steps.json"))
    assert parts["person"][0]["id"] == str(here.person)
    assert EXPORT in [one["resource"] for one in parts["looks"]]
    assert {one["by"] for one in steps} == {"counter"}
    assert here.looks() - before == {EXPORT: 1}
    assert here.journal()[-1] == ("access", "granted", here.officer)


def _contests(here: AtCounter, payment: str) -> None:
    said = {"payment_id": payment, "reason": "not-mine"}
    assert send(here.browser, f"{here.visit}/contests", **said)[0] == 303
    assert "contested" in here.read().partition('id="payments"')[2].lower()


def _blocks(here: AtCounter, till: Till) -> None:
    here.press("block")
    assert "at the counter" in here.read().partition('id="wallet"')[2]
    status, answer = till.charge(str(till.city.ask(100)["id"]))
    assert (status, answer["code"]) == (409, "wallet-blocked")
    here.prove(fresh=False)
    here.press("closing", 403, sure="yes")
    here.prove()
    here.press("closing", 409, sure="yes")  # a thief must not erase the owner
    with here.services.database.transaction() as session:
        session.execute(text("update wallet_block set lifted_at = since"))


def _replaces(here: AtCounter, till: Till, signer: SignerClient) -> str:
    [new] = printed(till.services, signer)
    assert send(here.browser, f"{here.visit}/card", card_number=new.number, **PINS)[0] == 303
    assert held(till.services, till.card.number).state is CardState.REPLACED
    return new.number


def _leaves(here: AtCounter, number: str) -> None:
    here.press("closing", 422)  # without the box
    page = here.press("closing", 200, sure="yes")
    assert "The account is closed" in page
    assert here.row().closed_at is not None
    assert held(here.services, number).state is CardState.BLOCKED
    assert here.browser.get(f"{here.visit}/rights").status_code == 404
    assert here.journal()[-1] == ("erasure", "granted", here.officer)


def test_a_card_and_an_officer_are_enough_for_every_right(
    here: AtCounter, till: Till, signer: SignerClient, tmp_path: Path
) -> None:
    payment = till.paid(320)
    _sees(here)
    _permits(here, tmp_path)
    _asks(here, till)
    _stops(here)
    _takes_along(here)
    _contests(here, payment)
    _blocks(here, till)
    number = _replaces(here, till, signer)
    _leaves(here, number)


def test_only_the_officer_of_the_visit_while_it_lasts(here: AtCounter, till: Till) -> None:
    before = here.looks()
    other = here.browser.application.test_client()
    other.set_cookie("civis", till.city.tokens["officer-2"])
    assert other.get(f"{here.visit}/rights").status_code == 404
    notice = purposes()["research"]
    said = {"purpose": notice.id, "notice_version": notice.version, "given": "yes"}
    assert send(other, f"{here.visit}/rights/consents", **said)[0] == 404
    with till.services.database.transaction() as session:
        session.execute(text("update counter_visit set expires_at = at"))
    here.read(404)
    here.press("consents", 404, **said)
    here.press("requests", 404, kind="restriction")
    here.prove()
    here.press("closing", 404, sure="yes")
    assert here.export().status_code == 404
    assert (here.looks(), here.consent_steps(notice.id), here.halted()) == (before, [], [])
