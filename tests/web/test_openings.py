"""Whatever is opened passed the gate, and whatever is opened of others stands in the log.

Counted at the cipher itself, over a walk through every page and list by several people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Problem
from app.privacy import access_log, sealing, service
from app.privacy.access_log import Actor
from app.privacy.consents import give_consent, withdraw_consent
from app.privacy.keyed import joined
from app.privacy.models import AccessRecord
from tests.support.shop import IBAN
from tests.support.town import Town

SEALED = joined(b"civis.sealed.v1")  # how the associated data of every sealed value begins


@dataclass
class Counts:
    """`opened`: at the cipher; `of_others`: as whoever opens says who they are."""

    opened: int = 0
    passed: int = 0
    of_others: int = 0


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    """The real cipher, gate and log, each with a counter before it."""
    found = Counts()
    gate: Callable[..., None] = service._pass_gate
    note: Callable[..., None] = service._note

    class Counting:
        def __init__(self, key: bytes) -> None:
            self.cipher = AESGCM(key)

        def encrypt(self, nonce: bytes, plain: bytes, label: bytes) -> bytes:
            return self.cipher.encrypt(nonce, plain, label)

        def decrypt(self, nonce: bytes, body: bytes, label: bytes) -> bytes:
            found.opened += label.startswith(SEALED)
            return self.cipher.decrypt(nonce, body, label)

    def passing(*arguments: Any) -> None:
        found.passed += 1
        gate(*arguments)

    def noting(
        session: Session, subject: UUID, ref: service.Ref, purpose: str, actor: Actor
    ) -> None:
        found.of_others += actor.id != subject
        note(session, subject, ref, purpose, actor)

    monkeypatch.setattr(sealing, "AESGCM", Counting)
    monkeypatch.setattr(service, "_pass_gate", passing)
    monkeypatch.setattr(service, "_note", noting)
    return found


def logged(town: Town) -> int:
    with town.services.database.session() as session:
        return session.scalar(select(func.count()).select_from(AccessRecord)) or 0


def walk(town: Town) -> int:
    """Every address without a parameter, as each of these; how many answered."""
    rules = town.client.application.url_map.iter_rules()
    paths = [rule.rule for rule in rules if "GET" in (rule.methods or ()) and not rule.arguments]
    answered = 0
    for who in ("citizen", "clerk", "officer"):
        for path in paths:
            headers = {"Authorization": f"Bearer {town.tokens[who]}", "Accept-Language": "en"}
            answered += town.client.get(path, headers=headers).status_code == 200
    return answered


def shop(town: Town) -> None:
    """With bank details that a second officer compares."""
    body = {"slug": f"shop-{uuid4().hex[:8]}", "kind": "merchant", "name": "Grocer"}
    made = town.post("officer", "/organisations", body)["id"]
    entry = {"organisation_id": made, "account_holder": "Grocer Ltd", "iban": IBAN}
    town.post("officer", "/merchants", entry)
    details = town.get("officer-2", f"/merchants/{made}/bank-details")
    assert details["iban"] == IBAN


def test_openings_gate_and_log_agree(town: Town, counts: Counts) -> None:
    before = logged(town)
    town.identify()
    shop(town)
    assert walk(town) > 100
    assert counts.opened == counts.passed
    assert counts.of_others == logged(town) - before
    assert counts.of_others >= 3, "a code at the counter, and both columns of the bank account"
    assert counts.opened > counts.of_others, "people read their own too"


def test_a_refused_gate_opens_nothing(town: Town, counts: Counts) -> None:
    person = town.people["citizen"]
    ref = service.Ref("action", "note_sealed", "1")
    with town.services.database.session() as session:
        value = service.seal(session, person, ref, "x")
        with pytest.raises(Problem):
            service.open_sealed(
                session, person, ref, value, purpose="research", actor=Actor.system("study")
            )
    assert (counts.opened, counts.passed, counts.of_others) == (0, 1, 0)


def test_many_at_once_pass_the_gate_and_are_noted_one_by_one(town: Town, counts: Counts) -> None:
    """An entry of the log among them, which only its own key opens; none after a withdrawal."""
    person, before = town.people["citizen"], logged(town)
    refs = [service.Ref("action", "note_sealed", "1"), access_log.entry_ref(uuid4())]
    refs.append(service.Ref("action", "note_sealed", b"2"))
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        sealed = [(ref, service.seal(session, person, ref, str(ref.row_id))) for ref in refs]
        study = Actor.system("study")

        def opened() -> list[str]:
            return service.open_all(session, person, sealed, purpose="research", actor=study)

        give_consent(session, person, "research", "operator", now)
        assert opened() == [str(ref.row_id) for ref in refs]
        assert (counts.opened, counts.passed, counts.of_others) == (3, 3, 3)
        withdraw_consent(session, person, "research", "operator", now)
        with pytest.raises(Problem, match="consent-missing"):
            opened()
        assert (counts.opened, counts.passed, counts.of_others) == (3, 4, 3)
    assert logged(town) - before == 3
