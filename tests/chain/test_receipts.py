"""A citizen's receipt proves credited and counted, offline and against the chain, or fails."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.errors import Problem
from app.privacy.service import erase_subject
from app.reporting.receipts import receipt
from app.reporting.verify.check import CANNOT_CHECK, FAILS, HOLDS, Verdict, verify
from app.rewards.models import Batch, Programme
from tests.support.public_side import Citizen, PublicSide

Receipt = dict[str, Any]


@pytest.fixture(scope="module")
def people(side: PublicSide) -> list[Citizen]:
    return side.world.citizens(7)


@pytest.fixture(scope="module")
def deeds(side: PublicSide, programme: Programme, people: list[Citizen]) -> list[Action]:
    """Two batches, three cells and a correction; the last deed is kept back."""
    glass = side.deeds(programme, people, "glass-recycling")
    side.deeds(programme, people, "bike-trip")
    assert side.publish(programme) is not None
    side.reverse(glass[:5])
    walks = side.deeds(programme, people[:5], "walk-trip")
    publication = side.publish(programme)
    assert publication is not None
    assert len(publication.cells) == 2
    lone = side.deeds(programme, people[:1], "food-waste-compost")
    return [glass[6], walks[2], glass[0], lone[0]]


def made(side: PublicSide, action: Action, lost: Action | None = None) -> Receipt:
    """`lost`: a deed that the books have forgotten."""
    with side.world.services.database.session() as session:
        found = session.get_one(Action, action.id)
        if lost is not None:
            _forget(session, lost)
        record = side.world.services.settings.deployment_file
        told = receipt(session, found, record, side.world.folder)
        shown: Receipt = json.loads(json.dumps(told))
        return shown


def _forget(session: Session, lost: Action) -> None:
    batch = session.get_one(Batch, lost.batch_id)
    batch.lost_actions = 1
    nothing = dict.fromkeys(("batch_id", "leaf", "leaf_index", "published_period"))
    gone = update(Action).where(col(Action.id) == lost.id)
    session.execute(gone.values(state=ActionState.WITHDRAWN, **nothing))


def failing(verdict: Verdict) -> list[str]:
    return [finding.what.partition(":")[0] for finding in verdict.findings if not finding.holds]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_it_holds_offline_and_on_the_chain(
    side: PublicSide, deeds: list[Action], which: int
) -> None:
    shown = made(side, deeds[which])
    assert verify(shown).code == HOLDS
    asked = verify(shown, side.gateway)
    assert asked.code == HOLDS, asked
    assert failing(asked) == []
    assert len(asked.findings) == 5
    assert shown["state"] == ("reversed" if which == 2 else "settled")


def test_a_deed_kept_back_is_credited_and_not_counted_yet(
    side: PublicSide, deeds: list[Action]
) -> None:
    verdict = verify(made(side, deeds[3]), side.gateway)
    assert verdict.code == HOLDS
    assert failing(verdict) == ["not counted yet"]


def test_where_a_restore_lost_others_it_is_credited_still(
    side: PublicSide, deeds: list[Action]
) -> None:
    with side.world.services.database.session() as session:
        found = session.get_one(Action, deeds[0].id)
        others = select(Action).where(
            col(Action.batch_id) == found.batch_id,
            col(Action.action_type_id) == found.action_type_id,
            col(Action.id) != found.id,
        )
        lost = session.scalars(others.order_by(col(Action.leaf_index)).limit(1)).one()
    shown = made(side, deeds[0], lost)
    assert shown["counted"] is None, "the sums of its cell can't be shown any more"
    assert verify(shown, side.gateway).code == HOLDS


def more_reward(shown: Receipt) -> None:
    shown["leaf"]["reward_cents"] = "1000"


def other_account(shown: Receipt) -> None:
    shown["leaf"]["account"] = "0x" + "12" * 20


def other_leaf(shown: Receipt) -> None:
    shown["leaf_hash"] = "0x" + "12" * 32


def other_place(shown: Receipt) -> None:
    shown["credited"]["index"] = 0


def shorter(shown: Receipt) -> None:
    shown["credited"]["path"].pop()


def other_sums(shown: Receipt) -> None:
    shown["counted"]["path"]["cell"]["actions"] = "8"


def negative(shown: Receipt) -> None:
    shown["leaf"]["metrics"][0] = "-1"


def no_leaf(shown: Receipt) -> None:
    del shown["leaf"]


@pytest.mark.parametrize(
    "lie",
    [
        more_reward,
        other_account,
        other_leaf,
        other_place,
        shorter,
        other_sums,
        negative,
        no_leaf,
    ],
)
def test_an_altered_receipt_fails_offline(
    side: PublicSide, deeds: list[Action], lie: Callable[[Receipt], None]
) -> None:
    shown = made(side, deeds[0])
    lie(shown)
    assert verify(shown).code == FAILS


def made_up(shown: Receipt) -> None:
    """Agrees with itself, and is of another batch."""
    shown["credited"]["batch"] = "0x" + "12" * 32


def other_period(shown: Receipt) -> None:
    shown["counted"]["period"] += 1


def other_block(shown: Receipt) -> None:
    shown["counted"]["block"] -= 1


@pytest.mark.parametrize("lie", [made_up, other_period, other_block])
def test_what_only_the_chain_knows_is_asked_of_it(
    side: PublicSide, deeds: list[Action], lie: Callable[[Receipt], None]
) -> None:
    shown = made(side, deeds[0])
    lie(shown)
    assert verify(shown).code == HOLDS
    assert verify(shown, side.gateway).code == FAILS


def test_another_chain_or_nothing_is_no_verdict(side: PublicSide, deeds: list[Action]) -> None:
    shown = made(side, deeds[0])
    elsewhere = copy.deepcopy(shown)
    elsewhere["chain"]["chain_id"] += 1
    assert verify(elsewhere, side.gateway).code == CANNOT_CHECK
    assert verify(shown, "http://127.0.0.1:9").code == CANNOT_CHECK
    assert verify(["no receipt"]).code == CANNOT_CHECK
    assert verify({**shown, "format": "civis-receipt/9"}).code == CANNOT_CHECK


def test_the_command_says_it_and_exits_so(
    side: PublicSide, deeds: list[Action], tmp_path: Path
) -> None:
    def run(content: str, *options: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "receipt.json"
        file.write_text(content, "utf-8")
        command = [sys.executable, "-m", "app.cli", "verify", str(file), *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    shown = made(side, deeds[0])
    good = run(json.dumps(shown), "--rpc", side.gateway)
    assert (good.returncode, good.stdout.splitlines()[-1]) == (HOLDS, "RECEIPT HOLDS"), good.stderr
    more_reward(shown)
    assert run(json.dumps(shown), "--json").returncode == FAILS
    assert run("not json").returncode == CANNOT_CHECK


def test_without_settlement_there_is_no_receipt(
    side: PublicSide, programme: Programme, people: list[Citizen]
) -> None:
    waiting = side.world.deeds(programme, people[:1])
    with pytest.raises(Problem) as refused:
        made(side, waiting[0])
    assert refused.value.code == "receipt-not-yet"


def test_an_erased_leaf_is_reported_as_erased(
    side: PublicSide, deeds: list[Action], people: list[Citizen]
) -> None:
    with side.world.transaction() as (session, now):
        erase_subject(session, people[6][0].id, now)
    shown = made(side, deeds[0])
    assert (shown["erased"], shown["leaf"]) == (True, None)
    verdict = verify(shown, side.gateway)
    assert verdict.code == HOLDS
    assert verdict.findings[0].what.startswith("erased")
    assert made(side, deeds[1])["erased"] is False
