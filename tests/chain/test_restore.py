"""An old backup against a chain that went on: nothing twice, nothing accepted forgotten.

One city, one loss; the tests are its chapters, in order. The backup is a copy of the database,
taken at an instant; tests/system/test_backup.py makes real ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app import journal
from app.actions.models import Action, ActionState
from app.application import build
from app.chain.codec import decode_answer, encode_call
from app.errors import Problem
from app.identity.block_models import BlockChannel
from app.identity.blocks import block_of
from app.identity.models import Person, Role
from app.identity.roles import end_role, grant_role, roles_of
from app.journal import Journal
from app.merchants.bank_files import make_bank_file
from app.merchants.models import BankOrder, PayOut, PayOutState
from app.merchants.pay_outs import close_due_periods
from app.outbox.models import Incident, OutboxItem, OutboxState
from app.outbox.operator import By, NotPossibleError
from app.privacy import consents
from app.privacy.rules import ConsentState
from app.recovery.blocks import block_wallet
from app.reporting.audit.run import AGREES, audit, in_words
from app.restoring.matching import Report
from app.restoring.service import bring_up, open_doors
from app.rewards.models import Batch, BatchState
from app.rewards.money import ledger
from app.rights.erasing import erase_again
from app.services import Services
from tests.support.postgres import Cluster
from tests.support.public_side import public_side
from tests.support.restoring import backed_up, restored
from tests.support.season import ONE, OTHER, Season
from tests.support.serving import served
from tests.support.sold import CITY_ACCOUNT
from workers.context import Workshop
from workers.reconciling import check
from workers.schedule import TIMETABLE, Rounds

PERIOD = "2026-W48"


@dataclass
class City:
    """`before`: what was true at the instant of the loss."""

    season: Season
    cluster: Cluster
    stack: ExitStack
    before: dict[str, Any] = field(default_factory=dict)
    report: Report | None = None

    @property
    def world(self) -> Any:
        return self.season.side.world

    def truth(self) -> dict[str, Any]:
        """What must be the same after the restore, from chain and books."""
        with self.world.services.database.session() as session:
            held = [ledger.final_balance(session, address) for _, address in self.season.people]
            shop = ledger.final_balance(session, self.season.shop.address)
            paid = session.execute(
                select(col(PayOut.reference), col(PayOut.gross_cents), col(PayOut.state))
            ).all()
            final = session.scalar(select(func.count()).where(col(Batch.state) == BatchState.FINAL))
        return {
            "held": held,
            "shop": shop,
            "paid": sorted(map(tuple, paid)),
            "batches": final,
            "minted": self.minted(),
        }

    def minted(self) -> int:
        token = self.season.programme.token_address
        answer = self.world.edge.client.read(token, encode_call("ImpactToken", "totalSupply", []))
        return int(decode_answer("ImpactToken", "totalSupply", answer))


@pytest.fixture(scope="module")
def city(
    services: Services, postgres: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    with ExitStack() as stack:
        side = stack.enter_context(public_side(services, tmp_path_factory.mktemp("restore")))
        season = Season(side)
        season.publish(50_000)
        season.open_shop()
        season.invite(7)
        made = City(season, postgres, stack)
        _live(made, postgres)
        yield made


def _live(city: City, cluster: Cluster) -> None:
    """Before the backup, and after it."""
    season, world = city.season, city.world
    season.side.deeds(season.programme, season.people, "glass-recycling")
    assert season.side.publish(season.programme) is not None
    season.pay(0, 30)
    world.settle()
    with world.transaction() as (session, now):
        grant = grant_role(session, person_id=season.people[1][0].id, role=Role.OFFICER, now=now)
        consents.give_consent(session, season.people[2][0].id, "research", "operator", now)
        city.before["grant"] = grant.id
    world.deeds(season.programme, season.people)  # due, in no batch yet
    season.pay(1, 20)  # accepted, not sent yet
    copy = city.stack.enter_context(backed_up(cluster, world.services))
    _go_on(city)
    city.before |= city.truth()
    _on_its_way(city)
    city.stack.enter_context(restored(cluster, world, copy))


def _go_on(city: City) -> None:
    """An hour that the backup doesn't know."""
    season, world = city.season, city.world
    cut = world.cut(season.programme)
    assert cut is not None
    city.before["list"] = world.folder / cut.artefact
    world.settle()
    season.side.deeds(season.programme, season.people[:6], "bike-trip")
    assert season.side.publish(season.programme) is not None
    season.pay(2, 40)
    world.settle()
    with world.transaction() as (session, now):
        assert close_due_periods(session, period=PERIOD, cut_off=now, now=now) == 1
    world.settle()
    with world.transaction() as (session, now):
        folder = world.edge.artefacts
        make_bank_file(session, debtor=CITY_ACCOUNT, folder=folder, by=ONE, now=now)
    with world.transaction() as (session, now):
        erase_again(session, season.people[6][0].id, now)
        end_role(session, city.before["grant"], by=None, now=now)
        consents.withdraw_consent(session, season.people[2][0].id, "research", "operator", now)
        block_wallet(
            session, season.people[3][0].id, channel=BlockChannel.COUNTER, by=OTHER, now=now
        )
    world.settle()


