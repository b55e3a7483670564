"""What keeps a programme open: each thing by itself, said with its number, in both languages."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState, Appeal, Attestation
from app.db import uuid7
from app.endings import returns
from app.endings.announcing import tell_next, untold
from app.endings.closing import check_closable, propose_close
from app.endings.models import EndNotice
from app.errors import Problem, sentence
from app.governance.service import confirm
from app.identity.block_models import BlockChannel, WalletBlock
from app.identity.models import Account, KeyCustody, Person, WalletKind
from app.outbox.models import OutboxItem
from app.recovery.models import Recovery, RecoveryKind, RecoveryState, Seen
from app.recovery.move_models import AccountMove, AnnouncedMove
from app.rewards.models import Funding, Hold, Programme, ProgrammeState
from app.rewards.valuing import deeds
from tests.support.chain_rows import new_deed
from tests.support.city import City

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass
class Ended:
    """A programme past its announced last day to spend and the thirty days after it."""

    city: City
    programme: Programme
    person: Person
    account: Account

    @property
    def session(self) -> Session:
        return self.city.session

    def add(self, row: object) -> None:
        self.session.add(row)
        self.session.flush()

    def deed(self, state: ActionState) -> UUID:
        row = new_deed(self.programme, self.person, self.account.address, NOW, 100)
        row.state = state
        if state is ActionState.REFUSED:
            row.reason_code, row.reward_cents = "other", 0
        self.add(row)
        return row.id


@pytest.fixture
def ended(db: Session) -> Ended:
    city = City(db, NOW)
    programme = city.programme()
    programme.last_day_to_spend = (NOW - timedelta(days=31)).date()
    programme.last_day_to_earn = programme.last_day_to_spend - timedelta(days=90)
    programme.end_announced_at = NOW - timedelta(days=70)
    programme.state = ProgrammeState.CLOSING
    person = city.citizen()
    account = Account(
        person_id=person.id, programme_id=programme.id, address=city.wallets.new_account(),
        wallet=WalletKind.CUSTODIAL, created_at=NOW,
    )  # fmt: skip
    db.add(account)
    db.flush()
    while tell_next(db, NOW):
        pass
    return Ended(city, programme, person, account)


def announcement(e: Ended) -> None:
    e.programme.end_announced_at = None


def letters(e: Ended) -> None:
    late = e.city.citizen()
    e.add(
        Account(person_id=late.id, programme_id=e.programme.id, address="0xlate",
                wallet=WalletKind.CUSTODIAL, created_at=NOW)
    )  # fmt: skip


def days(e: Ended) -> None:
    e.programme.last_day_to_spend += timedelta(days=2)


def holds(e: Ended) -> None:
    e.add(
        Hold(address=e.account.address, programme_id=e.programme.id, amount_cents=5,
             reason="payment", reference=b"1", created_at=NOW)
    )  # fmt: skip


def waiting_deeds(e: Ended) -> None:
    e.deed(ActionState.AUTHENTICATED)


def deeds_for_an_officer(e: Ended) -> None:
    digest = secrets.token_bytes(32)
    e.add(
        Attestation(digest=digest, organisation_id=e.city.organisation().id, kind="attestation",
                    signer_address="0xkey", custody=KeyCustody.SERVER, statement={},
                    signature=b"signed", received_at=NOW)
    )  # fmt: skip
    deed = e.session.get_one(Action, e.deed(ActionState.RECORDED))
    deed.attestation_digest = digest


def refused_by_chain(e: Ended) -> None:
    e.deed(ActionState.QUARANTINED)


def appeals(e: Ended) -> None:
    action = e.deed(ActionState.REFUSED)
    e.add(Appeal(action_id=action, person_id=e.person.id, text_sealed=b"x", created_at=NOW))


def blocks(e: Ended) -> None:
    e.add(
        WalletBlock(person_id=e.person.id, channel=BlockChannel.COUNTER, since=NOW,
                    until=NOW + timedelta(hours=72))
    )  # fmt: skip


def recoveries(e: Ended) -> None:
    e.add(
        Recovery(person_id=e.person.id, kind=RecoveryKind.DEVICE, state=RecoveryState.PROPOSED,
                 seen=Seen.PAPERS, account_id=e.account.id, new_address="0xnew",
                 proposed_by=uuid4(), proposed_at=NOW, ends_at=NOW + timedelta(days=1))
    )  # fmt: skip


def moves(e: Ended) -> None:
    e.add(
        AnnouncedMove(person_id=e.person.id, account_id=e.account.id, new_address="0xnext",
                      asked_at=NOW, ready_at=NOW + timedelta(days=3))
    )  # fmt: skip


def sent_moves(e: Ended) -> None:
    e.add(
        AccountMove(id=secrets.token_bytes(32), person_id=e.person.id, account_id=e.account.id,
                    new_address="0xsent", wallet=WalletKind.DEVICE, amount_cents=0, asked_at=NOW)
    )  # fmt: skip


def fundings(e: Ended) -> None:
    e.add(
        Funding(programme_id=e.programme.id, amount_cents=5, bank_reference=uuid7().hex,
                proposed_by=uuid7(), proposed_at=NOW)
    )  # fmt: skip


CASES: list[tuple[Callable[[Ended], None], str]] = [
    (announcement, "hinders-announcement"),
    (letters, "hinders-letters"),
    (days, "hinders-days"),
    (holds, "hinders-holds"),
    (waiting_deeds, "hinders-deeds"),
    (deeds_for_an_officer, "hinders-waiting-deeds"),
    (refused_by_chain, "hinders-waiting-deeds"),
    (appeals, "hinders-appeals"),
    (blocks, "hinders-blocks"),
    (recoveries, "hinders-recoveries"),
    (moves, "hinders-moves"),
    (sent_moves, "hinders-moves"),
    (fundings, "hinders-fundings"),
]


@pytest.mark.parametrize(("make", "code"), CASES)
def test_each_by_itself_keeps_it_open(
    ended: Ended, make: Callable[[Ended], None], code: str
) -> None:
    check_closable(ended.session, ended.programme, NOW)
    make(ended)
    ended.session.flush()
    with pytest.raises(Problem, match="not-closable") as caught:
        propose_close(ended.session, ended.programme.id, by=uuid4(), now=NOW)
    (flaw,) = caught.value.fields
    assert flaw.code == code
    assert flaw.values.get("count", 1) == 1
    for language in ("en", "fr"):
        said = sentence(code, language, flaw.values)
        assert "?" not in said.title, said
        assert "{" not in said.title
        assert said.remedy


def test_a_confirmation_checks_anew(ended: Ended) -> None:
    proposal = propose_close(ended.session, ended.programme.id, by=uuid4(), now=NOW)
    holds(ended)
    with pytest.raises(Problem, match="not-closable"):
        confirm(ended.session, proposal.id, by=uuid4(), now=NOW)
    sent = select(func.count()).select_from(OutboxItem)
    assert ended.session.scalar(sent.where(col(OutboxItem.kind) == "close_programme")) == 0


def test_once_it_is_decided_nothing_is_credited_and_nothing_decided_again(ended: Ended) -> None:
    session, programme = ended.session, ended.programme
    proposal = propose_close(session, programme.id, by=uuid4(), now=NOW)
    confirm(session, proposal.id, by=uuid4(), now=NOW)
    with pytest.raises(Problem, match="close-decided"):
        propose_close(session, programme.id, by=uuid4(), now=NOW)
    appeals(ended)
    appeal = session.scalars(select(Appeal)).one()
    with pytest.raises(Problem, match="appeal-too-late"):
        deeds.answer_appeal(session, appeal.id, upheld=True, text="Yes.", by=uuid4(), now=NOW)
    with pytest.raises(Problem, match="release-too-late"):
        deeds.release(session, ended.deed(ActionState.RECORDED), by=uuid4(), now=NOW)


def test_letters_are_resumed_where_they_stopped(ended: Ended) -> None:
    """A round writes some; each person once, whoever takes the next round."""
    session = ended.session
    for _ in range(5):
        letters_to = ended.city.citizen()
        ended.add(
            Account(person_id=letters_to.id, programme_id=ended.programme.id,
                    address=ended.city.wallets.new_account(), wallet=WalletKind.CUSTODIAL,
                    created_at=NOW)
        )  # fmt: skip
    assert untold(session, ended.programme) == 5
    assert [tell_next(session, NOW, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert session.scalar(select(func.count()).select_from(EndNotice)) == 6


def test_nothing_is_given_back_before_it_is_closed(ended: Ended) -> None:
    with pytest.raises(Problem, match="programme-state"):
        returns.propose_return(
            ended.session, ended.programme.id, amount_cents=1, bank_reference="BACK", by=uuid4(),
            now=NOW,
        )  # fmt: skip
