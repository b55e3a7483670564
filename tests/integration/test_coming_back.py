"""What a restored database is told again, kind by kind."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.actions import keys, organisation_keys
from app.actions.models import ActionState, AttesterKey
from app.backup.replaying import replay
from app.chain import typed
from app.chain.contracts.failures import settle_refusal
from app.chain.errors import Reverted
from app.chain.sending.restored_rows import Came
from app.clock import Clock
from app.db import uuid7
from app.errors import Problem
from app.identity.models import Organisation
from app.identity.passkeys.models import Passkey
from app.identity.passkeys.service import remove_passkey
from app.journal import Journal
from app.outbox.models import OutboxItem, OutboxState
from app.outbox.service import enqueue
from app.privacy.service import Ref, seal
from app.recovery.moves import ON_FAILURE
from app.rewards.batches.again import cancel_again
from app.rewards.batches.batching import cut_batch
from app.rewards.batches.choosing import due_programmes
from app.rewards.batches.due import Limits
from app.rewards.models import Batch, BatchState
from app.services import Services
from tests.support.city import City
from tests.support.waiting_credits import due_deeds


@pytest.fixture
def now(db: Session) -> datetime:
    return Clock().now(db).replace(microsecond=0)


def test_a_batch_that_came_back_and_was_barred_holds_up_nothing(
    db: Session, now: datetime, tmp_path: Path
) -> None:
    """Both were sent after the backup: its transaction was refused, then the chain barred it."""
    programme = City(db, now).programme(batch_min_accounts=1)
    programme.token_address = "0x" + "1" * 40
    deeds = due_deeds(db, programme, now, 2)
    batch = cut_batch(db, programme, folder=tmp_path, now=now, limits=Limits())
    assert batch is not None
    row = db.scalars(select(OutboxItem).where(col(OutboxItem.kind) == "commit_batch")).one()
    row.state = OutboxState.SENT
    key, payload = batch.id.hex(), {"batch_id": batch.id}
    barred = enqueue(db, kind="cancel_batch", key=key, payload=payload, now=now)
    cancel_again(db, Came(barred, {}, executed=True, new=True, artefacts=tmp_path, now=now))
    db.expire_all()
    assert (batch.state, row.state) == (BatchState.CANCELLED, OutboxState.FAILED)
    assert {deed.state for deed in deeds} == {ActionState.AUTHENTICATED}
    assert due_programmes(db, now) == [programme]


@pytest.mark.parametrize("executed", [True, False])
def test_what_is_barred_and_forgotten_is_not_cut_alike_again(
    db: Session, now: datetime, tmp_path: Path, executed: bool
) -> None:
    """The chain would refuse it under its id, and the programme would stand."""
    programme = City(db, now).programme(batch_min_accounts=1)
    programme.token_address = "0x" + "1" * 40
    due_deeds(db, programme, now, 2)
    db.flush()
    lost = db.begin_nested()
    batch = cut_batch(db, programme, folder=tmp_path, now=now, limits=Limits())
    assert batch is not None
    barred_id = batch.id
    lost.rollback()
    db.expire_all()
    barred = enqueue(
        db, kind="cancel_batch", key=barred_id.hex(), payload={"batch_id": barred_id}, now=now
    )
    cancel_again(db, Came(barred, {}, executed, new=True, artefacts=tmp_path, now=now))
    other = cut_batch(db, programme, folder=tmp_path, now=now, limits=Limits())
    assert other is not None
    assert other.id != barred_id
    assert (other.sequence, other.action_count) == (0, 1), "the last deed goes out later"
    state = BatchState.CANCELLED if executed else BatchState.FAILED
    assert db.get_one(Batch, barred_id).state is state


def test_of_what_is_barred_a_lost_deed_makes_another_batch_anyway(
    db: Session, now: datetime, tmp_path: Path
) -> None:
    key = "ab" * 32
    said = {"root": "0x" + key, "actions": [[str(uuid7()), "0x" + key, 100, ""]]}
    (tmp_path / f"{key}.json").write_text(json.dumps(said), encoding="ascii")
    payload = {"batch_id": bytes.fromhex(key)}
    barred = enqueue(db, kind="cancel_batch", key=key, payload=payload, now=now)
    cancel_again(db, Came(barred, {}, executed=True, new=True, artefacts=tmp_path, now=now))
    assert db.get(Batch, bytes.fromhex(key)) is None


CHAIN_HAS = {"kind": 1, "scope_hash": "0x" + keys.ANY_SCOPE.hex(), "valid_from": 10**9}


def _registered(db: Session, city: City, said: dict[str, Any]) -> Organisation:
    """Its key came back from the chain as it says there; that an officer registered it did not."""
    body = city.organisation()
    body.key_valid_from = body.key_valid_until = None
    key = body.key_address
    assert key is not None
    payload = {"key": key, "valid_until": 2 * 10**9, **said}
    payload["scope_hash"] = bytes.fromhex(said["scope_hash"][2:])
    row = enqueue(db, kind="register_attester", key=key, payload=payload, now=city.now)
    row.state = OutboxState.FINAL
    return body


def _rows(db: Session, kind: str) -> int:
    query = select(func.count()).select_from(OutboxItem).where(col(OutboxItem.kind) == kind)
    return int(db.scalar(query) or 0)


def test_an_organisation_s_key_that_the_chain_has_is_registered_again_as_it_is_there(
    db: Session, now: datetime
) -> None:
    body = _registered(db, City(db, now), CHAIN_HAS)
    organisation_keys.register_key(db, body.id, by=uuid7(), now=now)
    assert body.key_valid_from == datetime.fromtimestamp(10**9, UTC)
    assert body.key_valid_until == datetime.fromtimestamp(2 * 10**9, UTC)
    assert _rows(db, "register_attester") == 1, "nothing is sent a second time"


@pytest.mark.parametrize("otherwise", [{"kind": 3}, {"scope_hash": "0x" + "1" * 64}, {}])
def test_a_key_that_the_chain_has_otherwise_is_not_registered(
    db: Session, now: datetime, otherwise: dict[str, Any]
) -> None:
    """As another kind, for something else, or revoked since: nobody may take it for good."""
    body = _registered(db, City(db, now), CHAIN_HAS | otherwise)
    if not otherwise:
        payload = {"key": body.key_address, "for_cause": True}
        gone = enqueue(
            db, kind="revoke_attester", key=str(body.key_address), payload=payload, now=now
        )
        gone.state = OutboxState.SENT
    with pytest.raises(Problem, match="key-registered-otherwise"):
        organisation_keys.register_key(db, body.id, by=uuid7(), now=now)
    assert (body.key_valid_from, _rows(db, "register_attester")) == (None, 1)


def _passkey(session: Session, passkey: UUID, person: UUID, now: datetime) -> None:
    sealed = seal(session, person, Ref("passkey", "name_sealed", passkey), "telephone")
    session.add(
        Passkey(
            id=passkey, person_id=person, credential_id=passkey.bytes, public_key=b"k",
            sign_count=0, name_sealed=sealed, created_at=now,
        )
    )  # fmt: skip
    session.flush()


def test_what_was_taken_from_a_thief_is_taken_again(services: Services) -> None:
    passkey = uuid7()
    with services.database.transaction() as session:
        now = services.clock.now(session)
        city = City(session, now)
        clerk, person = city.clerk(city.organisation()), city.citizen().id
        _passkey(session, passkey, person, now)
    address, body = typed.address_of(clerk.key), clerk.organisation
    with services.database.transaction() as session:
        remove_passkey(session, passkey, person, now)
        keys.revoke_key(session, address=address, organisation=body, for_cause=True, now=now)
    reading = Journal(services.settings.kept.journal).read()
    with services.database.session() as session:  # as a backup from before has them
        _passkey(session, passkey, person, now)
        good = {"revoked_at": None, "revoked_for_cause": False}
        session.execute(update(AttesterKey).values(good))
        done = replay(session, reading, now).done
        assert done == {journal.PASSKEY_REMOVED: 1, journal.KEY_REVOKED: 1}
        assert session.get(Passkey, passkey) is None
        key = session.get_one(AttesterKey, address)
        assert (key.revoked_at, key.revoked_for_cause) == (now, True)
        assert not replay(session, reading, now).done, "once"


def test_what_an_officer_enters_again_as_it_was_is_not_sent_again(
    db: Session, now: datetime
) -> None:
    """The row came back from the chain, what announced it is forgotten."""
    payload = {"payee": "0x" + "7" * 40, "state": 2}

    def announced(state: int) -> OutboxItem:
        said = payload | {"state": state}
        return enqueue(db, kind="set_payee_state", key="closing", payload=said, now=now)

    row = announced(2)
    with pytest.raises(IntegrityError), db.begin_nested():
        announced(2)
    row.state = OutboxState.FINAL
    db.flush()
    assert announced(2) is row
    with pytest.raises(IntegrityError), db.begin_nested():
        announced(3)


def test_a_move_that_is_forgotten_and_that_the_chain_refuses_stops_no_key(
    db: Session, now: datetime
) -> None:
    """Nothing is held for it any more; the other rows of its call's key go on."""
    row = OutboxItem(
        kind="move_account", key="ab" * 32, signer="settler", payload={},
        state=OutboxState.WAITING, created_at=now,
    )  # fmt: skip
    db.add(row)
    db.flush()
    settle_refusal(db, [row], Reverted("ProgrammeIsClosed", {}), now, ON_FAILURE)
    assert row.state is OutboxState.FAILED