def _on_its_way(city: City) -> None:
    """Signed and handed over; the database is lost before a block holds it."""
    season, world = city.season, city.world
    world.deeds(season.programme, season.people[:2])
    assert world.cut(season.programme) is not None
    assert world.send() == 1
    city.before["held"][0] += 100
    city.before["held"][1] += 100
    city.before["batches"] += 1
    city.before["minted"] += 200


def test_the_doors_are_shut_and_nothing_moves(city: City) -> None:
    parts = city.world.services
    client = build(parts=parts).test_client()
    answer = client.get("/api/v1/programmes")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "being-restored")
    page = client.get("/", headers={"Accept-Language": "fr"})
    assert page.status_code == 503
    assert "restauration" in page.get_data(as_text=True)
    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200
    rounds = Rounds(Workshop(parts, city.world.deployment, "test"))
    sent = len(city.world.transactions())
    for entry in TIMETABLE:
        rounds.run(entry)
    assert not rounds.failed.total()
    assert len(city.world.transactions()) == sent
    with parts.database.session() as session:
        assert session.scalar(select(func.count()).where(col(Batch.state) != "final")) == 0


def test_what_is_not_matched_keeps_them_shut_and_changes_nothing(city: City) -> None:
    world = city.world
    folder = world.edge.artefacts
    aside = folder.parent / "aside"
    transactions = folder / "transactions" / world.signer.address_of("minter")
    listed = city.before["list"]
    for hidden, word in ((transactions, "used for nothing"), (listed, listed.stem)):
        hidden.rename(aside)
        report = bring_up(world.edge, Journal(world.services.settings.journal_folder))
        aside.rename(hidden)
        assert any(word in one for one in report.unmatched), report.unmatched
    with world.services.database.session() as session:
        assert session.scalar(select(func.count(col(PayOut.id)))) == 0
    with world.transaction() as (session, now), pytest.raises(NotPossibleError):
        open_doors(session, world.edge, By("test", "too early"), now)


def test_everything_on_the_chain_is_matched_to_its_list(city: City) -> None:
    world = city.world
    report = bring_up(world.edge, Journal(world.services.settings.journal_folder))
    assert report.unmatched == []
    assert report.batches_on_chain == report.batches_matched == city.before["batches"] - 1
    assert report.nonces_taken["minter"] == 4, "two batches, cells, and a batch on its way"
    assert report.nonces_taken["burner"] == 1
    assert [one for one in report.lost if "6 of 6 deeds" in one], "recorded after the backup"
    assert report.replayed == {
        journal.ERASED: 1,
        journal.ROLE_ENDED: 1,
        journal.CONSENT_WITHDRAWN: 1,
        journal.WALLET_BLOCKED: 1,
    }
    again = bring_up(world.edge, Journal(world.services.settings.journal_folder))
    assert (again.nonces_taken, again.replayed) == ({}, {}), "a second time finds nothing to do"


def test_ends_and_erasures_hold_before_the_doors_open(city: City) -> None:
    people = [person.id for person, _ in city.season.people]
    with city.world.transaction() as (session, now):
        assert Role.OFFICER not in roles_of(session, people[1], now)
        assert not [
            one
            for one in consents.consents_of(session, people[2])
            if one.state is ConsentState.GIVEN
        ]
        assert block_of(session, people[3], now) is not None
        erased = session.get_one(Person, people[6])
        assert erased.closed_at is not None


def test_the_doors_open_and_the_books_agree_with_the_chain(city: City) -> None:
    world = city.world
    with world.transaction() as (session, now):
        open_doors(session, world.edge, By("test", "matched"), now)
    world.settle()
    assert {name: city.before[name] for name in city.truth()} == city.truth()
    with world.transaction() as (session, now):
        assert check(session, now, set()) == 0
        open_rows = col(OutboxItem.state) != OutboxState.FINAL
        assert session.scalar(select(func.count()).where(open_rows)) == 0
        codes = set(session.scalars(select(col(Incident.code))))
    assert codes <= {"lost_in_restore"}


def test_nothing_is_minted_burned_or_paid_to_a_bank_twice(city: City) -> None:
    season, world = city.season, city.world
    assert world.cut(season.programme) is None, "every deed is in its batch"
    with world.transaction() as (session, now):
        waiting = col(Action.state) == ActionState.AUTHENTICATED
        assert session.scalar(select(func.count()).where(waiting)) == 0
        assert close_due_periods(session, period=PERIOD, cut_off=now, now=now) == 1
        pay_out = session.scalars(select(PayOut)).one()
        assert pay_out.state is PayOutState.ORDERED
        assert session.scalars(select(BankOrder)).one().pay_out_id == pay_out.id
    folder = world.edge.artefacts
    with world.transaction() as (session, now), pytest.raises(Problem, match="nothing-to"):
        make_bank_file(session, debtor=CITY_ACCOUNT, folder=folder, by=ONE, now=now)
    world.settle()
    assert city.minted() == city.before["minted"]


def test_the_city_goes_on_and_a_stranger_agrees(city: City) -> None:
    season, world = city.season, city.world
    season.side.deeds(season.programme, season.people[:6], "glass-recycling")
    assert season.side.publish(season.programme) is not None, "kept back is what the registry says"
    season.pay(4, 10)
    world.settle()
    with served(build(parts=world.services)) as site:
        report = audit(season.side.gateway, site)
    assert report.verdict == AGREES, in_words(report)
