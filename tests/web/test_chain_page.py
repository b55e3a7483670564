"""The operator's page: what stands on its way to the chain, why, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.chain.models import ChainBlock, ChainCursor
from app.identity import service as identity
from app.identity.models import IdentityLevel, Role
from app.outbox.models import ChainNode, OutboxState
from app.outbox.pauses import pause
from app.outbox.service import enqueue, report_incident
from app.services import Services
from tests.support.office import Office


@pytest.fixture
def office(services: Services, client: FlaskClient) -> Office:
    return Office(services, client)


def test_nothing_is_wrong(office: Office) -> None:
    shown = office.look("one", "/office/chain")
    for said in ("No incident is open.", "No node was looked at yet."):
        assert said in shown


def test_a_paused_key_stands_under_no_word_that_all_is_well(
    office: Office, services: Services
) -> None:
    with services.database.transaction() as session:
        pause(session, "minter", reason="by ana: it may be lost", now=services.clock.now(session))
    shown = office.look("one", "/office/chain")
    assert "No incident is open." in shown
    assert "it may be lost" in shown
    assert "all is as it should be" not in shown


def add_nodes(session: Session, now: datetime) -> None:
    session.add(ChainNode(label="node-1:8545", head_number=1234, answered_at=now))
    session.add(ChainNode(label="node-2:8545", trouble="ConnectError: refused"))
    session.add(ChainNode(label="node-3:8545", answered_at=now, low_since=now))


def test_what_stands_is_shown_with_its_reason_and_its_end(
    office: Office, services: Services
) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        payload = {"kind": bytes(32), "day": 1, "root": bytes(32)}
        row = enqueue(session, kind="anchor", key="page", payload=payload, now=now)
        row.last_error, row.waits_until = "PauseInForce(family=1)", now + timedelta(days=14)
        held = enqueue(
            session, kind="cancel_batch", key="b", payload={"batch_id": b"x" * 32}, now=now
        )
        held.state, held.last_error = OutboxState.HELD, "BatchUsed"
        pause(session, "burner", reason="by ana: the key moves tonight", now=now)
        add_nodes(session, now)
        report_incident(session, code="nodes_disagree", detail="block 7 differs", now=now)
    shown = office.look("one", "/office/chain")
    for said in (
        "Two nodes tell different stories: all is stopped until somebody has looked",
        "block 7 differs",
        "The chain refuses until",
        "PauseInForce(family=1)",
        "held for a person",
        "BatchUsed",
        "the key moves tonight",
        "node-1:8545",
        "1,234",
        "ConnectError: refused",
        "lags behind",
    ):
        assert said in shown, said


def test_reasons_are_said_in_the_reader_s_language_and_what_stays_english_is_marked(
    office: Office, services: Services
) -> None:
    """A screen reader would read it out as French."""
    with services.database.transaction() as session:
        now = services.clock.now(session)
        payload = {"kind": bytes(32), "day": 2, "root": bytes(32)}
        row = enqueue(session, kind="anchor", key="said", payload=payload, now=now)
        row.last_error = "NotAllowed(because=Sender account not authorized)"
        pause(
            session, "registrar", reason="by Civis: 0xab: nonce 7 on the chain, 5 is ours", now=now
        )
        session.add(ChainNode(label="node-4:8545", trouble="ConnectError: no route"))
    office.look("one", "/office/chain")
    french = office.client.get("/office/chain", headers={"Accept-Language": "fr"}).text
    assert "Le réseau n’autorise pas notre clé à envoyer" in french
    assert f'<code lang="en">{row.last_error}</code>' in french
    assert "par Civis\xa0: 0xab\xa0: numéro 7 sur la chaîne" in french
    assert '<span lang="en">ConnectError: no route</span>' in french


def test_what_else_needs_somebody_is_said_in_words_on_both_pages(
    office: Office, services: Services
) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        report_incident(session, code="letters_given_up", detail="3 of this round", now=now)
    for page in ("/office", "/office/chain"):
        assert "Letters could not be sent" in office.look("one", page)
        french = office.client.get(page, headers={"Accept-Language": "fr"}).text
        assert "Des courriels n’ont pas pu être envoyés" in french


def test_how_far_our_books_are_behind_is_said_only_of_a_block_they_have_not_read(
    office: Office, services: Services
) -> None:
    with services.database.transaction() as session:
        now, seen = services.clock.now(session), b"s" * 32
        read_at = now - timedelta(seconds=90)
        session.add(ChainBlock(hash=seen, number=7_000, parent_hash=bytes(32), block_time=read_at))
        for name, number in (("seen", 7_000), ("final", 6_995)):
            session.add(ChainCursor(name=name, number=number, hash=seen, genesis_hash=bytes(32)))
        node = ChainNode(label="node-9:8545", head_number=6_997, head_time=now, answered_at=now)
        session.add(node)
    shown = office.look("one", "/office/chain")
    assert "Read up to block 7,000, final for us up to block 6,995." in shown
    assert "Newest block then: 6,997" in shown
    assert "Behind the newest block" not in shown
    with services.database.transaction() as session:
        session.get_one(ChainNode, "node-9:8545").head_number = 7_045
    shown = office.look("one", "/office/chain")
    assert "Behind the newest block of any node: 45 blocks, 90 seconds." in shown


@pytest.mark.parametrize(
    ("role", "path", "title"),
    [
        (Role.OPERATOR, "/office/chain", "On the way to the chain"),
        (Role.AUDITOR, "/office/approvals", "Who approved whom"),
    ],
)
def test_who_is_no_officer_comes_there_by_a_link_too(
    office: Office, services: Services, role: Role, path: str, title: str
) -> None:
    who = role.value
    with services.database.transaction() as session:
        now, level = services.clock.now(session), IdentityLevel.CONTACT
        person = identity.register_person(session, office.address(who), level=level, now=now).id
        if role not in identity.roles_of(session, person, now):
            identity.grant_role(session, person_id=person, role=role, now=now)
        office.tokens[who] = identity.open_session(session, person, "api", now)
    assert f'href="{path}"' in office.look(who, "/figures")
    assert f"<h1>{title}</h1>" in office.look(who, path)
