"""What a restored database is told again, kind by kind."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.actions import keys
from app.actions.models import ActionState, AttesterKey
from app.backup.replaying import replay
from app.chain import typed
from app.chain.sending.restored_rows import Came
from app.clock import Clock
from app.db import uuid7
from app.identity.passkeys.models import Passkey
from app.identity.passkeys.service import remove_passkey
from app.journal import Journal
from app.outbox.models import OutboxItem, OutboxState
from app.outbox.service import enqueue
from app.privacy.service import Ref, seal
from app.rewards.batches.again import cancel_again
from app.rewards.batches.batching import cut_batch
from app.rewards.batches.choosing import Limits, due_programmes
from app.rewards.models import BatchState
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
