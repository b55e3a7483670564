"""A season from its first day to its archive, with the chain halted over both last days.

One chain, one season: the tests are its chapters, in order.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlmodel import col

from app.change_models import Change
from app.db import uuid7
from app.endings import returns
from app.endings.closing import propose_close
from app.endings.models import EndNotice
from app.errors import Problem
from app.governance.service import confirm
from app.identity.block_models import BlockChannel
from app.impact.catalogue import catalogue
from app.mail_models import OutgoingMail
from app.merchants.contest_models import ContestReason
from app.merchants.contests import open_contest, propose_decision, refund_upheld
from app.merchants.pay_outs import close_due_periods
from app.outbox.models import Incident
from app.recovery.blocks import block_wallet, lift_block
from app.reporting.archive import write_archive
from app.reporting.audit.run import CANNOT_CHECK, Report, audit_archive, in_words
from app.rewards.models import LedgerEntry, ProgrammeState
from app.rewards.money.transfer_models import MoneyReturn
from app.rewards.valuing.terms import terms_of
from tests.support import archives
from tests.support.public_side import PublicSide
from tests.support.season import EARN, ONE, OTHER, SPEND, Season
from tests.support.shop import Shop
from workers.context import Workshop
from workers.season_jobs import archives as archives_of

FUNDED = 5_000
ROOTS = "a root of the access log for each day since the first"


@pytest.fixture(scope="module")
def season(side: PublicSide) -> Season:
    return Season(side)


def test_it_is_published_and_runs_from_its_first_day(season: Season) -> None:
    season.publish(FUNDED)
    season.open_shop()
    season.invite(6)
    with season.side.world.services.database.session() as session:
        steps = select(col(Change.after)).where(col(Change.subject_id) == season.programme_id)
        states = [row["state"] for row in session.scalars(steps.order_by(col(Change.id)))]
    assert states == ["published", "running"]
    season.side.deeds(season.programme, season.people, "glass-recycling")
    assert season.side.publish(season.programme) is not None
    assert season.balances() == [100] * 6


def test_the_chain_halts_over_the_last_day_to_earn(season: Season) -> None:
    world = season.side.world
    season.until(EARN - 1)
    with season.halted():
        world.deeds(season.programme, season.people)
        season.until(EARN + 3, chain=False)
        with world.transaction() as (session, now):
            terms = terms_of(session, season.programme, now)
            assert now.date() > terms.last_day_to_earn
    assert season.balances() == [100] * 6
    assert world.cut(season.programme) is not None
    world.settle()
    assert season.balances() == [200] * 6, "what was earned in time is credited, however late"


def test_its_end_is_announced_by_two_and_told_once_to_each(season: Season) -> None:
    season.until(SPEND - 40)
    with season.side.world.transaction() as (session, _now):
        session.execute(delete(OutgoingMail))
    season.announce()
    for _ in range(2):
        season.until(season.day)
    with season.side.world.services.database.session() as session:
        told = session.execute(
            select(col(EndNotice.by_letter), func.count()).group_by(col(EndNotice.by_letter))
        ).all()
        assert sorted(map(tuple, told)) == [(False, 1), (True, 5)]
        assert session.scalar(select(func.count()).select_from(OutgoingMail)) == 5


def test_the_chain_halts_over_the_last_day_to_spend(season: Season) -> None:
    season.until(SPEND - 1)
    with season.halted():
        season.pay(0, 150)
        season.contested = season.pay(1, 120, by_card=True).id
        season.until(SPEND + 1, chain=False)
        assert season.state is ProgrammeState.CLOSING
        with pytest.raises(Problem, match="programme-closed"):
            season.pay(2, 50)
        assert {"hinders-holds", "hinders-contests", "hinders-days"} == season.hinders()
    season.side.world.settle()
    assert season.balances() == [50, 80, 200, 200, 200, 200], "accepted in time is settled late"


def test_an_upheld_contest_is_executed_after_the_last_day(season: Season) -> None:
    world, payment_id = season.side.world, season.contested
    with world.transaction() as (session, now):
        contest = open_contest(
            session, payment_id=payment_id, payer_id=season.people[1][0].id,
            reason=next(iter(ContestReason)), by=None, now=now,
        )  # fmt: skip
        contest_id = contest.id
    season.until(SPEND + 32)
    assert season.hinders() == {"hinders-contests"}
    with world.transaction() as (session, now):
        proposal = propose_decision(session, contest_id=contest_id, upheld=True, by=ONE, now=now)
    with world.transaction() as (session, now):
        confirm(session, proposal.id, by=OTHER, now=now)
    with world.transaction() as (session, now):
        desk = Shop(session, now, season.keys).desk
        assert refund_upheld(session, contest_id, desk=desk, now=now)
    assert season.hinders() == {"hinders-holds"}
    world.settle()
    assert season.balances()[1] == 200


def test_it_is_closed_by_two_over_nothing_open(season: Season) -> None:
    world = season.side.world
    with world.transaction() as (session, now):
        block = block_wallet(
            session, season.people[2][0].id, channel=BlockChannel.COUNTER, by=uuid7(), now=now
        )
    assert season.hinders() == {"hinders-blocks"}
    with world.transaction() as (session, now):
        lift_block(session, block.id, by=uuid7(), now=now)
    season.by_two(propose_close, season.programme_id)
    world.settle()
    assert season.state is ProgrammeState.CLOSED
    assert season.balances() == [0] * 6
    with world.services.database.session() as session:
        expired = select(func.sum(col(LedgerEntry.amount_cents))).where(
            col(LedgerEntry.kind) == "expiry"
        )
        assert session.scalar(expired) == -(50 + 5 * 200)


def test_shops_are_paid_out_and_the_rest_goes_back_by_two(season: Season) -> None:
    world = season.side.world
    bank = {"bank_reference": "BACK TO THE COUNCIL"}
    ask = returns.propose_return
    over = season.refusal(ask, season.programme_id, amount_cents=FUNDED - 149, by=ONE, **bank)
    assert over.code == "return-too-much"
    with world.transaction() as (session, now):
        made = ask(session, season.programme_id, amount_cents=FUNDED - 150, by=ONE, now=now, **bank)
        period = now.strftime("%G-W%V")
        assert close_due_periods(session, period=period, cut_off=now, now=now) == 1
    assert season.refusal(returns.confirm_return, made.id, by=ONE).code == "second-treasurer-needed"
    world.settle()
    season.until(season.day)
    assert season.programme.state.value == "closed", "one signature gives nothing back"
    with world.transaction() as (session, now):
        returns.confirm_return(session, made.id, by=OTHER, now=now)
    world.settle()
    season.until(season.day)
    assert season.programme.state.value == "archived"
    with world.services.database.session() as session:
        assert session.get_one(MoneyReturn, made.id).final_at is not None


def test_the_job_publishes_nothing_in_which_the_audit_finds_differences(season: Season) -> None:
    """Nobody seals the access log in these tests."""
    world = season.side.world
    settings = replace(world.services.settings, chain_rpc_urls=(season.side.gateway,))
    archives_of(Workshop(replace(world.services, settings=settings), world.deployment, "test"),
                world.fence)  # fmt: skip
    assert not (settings.archive_folder / season.programme.slug).exists()
    with world.services.database.session() as session:
        told = session.scalars(select(Incident).where(col(Incident.code) == "archive_differs"))
        assert ROOTS in told.one().detail


@pytest.fixture(scope="module")
def archive(season: Season, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public") / "archive"
    with season.side.world.services.database.session() as session:
        deployment = season.side.world.services.settings.deployment_file
        name = write_archive(session, catalogue(), deployment, season.side.gateway, folder)
    assert audit_archive(folder).trusted["archive"] == name
    return folder


def wrong(report: Report) -> list[str]:
    """What differs, but for the access log, which nobody seals in these tests."""
    names = [check.name for check in report.checks if not check.agrees]
    assert names.pop(names.index(ROOTS)) == ROOTS
    return names + [f"{one.figure}: {one.field}" for one in report.differences]


def test_its_archive_verifies_without_a_server(season: Season, archive: Path) -> None:
    alone, with_node = audit_archive(archive), audit_archive(archive, season.side.gateway)
    assert (wrong(alone), wrong(with_node)) == ([], [])
    assert alone.figures_compared > 0
    assert {check.name for check in with_node.checks} - {check.name for check in alone.checks} == {
        "the archive's last block is the node's", "the archive's events are the node's",
    }  # fmt: skip
    assert "is shown by --rpc" in "".join(in_words(alone))
    assert "is shown by --rpc" not in "".join(in_words(with_node))
    text = "".join(path.read_text("utf-8").lower() for path in archive.iterdir())
    accounts = [address.lower() for _, address in season.people]
    assert not [one for one in [*accounts, "logsbloom"] if one in text or one[2:] in text]
    with pytest.raises(FileExistsError), season.side.world.transaction() as (session, _now):
        write_archive(session, catalogue(), Path(), season.side.gateway, archive)


@pytest.mark.parametrize(
    ("change", "found_by"),
    [
        (archives.more_actions, "both"),
        (archives.more_money, "both"),
        (archives.other_rules, "both"),
        (archives.more_rules, "both"),
        (archives.other_events, "both"),
        (archives.more_in_the_table, "both"),
        (archives.other_state, "both"),
        (archives.other_closing, "both"),
        (archives.other_last_day, "both"),
        (archives.shorter_notice, "both"),
        (archives.invented_season, "both"),
        (archives.other_time, "both"),
        (archives.other_last_block, "both"),
        (archives.other_block, "node"),
    ],
)
def test_what_is_changed_in_an_archive_is_found(
    season: Season, archive: Path, tmp_path: Path, change: Any, found_by: str
) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(archive, folder)
    archives.content_changed(folder, change)
    assert audit_archive(folder).verdict == CANNOT_CHECK, "the sums no longer fit"
    archives.summed_anew(folder)
    assert bool(wrong(audit_archive(folder))) is (found_by == "both")
    assert wrong(audit_archive(folder, season.side.gateway))
