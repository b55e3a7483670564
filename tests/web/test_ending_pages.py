"""Announcing, closing and giving back by the pages, each by two; and what everybody reads of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.endings.announcing import tell_next
from app.endings.closing import go_on_next
from app.governance.service import confirm, open_proposals
from app.identity.models import Account, WalletKind
from app.rewards.models import Balance, Programme, ProgrammeState
from app.services import Services
from tests.support.city import City
from tests.support.office import Office, office_of


@pytest.fixture(scope="module")
def office(services: Services) -> Iterator[Office]:
    with office_of(services) as made:
        yield made


@pytest.fixture(scope="module")
def programme_id(services: Services, office: Office) -> UUID:
    """Runs, with 3.00 of a citizen's in it."""
    with services.database.transaction() as session:
        city = City(session, services.clock.now(session))
        programme = city.programme(token_address="0x" + "1" * 40)
        address = city.wallets.new_account()
        session.add(
            Account(person_id=office.people["new"], programme_id=programme.id, address=address,
                    wallet=WalletKind.CUSTODIAL, created_at=city.now)
        )  # fmt: skip
        session.add(
            Balance(address=address, programme_chain_id=programme.chain_id, final_cents=300)
        )
        return programme.id


def decide(services: Services) -> None:
    """Another officer's yes."""
    with services.database.transaction() as session:
        (waiting,) = open_proposals(session)
        confirm(session, waiting.id, by=uuid4(), now=services.clock.now(session))


def test_the_way_to_the_end(services: Services, office: Office, programme_id: UUID) -> None:
    page = f"/office/programmes/{programme_id}/end"
    shown = office.look("one", page)
    assert "Its end was never announced." in shown
    refused = office.send("one", page, page, {"last_day_to_spend": "2026-01-01"})
    assert refused.status_code == 422
    assert "Too little time until the last day to spend" in refused.text
    assert office.send("one", page, page, {"last_day_to_spend": "soon"}).status_code == 422
    last = next(part[:10] for part in shown.split('value="')[1:] if part[4:5] == "-")
    assert office.send("one", page, page, {"last_day_to_spend": last}).status_code == 303
    assert "Announce the end of" in office.look("one", "/office/decisions")
    assert "Season ends." not in office.look("new", "/me")
    decide(services)
    with services.database.transaction() as session:
        assert tell_next(session, services.clock.now(session)) == 1
    home = office.look("new", "/me")
    assert "Season ends." in home
    assert "You have 3.00 tokens there" in home
    early = office.send("one", page, page.replace("/end", "/closing"), {})
    assert early.status_code == 409
    assert "Last day to spend them:" in office.look("one", page.replace("/end", "/notice"))


def test_what_is_closed_is_given_back(
    services: Services, office: Office, programme_id: UUID
) -> None:
    """The chain's part is written."""
    with services.database.transaction() as session:
        programme = session.get_one(Programme, programme_id)
        last = (services.clock.now(session) - timedelta(days=40)).date()
        programme.last_day_to_earn = programme.last_day_to_spend = last
    with services.database.transaction() as session:
        assert go_on_next(session, services.clock.now(session), set())
    page = f"/office/programmes/{programme_id}/end"
    assert "Nothing stands in the way." in office.look("one", page)
    assert office.send("one", page, page.replace("/end", "/closing"), {}).status_code == 303
    decide(services)
    with services.database.transaction() as session:
        programme = session.get_one(Programme, programme_id)
        programme.state, programme.closed_at = ProgrammeState.CLOSED, programme.close_decided_at
        for balance in session.scalars(select(Balance)):
            balance.final_cents = 0
    assert "€1,000.00" in office.look("treasurer", "/treasury")
    asked = {"programme_id": str(programme_id), "amount": "1000,01", "bank_reference": "BACK-1"}
    over = office.send("treasurer", "/treasury", "/treasury/returns", asked)
    assert (over.status_code, "More than is left" in over.text) == (422, True)
    named = asked | {"amount": "1000"}
    assert office.send("treasurer", "/treasury", "/treasury/returns", named).status_code == 303
    seen = office.look("treasurer-2", "/treasury")
    confirmation = seen.split("/confirmation")[0].rpartition('"')[2] + "/confirmation"
    own = office.send("treasurer", "/treasury", confirmation, {})
    assert own.status_code == 403
    assert office.send("treasurer-2", "/treasury", confirmation, {}).status_code == 303


def test_an_archive_is_handed_out_by_its_fixed_names(
    services: Services, office: Office, programme_id: UUID
) -> None:
    with services.database.transaction() as session:
        programme = session.get_one(Programme, programme_id)
        programme.state, slug = ProgrammeState.ARCHIVED, programme.slug
    public = office.look("treasurer", "/figures/seasons")
    assert ("Closed on" in public, "Archive" in public) == (True, False)
    folder = services.settings.archive_folder / slug
    folder.mkdir(parents=True)
    (folder / "figures.json").write_text("{}", "utf-8")
    (folder / "other.txt").write_text("no", "utf-8")
    assert f"/figures/seasons/{slug}/figures.json" in office.look("one", "/figures/seasons")
    assert office.client.get(f"/figures/seasons/{slug}/figures.json").text == "{}"
    for name in ("other.txt", "..%2F..%2Fkeys", "SHA256SUMS"):
        assert office.client.get(f"/figures/seasons/{slug}/{name}").status_code == 404
