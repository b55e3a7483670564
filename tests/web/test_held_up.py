"""Deeds that only an officer moves on: refused by the chain, or promised where nothing is minted
any more; by page and API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.actions.models import Action, ActionLog, ActionState
from app.chain.errors import Reverted
from app.db import uuid7
from app.identity import service as identity
from app.identity.models import IdentityLevel
from app.mail_models import OutgoingMail
from app.outbox.models import OutboxItem
from app.rewards.batches.batching import cut_batch
from app.rewards.batches.due import Limits
from app.rewards.batches.refused import batch_barred, batch_refused
from app.rewards.models import Batch, Programme, ProgrammeState
from app.services import Services
from tests.support.city import City
from tests.support.office import Office, office_of

QUEUE = "/office/waiting"
ENDED = "its programme has ended: nothing is credited in it any more"
REFUSED = "One account can’t be credited"


@pytest.fixture
def office(services: Services) -> Iterator[Office]:
    with office_of(services) as made:
        yield made


@pytest.fixture
def deed(services: Services) -> UUID:
    """Of somebody with an address; due."""
    with services.database.transaction() as session:
        city = City(session, services.clock.now(session))
        programme = city.programme(batch_min_accounts=1)
        address = f"{uuid7().hex}@city.example"
        level = IdentityLevel.VERIFIED
        doer = identity.register_person(session, address, level=level, now=city.now)
        made = city.attest(city.clerk(city.organisation()), doer.id, programme)
        made.due_at = city.now - timedelta(minutes=1)
        return made.id


def refuse_on_chain(services: Services, deed: UUID, folder: Path) -> bytes:
    """Its batch, taken apart with this deed as culprit, and not barred yet."""
    with services.database.transaction() as session:
        now, action = services.clock.now(session), session.get_one(Action, deed)
        programme = session.get_one(Programme, action.programme_id)
        batch = cut_batch(session, programme, folder=folder, now=now, limits=Limits())
        assert batch is not None
        row = select(OutboxItem).where(col(OutboxItem.key) == batch.id.hex())
        culprit = {"index": 0, "account": action.account_address}
        error = Reverted("CreditRefused", culprit)
        batch_refused(session, session.scalars(row).one(), error, now)
        return batch.id


def bar(services: Services, batch: bytes) -> None:
    with services.database.transaction() as session:
        batch_barred(session, session.get_one(Batch, batch), services.clock.now(session))


def shown(office: Office, deed: UUID) -> dict[str, Any]:
    items = office.get("one", "/waiting-actions?limit=100")["items"]
    found: dict[str, Any] = next(one for one in items if one["id"] == str(deed))
    return found


def last_step(services: Services, deed: UUID) -> tuple[str | None, str, str | None, UUID | None]:
    with services.database.session() as session:
        query = select(ActionLog).where(col(ActionLog.action_id) == deed)
        row = session.scalars(query.order_by(col(ActionLog.id).desc()).limit(1)).one()
    return row.before, row.after, row.reason, row.by_person


def letters(services: Services) -> int:
    with services.database.session() as session:
        return len(session.scalars(select(col(OutgoingMail.id))).all())


def test_what_the_chain_refused_is_let_through_once_its_batch_is_barred(
    services: Services, office: Office, deed: UUID, tmp_path: Path
) -> None:
    batch = refuse_on_chain(services, deed, tmp_path)
    said = shown(office, deed)
    assert (said["state"], said["chain_refusal"]) == ("quarantined", "CreditRefused")
    assert said["may_release"] is False
    early = office.post("one", f"/actions/{deed}/release")
    assert (early.status_code, early.get_json()["code"]) == (409, "release-too-early")
    bar(services, batch)
    assert shown(office, deed)["may_release"] is True
    assert office.post("one", f"/actions/{deed}/release").get_json()["state"] == "authenticated"
    by = office.people["one"]
    assert last_step(services, deed) == ("quarantined", "authenticated", "released", by)
    with services.database.transaction() as session:
        now, action = services.clock.now(session), session.get_one(Action, deed)
        assert action.reward_cents > 0, "what was promised stays promised"
        # What the chain barred is never sent again: it goes out beside another.
        city = City(session, now)
        programme = session.get_one(Programme, action.programme_id)
        clerk = city.clerk(city.organisation())
        other = city.attest(clerk, city.citizen().id, programme)
        other.due_at = action.due_at
        session.flush()
        assert cut_batch(session, programme, folder=tmp_path, now=now, limits=Limits())
    with services.database.session() as session:
        assert session.get_one(Action, deed).state is ActionState.BATCHED


def test_the_page_shows_why_and_lets_it_through_or_refuses_it(
    services: Services, office: Office, deed: UUID, tmp_path: Path
) -> None:
    batch, form = refuse_on_chain(services, deed, tmp_path), f"{QUEUE}/{deed}"
    page = unescape(office.look("one", QUEUE))
    assert REFUSED in page.split(form)[0]
    assert "as soon as the chain has barred its batch" in page
    assert "Let it through" not in page
    bar(services, batch)
    assert "Let it through" in office.look("one", QUEUE)
    assert "1 deed that waits for an officer" in office.look("one", "/office")
    before = letters(services)
    sent = office.send("one", QUEUE, form, {"reason": "not-plausible"})
    assert (sent.status_code, letters(services)) == (303, before + 1)
    step = ("quarantined", "refused", "not-plausible", office.people["one"])
    assert last_step(services, deed) == step
    assert form not in office.look("one", QUEUE)


def test_what_was_promised_where_nothing_is_minted_any_more_can_be_refused(
    services: Services, office: Office, deed: UUID
) -> None:
    form = f"{QUEUE}/{deed}"
    assert form not in office.look("one", QUEUE), "it waits for its turn alone"
    with services.database.transaction() as session:
        action = session.get_one(Action, deed)
        session.get_one(Programme, action.programme_id).state = ProgrammeState.CLOSED
    said = shown(office, deed)
    assert (said["may_release"], said["chain_refusal"]) == (False, None)
    page = unescape(office.look("one", QUEUE))
    assert ENDED in page.split(form)[0]
    assert "Let it through" not in page
    refused = office.post("one", f"/actions/{deed}/refusal", {"reason": "outside-the-rules"})
    assert refused.get_json()["state"] == "refused"
    assert form not in office.look("one", QUEUE)


@pytest.mark.parametrize("way", ["decided", "closed"])
def test_what_the_chain_refused_in_an_ended_programme_can_only_be_refused(
    services: Services, office: Office, deed: UUID, tmp_path: Path, way: str
) -> None:
    """Its button and `may_release` said that it might be let through, which was refused, or done:
    then it was promised for ever."""
    form = f"{QUEUE}/{deed}"
    bar(services, refuse_on_chain(services, deed, tmp_path))
    assert shown(office, deed)["may_release"] is True
    with services.database.transaction() as session:
        programme = session.get_one(Programme, session.get_one(Action, deed).programme_id)
        if way == "closed":
            programme.state = ProgrammeState.CLOSED
        else:
            programme.end_announced_at = programme.close_decided_at = services.clock.now(session)
    assert shown(office, deed)["may_release"] is False
    page = unescape(office.look("one", QUEUE)).split(form)
    assert REFUSED in page[0]
    assert "Its programme has ended: it can only be refused." in page[0]
    assert ("Let it through" in "".join(page), "barred its batch" in "".join(page)) == (
        False,
        False,
    )
    late = office.post("one", f"/actions/{deed}/release")
    assert (late.status_code, late.get_json()["code"]) == (409, "release-too-late")
    refused = office.post("one", f"/actions/{deed}/refusal", {"reason": "outside-the-rules"})
    assert refused.get_json()["state"] == "refused"
