"""A month's key that was destroyed, and that a backup of the keys has still."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session
from sqlmodel import col

from app.journal import KEY_DESTROYED, Journal
from app.keyfiles import write_private
from app.privacy import service
from app.privacy.keys import keyring_of
from app.privacy.models import SubjectKey
from app.privacy.retention import destroy_again, rotate_epochs
from app.privacy.service import Actor
from app.services import Services
from tests.integration.test_privacy import NOW, REF, SECRET


def test_a_key_that_its_backup_brings_back_is_destroyed_again(
    db: Session, services: Services
) -> None:
    """With a database from before it was: the living still open, and what it had is no use."""
    keyring, then = keyring_of(db), datetime(2026, 12, 6, tzinfo=UTC)
    living = service.create_subject(db, NOW)
    value = service.seal(db, living, REF, SECRET)
    kept = {name: getattr(db.get_one(SubjectKey, living), name) for name in SubjectKey.model_fields}
    path = keyring.home / "keys" / "kek-2026-11"
    key = path.read_text()
    while rotate_epochs(db, then).rewrapped:
        pass
    last = Journal(services.settings.kept.journal).read().entries[-1]
    assert (last.kind, last.ids, last.done) == (KEY_DESTROYED, {"epoch": "2026-11"}, True)
    db.execute(delete(SubjectKey).where(col(SubjectKey.subject_id) == living))
    db.add(SubjectKey(**kept))
    write_private(path, key)
    assert destroy_again(db, {"2026-11", "2025-01"}, then) == ["2026-11"]
    assert not path.exists()
    actor = Actor.subject(living)
    read = service.open_sealed(db, living, REF, value, purpose="own_data", actor=actor)
    assert read == SECRET
    assert destroy_again(db, {"2026-11"}, then) == []
