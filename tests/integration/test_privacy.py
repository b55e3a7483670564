"""What the seal, the gate and the log promise, on a real database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem
from app.privacy import consents, service
from app.privacy.consent_held import has_consent
from app.privacy.keys import KeyDestroyed, Keyring, attach, keyring_of
from app.privacy.models import AccessRecord, Consent, Subject, SubjectKey
from app.privacy.retention import rotate_epochs
from app.privacy.rules import ConsentState
from app.privacy.sealing import Ref, SealBroken
from app.privacy.service import Actor

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = datetime.now(UTC)  # consents run out
REF = Ref("person", "email_sealed", "row-1")
SECRET = "citizen-1@demo.example"


def code(call: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        call()
    return caught.value.code


def test_a_sealed_value_opens_for_its_subject_and_hides_its_text(db: Session) -> None:
    subject = service.create_subject(db, NOW)
    value = service.seal(db, subject, REF, SECRET)
    assert SECRET.encode() not in value
    actor = Actor.subject(subject)
    opened = service.open_sealed(db, subject, REF, value, purpose="own_data", actor=actor)
    assert opened == SECRET
    assert service.accesses_of(db, subject) == []


@pytest.mark.parametrize(
    "elsewhere",
    [
        Ref("person", "email_sealed", "row-2"),
        Ref("person", "name_sealed", "row-1"),
        Ref("other", "email_sealed", "row-1"),
    ],
)
def test_a_value_moved_to_another_place_does_not_open(db: Session, elsewhere: Ref) -> None:
    subject = service.create_subject(db, NOW)
    value = service.seal(db, subject, REF, SECRET)
    with pytest.raises(SealBroken):
        service.open_sealed(
            db, subject, elsewhere, value, purpose="own_data", actor=Actor.subject(subject)
        )


def test_a_value_of_another_subject_or_altered_does_not_open(db: Session) -> None:
    subject, other = (service.create_subject(db, NOW) for _ in range(2))
    value = service.seal(db, subject, REF, SECRET)
    actor = Actor.system("test")
    with pytest.raises(SealBroken):
        service.open_sealed(db, other, REF, value, purpose="own_data", actor=actor)
    altered = value[:-1] + bytes([value[-1] ^ 1])
    with pytest.raises(SealBroken):
        service.open_sealed(db, subject, REF, altered, purpose="own_data", actor=actor)


def test_another_persons_read_is_written_down(db: Session) -> None:
    subject = service.create_subject(db, NOW)
    value = service.seal(db, subject, REF, SECRET)
    officer = Actor(uuid4(), "officer", "request-1")
    service.open_sealed(db, subject, REF, value, purpose="review", actor=officer)
    [record] = service.accesses_of(db, subject)
    assert (record.actor_id, record.actor_role, record.purpose) == (officer.id, "officer", "review")
    assert (record.resource, record.fields) == ("person", ["email_sealed"])
    assert record.request_id == "request-1"


def test_a_use_that_needs_consent_is_refused_from_the_withdrawal_on(db: Session) -> None:
    subject = service.create_subject(db, NOW)
    value = service.seal(db, subject, REF, SECRET)

    def read() -> str:
        return service.open_sealed(
            db,
            subject,
            REF,
            value,
            purpose="partner_trips",
            actor=Actor.system("imports"),
            recipient="bikes",
        )

    assert code(read) == "consent-missing"
    consents.give_consent(db, subject, "partner_trips", "bikes", TODAY)
    assert read() == SECRET
    assert not has_consent(db, subject, "partner_trips", "other-partner")
    assert consents.withdraw_consent(db, subject, "partner_trips", "bikes", TODAY)
    assert code(read) == "consent-missing"


def test_an_unknown_purpose_opens_nothing(db: Session) -> None:
    subject = service.create_subject(db, NOW)
    value = service.seal(db, subject, REF, SECRET)
    test = Actor.system("test")
    with pytest.raises(KeyError):
        service.open_sealed(db, subject, REF, value, purpose="curiosity", actor=test)


def test_consent_is_given_once_and_a_refusal_ends_it(db: Session) -> None:
    subject = service.create_subject(db, NOW)
    first = consents.give_consent(db, subject, "partner_trips", "bikes", TODAY)
    again = consents.give_consent(db, subject, "partner_trips", "bikes", TODAY)
    assert first.id == again.id
    consents.refuse_consent(db, subject, "partner_trips", "bikes", TODAY)
    states = [consent.state for consent in consents.consents_of(db, subject)]
    assert states == [ConsentState.REFUSED, ConsentState.WITHDRAWN]
    unasked = code(lambda: consents.give_consent(db, subject, "sign_in", "operator", TODAY))
    assert unasked == "consent-unknown-purpose"


def test_consent_to_an_old_notice_no_longer_holds(db: Session) -> None:
    subject = service.create_subject(db, NOW)
    consents.give_consent(db, subject, "partner_trips", "bikes", TODAY)
    db.execute(update(Consent).values(notice_hash=b"another text", notice_version="2020-1"))
    assert not has_consent(db, subject, "partner_trips", "bikes")
    consents.give_consent(db, subject, "partner_trips", "bikes", TODAY)
    assert has_consent(db, subject, "partner_trips", "bikes")


def test_salts_are_stable_and_differ_by_action_and_subject(db: Session) -> None:
    subject, other = (service.create_subject(db, NOW) for _ in range(2))
    action = uuid4()
    salt = service.salt_for(db, subject, action)
    assert len(salt) == 32
    assert salt == service.salt_for(db, subject, action)
    assert salt != service.salt_for(db, subject, uuid4())
    assert salt != service.salt_for(db, other, action)


def test_pseudonyms_differ_by_purpose_and_their_parts_do_not_run_together(
    db: Session,
) -> None:
    base = service.keyed_hash(db, "trip", "ab", "c")
    assert base == service.keyed_hash(db, "trip", b"ab", b"c")
    assert base != service.keyed_hash(db, "rider", "ab", "c")
    assert base != service.keyed_hash(db, "trip", "a", "bc")


def test_erasure_leaves_ciphertexts_and_salts_unusable(db: Session) -> None:
    subject = service.create_subject(db, NOW)
    value = service.seal(db, subject, REF, SECRET)
    action = uuid4()
    service.salt_for(db, subject, action)
    consents.give_consent(db, subject, "partner_trips", "bikes", TODAY)
    service.erase_subject(db, subject, NOW)
    service.erase_subject(db, subject, NOW + timedelta(days=1))
    actor = Actor.subject(subject)
    for call in (
        lambda: service.open_sealed(db, subject, REF, value, purpose="own_data", actor=actor),
        lambda: service.salt_for(db, subject, action),
        lambda: service.seal(db, subject, REF, SECRET),
    ):
        assert code(call) == "data-erased"
    assert db.get(SubjectKey, subject) is None
    row = db.get_one(Subject, subject, populate_existing=True)
    assert row.erased_at == NOW
    assert not has_consent(db, subject, "partner_trips", "bikes")


def test_a_wrapped_key_from_a_backup_opens_nothing_once_the_month_is_destroyed(
    db: Session,
) -> None:
    subject = service.create_subject(db, NOW)
    living = service.create_subject(db, NOW)
    value = service.seal(db, living, REF, SECRET)
    row = db.get_one(SubjectKey, subject)
    backup = {name: getattr(row, name) for name in SubjectKey.model_fields}
    service.erase_subject(db, subject, NOW)
    early = rotate_epochs(db, datetime(2026, 12, 3, tzinfo=UTC))
    assert (early.epoch, early.destroyed) == ("2026-12", ())
    assert early.rewrapped >= 1
    late = rotate_epochs(db, datetime(2026, 12, 5, tzinfo=UTC))
    assert late.destroyed == ("2026-11",)
    with pytest.raises(KeyDestroyed):
        keyring_of(db).epoch_key("2026-11")
    db.add(SubjectKey(**backup))
    db.flush()
    assert code(lambda: service.seal(db, subject, REF, SECRET)) == "data-erased"
    actor = Actor.subject(living)
    read = service.open_sealed(db, living, REF, value, purpose="own_data", actor=actor)
    assert read == SECRET


def test_the_services_own_seal_is_bound_to_its_place(db: Session) -> None:
    value = service.seal_for_service(db, "mail", b"letter", "row-1")
    assert service.open_for_service(db, "mail", value, "row-1") == b"letter"
    for purpose, place in (("mail", "row-2"), ("answer", "row-1")):
        with pytest.raises(SealBroken):
            service.open_for_service(db, purpose, value, place)


def test_a_session_without_keys_opens_nothing(db: Session) -> None:
    db.info.clear()
    with pytest.raises(LookupError):
        service.create_subject(db, NOW)


def test_two_keyrings_on_one_home_agree(tmp_path: Path, db: Session) -> None:
    first, second = Keyring(tmp_path), Keyring(tmp_path)
    assert first.derived("x") == second.derived("x")
    epoch = first.current_epoch(NOW)
    assert first.epoch_key(epoch) == second.epoch_key(epoch)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
    attach(db, second)
    assert keyring_of(db) is second


def test_the_log_of_reads_is_only_added_to(db: Session) -> None:
    """As the application's own database role."""
    subject = service.create_subject(db, NOW)
    service.record_access(
        db,
        subject,
        resource="action",
        fields=["note"],
        purpose="review",
        actor=Actor.system("test"),
    )
    assert db.scalars(select(col(AccessRecord.id))).all()
    with pytest.raises(Exception, match="permission denied"):
        db.execute(update(AccessRecord).values(entry_sealed=b"nothing"))


def test_the_key_goes_in_a_later_round_than_the_last_rewrapping(db: Session) -> None:
    """Who read a row just before it was wrapped anew still opens what it holds."""
    subject = service.create_subject(db, NOW)
    row = db.get_one(SubjectKey, subject)
    assert row.epoch == "2026-11"
    first = rotate_epochs(db, datetime(2026, 12, 6, tzinfo=UTC))
    assert (first.rewrapped >= 1, first.destroyed) == (True, ())
    assert keyring_of(db).epoch_key("2026-11")
    assert rotate_epochs(db, datetime(2026, 12, 6, tzinfo=UTC)).destroyed == ("2026-11",)
