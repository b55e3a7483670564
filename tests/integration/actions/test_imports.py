"""A partner's file: each row's fate, corrections, and what is kept of a row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text
from sqlmodel import col

from app.actions.imports.rows import read_rows
from app.actions.imports.statement import leaf_of, root_from_path
from app.actions.models import Action, ActionState, ImportedTrip, PartnerDaySum
from app.rewards.models import Programme
from tests.support.partner import HEAD, REAL, ZONES, Partner, actions, promised, table, trip


def needs_real_file() -> None:
    """A newcomer's clone has no reference data beside it: said in the summary, not a failure."""
    if not REAL.exists():
        pytest.skip("reference data ../shared/data/trips is not here: real file not imported")


def test_the_real_file_whole(partner: Partner) -> None:
    needs_real_file()
    content = REAL.read_text("utf-8")
    options: dict[str, Any] = {**ZONES, "duration_in_milliseconds_for": ["Washington"]}
    job = partner.send(content, **options)
    assert (job.state, job.error, job.rows_total, job.rows_done) == ("done", None, 800, 800)
    assert job.counts == {"summed": 745, "refused": 55}
    with partner.services.database.session() as session:
        own = col(PartnerDaySum.organisation_id) == partner.organisation_id
        trips = session.scalar(select(func.sum(col(PartnerDaySum.trips))).where(own))
    assert trips == 745
    assert actions(partner) == []  # rewarded to nobody
    again = partner.send(content, **options)
    assert again.counts == {"unchanged": 745, "refused": 55}
    assert partner.count(ImportedTrip) == 745


def test_without_a_word_about_milliseconds_one_city_disagrees(partner: Partner) -> None:
    needs_real_file()
    job = partner.send(REAL.read_text("utf-8"), **ZONES)
    reasons = [reason for _, reason in partner.results(job)]
    assert reasons.count("duration-disagrees") == 200


@pytest.mark.usefixtures("rider")
def test_the_day_of_a_deed_is_its_programme_s_whatever_zone_the_file_is_in(
    partner: Partner,
) -> None:
    """Half a day apart, so that one of both is on another day in Kiritimati."""
    content = table(trip(partner, 3, "r-1"), trip(partner, 15, "r-1"))
    job = partner.send(content, time_zone="Pacific/Kiritimati")
    assert partner.results(job) == [("accepted", None)] * 2
    with partner.services.database.session() as session:
        zone = ZoneInfo(session.get_one(Programme, partner.programme_id).time_zone)
    for one in actions(partner):
        assert one.deed_day == one.deed_at.astimezone(zone).date()


def test_linked_unlinked_and_nobodys(partner: Partner, rider: UUID) -> None:
    job = partner.send(
        table(trip(partner, 3, "r-1"), trip(partner, 4, "r-2"), trip(partner, 5), "short,row")
    )
    assert partner.results(job) == [
        ("accepted", None),
        ("unlinked", None),
        ("summed", None),
        ("refused", "row-malformed"),
    ]
    [action] = actions(partner)
    assert (action.person_id, action.state) == (rider, ActionState.AUTHENTICATED)
    assert (action.quantity, action.reward_cents) == (1331, 13)
    assert action.due_at == action.deed_at + timedelta(hours=48)
    assert action.attestation_digest == job.statement_digest


def test_of_an_unlinked_rider_only_the_hash_of_the_trip_is_kept(partner: Partner) -> None:
    partner.send(table(trip(partner, 3, "r-9")))
    with partner.services.database.session() as session:
        own = col(ImportedTrip.organisation_id) == partner.organisation_id
        [kept] = session.scalars(select(ImportedTrip).where(own))
        assert (kept.kept_as, kept.content_hash, kept.action_id) == ("none", b"", None)
        assert (kept.sum_day, kept.proof_path) == (None, None)
        assert b"t-3" not in kept.trip_hash


@pytest.mark.usefixtures("rider")
def test_a_kept_row_keeps_its_path_to_the_signed_root(partner: Partner) -> None:
    lines = [trip(partner, n, "r-1" if n == 4 else "") for n in range(2, 9)]
    job = partner.send(table(*lines))
    with partner.services.database.session() as session:
        kept = session.scalars(
            select(ImportedTrip).where(
                col(ImportedTrip.organisation_id) == partner.organisation_id,
                col(ImportedTrip.proof_path).is_not(None),
            )
        ).one()
        proof = kept.proof_path or {}
        said = session.execute(
            text("select statement from attestation where digest = :digest"),
            {"digest": job.statement_digest},
        ).scalar_one()
    assert proof["row"] == 3
    values = next(read_rows([HEAD, lines[2]]))
    leaf = leaf_of(bytes.fromhex(proof["salt"][2:]), values)
    path = [bytes.fromhex(one[2:]) for one in proof["path"]]
    assert "0x" + root_from_path(leaf, 3, proof["rows"], path).hex() == said["root"]


@pytest.mark.usefixtures("rider")
def test_the_same_file_twice_changes_nothing(partner: Partner) -> None:
    content = table(trip(partner, 3, "r-1"), trip(partner, 4), trip(partner, 5, "r-2"))
    partner.send(content)
    before = [(a.id, a.reward_cents, a.deed_at) for a in actions(partner)]
    job = partner.send(content)
    assert [result for result, _ in partner.results(job)] == ["unchanged", "unchanged", "unlinked"]
    assert [(a.id, a.reward_cents, a.deed_at) for a in actions(partner)] == before
    assert partner.count(ImportedTrip) == 3


@pytest.mark.usefixtures("rider")
def test_a_corrected_row_replaces_before_it_is_final_and_conflicts_after(partner: Partner) -> None:
    partner.send(table(trip(partner, 3, "r-1")))
    [first] = actions(partner)
    job = partner.send(table(trip(partner, 3, "r-1", minutes=12)))
    assert partner.results(job) == [("replaced", None)]
    [second] = actions(partner)
    assert second.id == first.id
    assert second.deed_until == (first.deed_until or partner.now) + timedelta(minutes=2)
    assert promised(partner) == second.reward_cents == 13
    with partner.services.database.transaction() as session:
        session.get_one(Action, second.id).state = ActionState.EXPIRED  # closed to corrections
    late = partner.send(table(trip(partner, 3, "r-1", minutes=11)))
    assert partner.results(late) == [("conflict", "already-final")]
    summed = partner.send(table(trip(partner, 7)))
    assert partner.results(summed) == [("summed", None)]
    corrected = partner.send(table(trip(partner, 7, minutes=12)))
    assert partner.results(corrected) == [("conflict", "already-summed")]


@pytest.mark.usefixtures("rider")
def test_overlapping_and_repeated_trips(partner: Partner) -> None:
    overlapping = trip(partner, 3, "r-1").replace("t-3", "t-3b")
    job = partner.send(
        table(
            trip(partner, 3, "r-1"),
            overlapping,
            trip(partner, 3, "r-1"),
            trip(partner, 3, "r-1", minutes=12),
        )
    )
    assert partner.results(job) == [
        ("accepted", None),
        ("refused", "trip-overlaps"),
        ("unchanged", None),
        ("conflict", "trip-twice-in-file"),
    ]
    later = partner.send(table(trip(partner, 3, "r-1").replace("t-3", "t-3c")))
    assert partner.results(later) == [("refused", "trip-overlaps")]
