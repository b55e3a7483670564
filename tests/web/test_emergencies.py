"""Emergency access: alone, for hours, never silent; and nothing that takes two opens by it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import ProgrammingError
from sqlmodel import col

from app.context import Application
from app.identity import service as identity
from app.identity.block_models import WalletBlock
from app.identity.models import Role, SignInSession
from app.outbox.models import OutboxItem
from app.privacy.models import AccessRecord
from app.services import Services
from tests.rules.route_list import COMMITTED
from tests.support.alarmed import CITIZEN, SAID, WHY, Alarmed
from tests.support.signer import write_deployment
from tests.support.strangers import arguments, filled


@pytest.fixture(scope="module")
def made(services: Services, application: Application) -> Iterator[Alarmed]:
    with application.test_client() as client:
        alarmed = Alarmed(services, client)
        write_deployment(services.settings)  # what the public figures name
        yield alarmed
        alarmed.owner.dispose()


@pytest.fixture
def office(made: Alarmed) -> Alarmed:
    made.forget()
    return made


def test_everybody_hears_of_it_at_once(office: Alarmed) -> None:
    before = office.count(AccessRecord)
    assert "Emergency access" not in office.look("one", "/figures").partition("<main")[2]
    office.opened()
    staff = {office.address(who) for who in office.people if who != "new"}
    assert set(office.letters("ALERTE")) == staff
    assert office.count(AccessRecord) > before, "in the log whose roots are on the chain"
    for who, path in {"one": "/office", "treasurer": "/treasury", "auditor": "/figures"}.items():
        assert "one person acts alone" in office.look(who, path)
    assert "one person acts alone" not in office.look("new", "/me")
    assert "1 emergency access to be reviewed" not in office.look("one", "/office")
    public = office.client.get("/api/v1/figures").get_json()["records"]
    [line] = [one for one in public if one["id"] == "emergency-accesses"]
    assert line["opened"] == 1
    assert set(line) == {"id", "provenance", "opened", "last_on", "text"}, "and never who"
    page = office.look("one", "/figures")
    assert "staff acts alone: 1 in" in page
    assert office.address("operator") not in page
    assert WHY in office.look("one", "/office/emergencies")
    assert office.get("operator-2", "/emergencies")["items"] == []


def test_who_may_not_or_not_so(office: Alarmed) -> None:
    """What an officer may not be besides, nobody is in an emergency."""
    with office.services.database.transaction() as session:
        now, who = office.services.clock.now(session), office.people["operator-2"]
        of = {"organisation_id": UUID(office.depot), "now": now}
        grant = identity.grant_role(session, person_id=who, role=Role.ATTESTER, **of)  # type: ignore[arg-type]
    for barred in ("treasurer", "auditor", "operator-2"):
        assert office.refused(barred, "/emergencies", SAID) == "roles-incompatible"
    assert office.refused("new", "/emergencies", SAID) == "not-allowed"
    for wrong in ({"hours": 5}, {"hours": 0}, {"reason": "."}):
        assert office.refused("one", "/emergencies", SAID | wrong) == "invalid"
    assert office.letters("ALERTE") == []
    with office.services.database.transaction() as session:
        identity.end_role(session, grant.id, by=None, now=now)


def test_it_takes_a_fresh_proof(office: Alarmed) -> None:
    with office.services.database.transaction() as session:
        now = office.services.clock.now(session)
        whose = col(SignInSession.person_id) == office.people["operator"]
        session.execute(update(SignInSession).where(whose).values(proved_at=None))
    assert office.refused("operator", "/emergencies", SAID) == "step-up-needed"
    with office.services.database.transaction() as session:
        session.execute(update(SignInSession).where(whose).values(proved_at=now))


def test_it_ends_by_itself_and_is_never_longer(office: Alarmed) -> None:
    office.opened()
    assert office.refused("operator", "/emergencies", SAID) == "emergency-so-soon"
    office.later(hours=4)
    block = {"known_by": CITIZEN}
    assert office.refused("operator", "/emergencies/blocks", block) == "emergency-not-open"
    assert "one person acts alone" not in office.look("one", "/office")
    page = office.look("operator", "/office/emergencies")
    assert "You can open none before" in page
    assert "Open it, and alarm everybody" not in page
    office.later(hours=23)
    assert office.refused("operator", "/emergencies", SAID) == "emergency-so-soon"
    office.later(hours=1)
    assert "Open it, and alarm everybody" in office.look("operator", "/office/emergencies")
    office.opened()


def test_any_other_officer_ends_it_at_once(office: Alarmed) -> None:
    path = f"/emergencies/{office.opened()}/end"
    for who in ("treasurer", "auditor", "new", "operator-2"):
        assert office.refused(who, path) == "not-allowed"
    assert office.post("other", path).status_code == 200
    block = {"known_by": CITIZEN}
    assert office.refused("operator", "/emergencies/blocks", block) == "emergency-not-open"
    assert office.refused("one", path) == "emergency-over"
    assert office.refused("operator", "/emergencies", SAID) == "emergency-so-soon"


def test_who_opened_one_can_neither_lengthen_nor_hide_it(office: Alarmed) -> None:
    """Not even a web process that skips its own checks."""
    assert office.post("other", f"/emergencies/{office.opened()}/end").status_code == 200
    for deed in (
        "update emergency_access set until = until + interval '1 hour'",
        "update emergency_access set person_id = null",
        "update emergency_end set at = at + interval '4 hours'",
        "delete from emergency_end",
        "delete from emergency_access",
        "delete from emergency_act",
        "delete from emergency_review",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            office.services.database.transaction() as session,
        ):
            session.execute(text(deed))


def test_its_deeds_carry_the_mark_and_tell_the_chain_nothing(office: Alarmed) -> None:
    late, fresh = office.request(late=True), office.request(late=False)
    before = office.count(OutboxItem)
    block, said = {"known_by": CITIZEN}, {"known_by": "nobody@city.example"}
    for one in (block, said):  # nor is anybody told who is known
        assert office.refused("operator", "/emergencies/blocks", one) == "emergency-not-open"
    begun = office.opened()
    assert office.refused("operator", "/emergencies/blocks", said) == "recovery-person-unknown"
    held = office.post("operator", "/emergencies/blocks", block).get_json()
    assert held["channel"] == "emergency"
    paused = office.post("operator", "/emergencies/pauses", {"programme_id": str(office.programme)})
    assert paused.get_json()["state"] == "paused"
    [read] = office.get("operator", "/emergencies/requests")["items"]
    assert (read["id"], read["text"]) == (str(late), "A word")
    answered = {"granted": True, "text": "It is corrected"}
    path = f"/emergencies/requests/{fresh}/answer"
    assert office.refused("operator", path, answered) == "emergency-not-late"
    path = f"/emergencies/requests/{late}/answer"
    assert office.post("operator", path, answered).get_json()["state"] == "granted"
    [shown] = office.get("other", "/emergencies")["items"]
    assert [(one["deed"], one["about"]) for one in shown["acts"]] == [
        ("seek", begun),  # also who is looked for in vain
        ("block", held["id"]),
        ("pause", str(office.programme)),
        ("read", str(late)),
        ("answer", str(late)),
    ]
    _said_in_words_and_lifted(office, held["id"])
    assert office.count(OutboxItem) == before
    assert office.refused("operator", "/emergencies/blocks", block) == "recovery-another-officer"


def _said_in_words_and_lifted(office: Alarmed, block: str) -> None:
    page = office.look("other", "/office/emergencies")
    assert block not in page
    assert "Something about me is wrong, received on" in page
    assert office.post("other", f"/blocks/{block}/end").status_code == 204


def test_whoever_blocked_alone_goes_on_once_when_nobody_can_be_reached(office: Alarmed) -> None:
    said = {"known_by": CITIZEN, "channel": "telephone"}
    assert office.post("one", "/blocks", said).status_code == 201
    assert office.refused("one", "/blocks", said) == "block-goes-on"
    office.opened("one")
    again = office.post("one", "/emergencies/blocks", {"known_by": CITIZEN})
    assert again.status_code == 201
    block = {"known_by": CITIZEN}
    assert office.refused("one", "/emergencies/blocks", block) == "block-goes-on"
    own = {"known_by": office.address("one")}
    assert office.refused("one", "/emergencies/blocks", own) == "recovery-another-officer"
    assert office.count(WalletBlock) == 2


def test_nothing_else_opens_by_it(office: Alarmed) -> None:
    """Every route for some role and no operator: money, keys, recoveries, roles among them."""
    office.opened()
    asked = 0
    for line in COMMITTED.read_text(encoding="utf-8").splitlines():
        rule, method, auth = line.split()[:3]
        open_to = set(auth.split(","))
        if open_to & {"public", "signed-in", "citizen", "operator", "device"}:
            continue
        path = rule
        for argument in arguments(rule):
            path = filled(path, argument, str(uuid4()))
        headers = {
            "Authorization": f"Bearer {office.tokens['operator']}",
            "Idempotency-Key": str(uuid4()),
        }
        answer = office.client.open(path, method=method, headers=headers, json={})
        assert answer.status_code == 403, line
        asked += 1
    assert asked > 150
    assert office.held("operator") == {"citizen", "operator"}, "the signer reads roles, and no more"


def test_an_officer_in_one_still_needs_the_second_person(office: Alarmed) -> None:
    office.opened("one")
    proposal = office.propose().get_json()
    confirmation = f"/proposals/{proposal['id']}/confirmation"
    assert office.refused("one", confirmation) == "another-must-confirm"
    own = {"email": office.address("one"), "role": "auditor", "organisation_id": None}
    assert office.propose(**own).get_json()["code"] == "role-for-oneself"
    assert office.post("one", f"/proposals/{proposal['id']}/rejection").status_code == 200


def test_by_page_too(office: Alarmed) -> None:
    listed = "/office/emergencies"
    wrong = office.send("operator", listed, listed, {"hours": "9", "reason": WHY})
    assert wrong.status_code == 422
    sent = office.send("operator", listed, listed, {"hours": "1", "reason": WHY})
    assert sent.status_code == 303, sent.text
    blocked = office.send("operator", listed, f"{listed}/blocks", {"known_by": CITIZEN})
    assert blocked.status_code == 303, blocked.text
    late = office.request(late=True)
    assert "A word" in office.look("operator", f"{listed}/requests")
    said = {"decision": "refused", "text": "It is right as it stands"}
    answered = office.send("operator", f"{listed}/requests", f"{listed}/requests/{late}", said)
    assert answered.status_code == 303
    [one] = office.get("other", "/emergencies")["items"]
    ended = office.send("other", listed, f"{listed}/{one['id']}/end", {})
    assert ended.status_code == 303
    assert "a wallet was blocked" in office.look("other", listed)
    wrote = office.send("other", listed, f"{listed}/{one['id']}/reviews", {"text": "All right"})
    assert wrote.status_code == 303
    own = office.look("operator", listed)
    assert "You can open none before" in own
    assert "Open emergency access for myself" not in own
    assert office.look("operator", f"{listed}/requests").count("no emergency access open") == 1
