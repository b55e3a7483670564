"""An old backup against a chain that went on: nothing twice, nothing accepted forgotten.

One city, one loss; the tests are its chapters, in order. The backup is a copy of the database,
taken at an instant; tests/system/test_backup_drill.py makes real ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlmodel import col

from app import journal
from app.actions.models import Action, ActionState
from app.application import build
from app.backup.matching import Decided
from app.backup.restore_command import command as restore
from app.backup.service import bring_up, open_doors
from app.config import ConfigError, DatabaseRole
from app.doors import restoration_under_way
from app.errors import Problem
from app.identity.blocks import block_of
from app.identity.models import Person, Role
from app.identity.roles import roles_of
from app.journal import Journal
from app.merchants.bank_files import make_bank_file
from app.merchants.models import BankOrder, PayOut, PayOutState
from app.merchants.pay_outs import close_due_periods
from app.outbox.models import Incident, OutboxItem, OutboxState
from app.outbox.operator import By, NotPossibleError
from app.privacy import consents
from app.privacy.rules import ConsentState
from app.reporting.audit.run import AGREES, audit, in_words
from app.rewards.models import Batch
from tests.support.chain_rows import new_deed
from tests.support.lost_city import PERIOD, City, live
from tests.support.postgres import Cluster
from tests.support.public_side import PublicSide
from tests.support.season import ONE, Season
from tests.support.serving import served
from tests.support.sold import CITY_ACCOUNT
from workers.context import Workshop
from workers.reconciling import check
from workers.schedule import TIMETABLE, Rounds


@pytest.fixture(scope="module")
def city(side: PublicSide, postgres: Cluster) -> Iterator[City]:
    with ExitStack() as stack:
        season = Season(side)
        season.publish(50_000)
        season.open_shop()
        season.invite(7)
        made = City(season, postgres, stack)
        live(made, postgres)
        yield made


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
        report = bring_up(world.edge, Journal(world.services.settings.kept.journal))
        aside.rename(hidden)
        assert any(word in one for one in report.unmatched), report.unmatched
    with world.services.database.session() as session:
        assert session.scalar(select(func.count(col(PayOut.id)))) == 0
    with world.transaction() as (session, now), pytest.raises(NotPossibleError):
        open_doors(session, world.edge, By("test", "too early"), now)


def test_without_a_signer_a_restore_says_so(city: City, tmp_path: Path) -> None:
    world, settings = city.world, city.world.services.settings
    (tmp_path / "record").write_text(json.dumps(asdict(world.deployment)), "utf-8")
    environ = {
        "CIVIS_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url(DatabaseRole.APP),
        "CHAIN_RPC_URLS": world.node.url,
        "CHAIN_DEPLOYMENT": str(tmp_path / "record"),
        "PUBLIC_URL": "https://civis.example",
    }
    refused = CliRunner().invoke(restore, ["match"], env=environ)
    assert isinstance(refused.exception, ConfigError)
    assert "signer" in str(refused.exception)


def test_two_at_once_are_refused(city: City) -> None:
    world = city.world
    with world.transaction() as (session, now):
        assert restoration_under_way(session, lock=True) is not None
        with pytest.raises(NotPossibleError, match="Another"):
            bring_up(world.edge, Journal(world.services.settings.kept.journal))
        with pytest.raises(NotPossibleError, match="Another"), world.transaction() as (other, _):
            open_doors(other, world.edge, By("test", "at once"), now)


def test_a_strangers_nonce_is_the_operators_to_accept(city: City) -> None:
    world, used = city.world, city.before["stranger"]
    kept = Journal(world.services.settings.kept.journal)
    accepted = Decided(strangers={used: "by test: seen on the explorer"})
    [unmatched] = bring_up(world.edge, kept).unmatched
    named = f"{used[0]} {world.signer.address_of(used[0])}, nonce {used[1]}: "
    assert unmatched == named + "used for nothing that the artefact store holds"
    early = replace(world.edge, chain=replace(world.edge.chain, finality_depth=10_000))
    [unmatched] = bring_up(early, kept, accepted).unmatched
    assert "isn't final yet" in unmatched
    assert journal.STRANGER_TAKEN not in [one.kind for one in kept.read().entries]
    city.before["accepted"] = accepted


def test_everything_on_the_chain_is_matched_to_its_list(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = city.world
    kept = Journal(world.services.settings.kept.journal)
    monkeypatch.setitem(world.signer.keys, "burner", b"\7" * 32)  # changed since it burned
    report = bring_up(world.edge, kept, city.before["accepted"])
    assert report.unmatched == []
    assert [one for one in report.lost if "by test: seen on the explorer" in one]
    assert (journal.STRANGER_TAKEN, True) in [(one.kind, one.done) for one in kept.read().entries]
    assert report.batches_on_chain == report.batches_matched == city.before["batches"] - 1
    assert report.nonces_taken["minter"] == 4, "two batches, cells, and a batch on its way"
    assert report.nonces_taken["burner"] == 1
    assert [one for one in report.lost if "6 of 6 deeds" in one], "recorded after the backup"
    assert report.replayed == {
        journal.ERASED: 1,
        journal.ROLE_ENDED: 1,
        journal.CONSENT_WITHDRAWN: 1,
        journal.WALLET_BLOCKED: 1,
        journal.BANK_DETAILS_CONFIRMED: 1,
    }
    assert [one for one in report.lost if "nothing is paid to it until" in one]
    again = bring_up(world.edge, Journal(world.services.settings.kept.journal))
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


def test_a_lost_deed_that_is_handed_in_again_is_not_credited_again(city: City) -> None:
    """The books forgot it, its batch's list has its mark; another minute's is another deed."""
    season, world = city.season, city.world
    [lost], minted = city.before["lost"][:1], city.minted()
    made = []
    for seconds in (30, 90):
        with world.transaction() as (session, now):
            person, address = season.people[0]
            again = new_deed(season.programme, person, address, now, 100)
            again.action_type_id, again.metrics = lost.action_type_id, lost.metrics
            again.action_type_version = lost.action_type_version
            minute = lost.deed_at.replace(second=0, microsecond=0)
            again.deed_at, again.deed_day = minute + timedelta(seconds=seconds), lost.deed_day
            session.add(again)
        made.append(again.id)
    world.cut(season.programme)
    world.settle()
    with world.services.database.session() as session:
        found = [session.get_one(Action, one) for one in made]
        states = [(one.state.value, one.reason_code) for one in found]
    assert states == [("refused", "counted-twice"), ("settled", None)]
    assert city.minted() == minted + 100


def test_the_city_goes_on_and_a_stranger_agrees(city: City) -> None:
    season, world = city.season, city.world
    season.side.deeds(season.programme, season.people[:6], "glass-recycling")
    assert season.side.publish(season.programme) is not None, "kept back is what the registry says"
    season.pay(4, 10)
    world.settle()
    with served(build(parts=world.services)) as site:
        report = audit(season.side.gateway, site)
    assert report.verdict == AGREES, in_words(report)
