"""`civis outbox` on keys, nodes and incidents: what was decided stays on record with its reason."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from app.chain.typed import keccak
from app.outbox.models import ChainNode, ChainTransaction, Incident, TransactionState
from app.outbox.pauses import paused
from app.outbox.service import report_incident
from app.services import Services
from tests.integration.test_outbox_command import anchor, run

ADDRESS = "0x" + "1" * 40


@pytest.fixture(autouse=True)
def _nothing_open(services: Services) -> None:
    """Whatever earlier tests left is looked at."""
    with services.database.transaction() as session:
        now = services.clock.now(session)
        session.execute(update(Incident).values(acknowledged_at=now))


def sent(
    services: Services,
    signer: str,
    nonce: int,
    state: TransactionState,
    address: str = ADDRESS,
) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        row = ChainTransaction(
            kind="anchor",
            signer=signer,
            signer_address=address,
            chain_id=1,
            nonce=nonce,
            raw=b"\x02",
            hash=keccak(uuid4().bytes),
            state=state,
            signed_at=now - timedelta(minutes=5),
        )
        session.add(row)


def noted(services: Services, reference: str) -> list[tuple[str, str]]:
    with services.database.session() as session:
        query = select(Incident).where(col(Incident.reference) == reference)
        query = query.order_by(col(Incident.id))
        return [(one.code, one.detail) for one in session.scalars(query)]


def test_a_key_is_paused_and_goes_on(services: Services) -> None:
    assert run(services, "pause", "minter").returncode == 2, "a reason is needed"
    unknown = run(services, "pause", "nobody", "--reason", "x")
    assert (unknown.returncode, "there are anchor" in unknown.stderr) == (1, False)
    assert "minter" in unknown.stderr
    for command in ("resume", "fill", "rebroadcast"):
        done = run(services, command, "nobody", "--reason", "x")
        assert (done.returncode, done.stderr) == (1, unknown.stderr)
    done = run(services, "pause", "minter", "--reason", "the key moves tonight")
    assert (done.returncode, done.stdout.endswith("minter is paused.\n")) == (0, True)
    assert run(services, "pause", "minter", "--reason", "again").returncode == 1
    rows = json.loads(run(services, "keys", "--json").stdout)
    [row] = [one for one in rows if one["key"] == "minter"]
    assert row["paused"]["reason"].endswith(": the key moves tonight")
    assert run(services, "resume", "minter", "--reason", "it has moved").returncode == 0
    with services.database.session() as session:
        assert not paused(session)
    assert run(services, "resume", "minter", "--reason", "again").returncode == 1
    (paused_, why), (resumed, then) = noted(services, "minter")
    assert (paused_, resumed) == ("key_paused", "key_resumed")
    assert why.endswith(": the key moves tonight")
    assert then.endswith(": it has moved")


def test_what_was_reported_about_a_key_is_seen_when_it_goes_on(services: Services) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        report_incident(
            session, code="key_used_elsewhere", detail="nonce 7", now=now, reference="burner"
        )
    run(services, "pause", "burner", "--reason", "until we know")
    [listed] = json.loads(run(services, "incidents", "--json").stdout)
    assert listed["code"] == "key_used_elsewhere"
    run(services, "resume", "burner", "--reason", "it was our own test")
    assert json.loads(run(services, "incidents", "--json").stdout) == []


def test_keys_are_shown_with_what_is_not_mined(services: Services) -> None:
    sent(services, "settler", 4, TransactionState.FINAL)
    sent(services, "settler", 5, TransactionState.BROADCAST)
    anchor(services)
    rows = {row["key"]: row for row in json.loads(run(services, "keys", "--json").stdout)}
    assert (rows["settler"]["last_nonce"], rows["settler"]["oldest_unmined_nonce"]) == (5, 5)
    assert rows["settler"]["next_nonce_by_the_chain"] is None, "there is no chain here"
    assert (rows["minter"]["waiting"], rows["minter"]["held"]) == (0, 1)
    said = run(services, "keys").stdout
    assert "settler: last nonce 5, the chain can't be asked, unmined 5" in said


def test_after_a_change_of_key_the_new_one_is_shown(services: Services) -> None:
    """Its nonces begin at 0, however far the old one had come."""
    new = "0x" + "2" * 40
    sent(services, "burner", 19, TransactionState.FINAL)
    sent(services, "burner", 0, TransactionState.BROADCAST, new)
    rows = {row["key"]: row for row in json.loads(run(services, "keys", "--json").stdout)}
    row = rows["burner"]
    assert (row["address"], row["last_nonce"], row["oldest_unmined_nonce"]) == (new, 0, 0)


def test_nothing_is_filled_behind_a_key_s_back_or_without_the_chain(services: Services) -> None:
    sent(services, "officer", 90, TransactionState.BROADCAST)
    running = run(services, "fill", "officer", "--reason", "x")
    assert (running.returncode, "Pause officer first" in running.stderr) == (1, True)
    run(services, "pause", "officer", "--reason", "to fill it")
    blind = run(services, "fill", "officer", "--reason", "x")
    assert (blind.returncode, "can't be" in blind.stderr) == (1, True)
    with services.database.session() as session:
        assert set(session.scalars(select(col(ChainTransaction.abandoned)))) == {None}


def test_an_incident_is_looked_at(services: Services) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        found = report_incident(session, code="nodes_disagree", detail="block 7", now=now)
        session.add(ChainNode(label="node:8545", head_number=7, answered_at=now))
    assert "node:8545: block 7" in run(services, "nodes").stdout
    assert "nodes_disagree: block 7" in run(services, "incidents").stdout
    done = run(services, "acknowledge", str(found.id), "--reason", "the second was restored")
    assert done.returncode == 0, done.stderr
    assert run(services, "incidents").stdout == "There is none.\n"
    assert run(services, "acknowledge", str(found.id), "--reason", "x").returncode == 1
    assert run(services, "acknowledge", str(uuid4()), "--reason", "x").returncode == 1
    assert [code for code, _ in noted(services, str(found.id))] == ["incident_acknowledged"]
