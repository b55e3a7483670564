"""Links and consents end at once; a job ends by itself, killed, forged or unreadable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.actions.imports import intake, jobs, links
from app.actions.imports.jobs import run_import_jobs
from app.actions.imports.uploads import uploads_folder
from app.actions.models import ImportJob
from app.chain import typed
from app.errors import Problem
from app.identity.models import Organisation
from app.privacy.consents import withdraw_consent
from app.rewards.models import Programme, ProgrammeState
from app.rewards.valuing.import_tools import tools_of
from tests.support.city import Wallets
from tests.support.partner import HEAD, Partner, actions, table, trip


@pytest.mark.usefixtures("rider")
def test_age_counts_only_where_somebody_could_be_rewarded(partner: Partner) -> None:
    old = 24 * 60
    job = partner.send(table(trip(partner, old, "r-1"), trip(partner, old + 1)))
    assert partner.results(job) == [("refused", "trip-too-old"), ("summed", None)]


def test_a_link_ends_at_once_and_a_code_serves_once(partner: Partner, rider: UUID) -> None:
    with partner.services.database.transaction() as session:
        [link] = links.links_of(session, rider)
        links.revoke_link(session, link_id=link.id, person_id=rider, now=partner.now)
    job = partner.send(table(trip(partner, 3, "r-1")))
    assert partner.results(job) == [("unlinked", None)]
    with partner.services.database.session() as session:
        code, _ = links.make_code(
            session, person_id=rider, organisation_id=partner.organisation_id, now=partner.now
        )
        for ref, expected in (("r-1", None), ("r-5", "link-code-wrong")):
            given: dict[str, Any] = {
                "organisation_id": partner.organisation_id,
                "rider_ref": ref,
                "code": code,
            }
            if expected is None:
                links.link_rider(session, now=partner.now, **given)
            else:
                with pytest.raises(Problem, match=expected):
                    links.link_rider(session, now=partner.now, **given)


def test_a_withdrawn_consent_holds_from_the_next_row_on(partner: Partner, rider: UUID) -> None:
    with partner.services.database.transaction() as session:
        withdraw_consent(session, rider, links.PURPOSE, str(partner.organisation_id), partner.now)
    job = partner.send(table(trip(partner, 3, "r-1")))
    assert partner.results(job) == [("unlinked", None)]


@pytest.mark.usefixtures("rider")
def test_a_forged_signature_or_another_root_keeps_nothing(partner: Partner) -> None:
    with pytest.raises(Problem, match="import-forged"):
        partner.hand_in(table(trip(partner, 3, "r-1")), key=typed.new_key())
    job_id = partner.hand_in(table(trip(partner, 3, "r-1")))
    folder = uploads_folder(partner.services.settings.home)
    with partner.services.database.session() as session:
        stored = session.get_one(ImportJob, job_id).stored_as or ""
    (folder / stored).write_text(table(trip(partner, 4, "r-1")), "utf-8")
    run_import_jobs(tools_of(partner.services, wallets=Wallets()))
    with partner.services.database.session() as session:
        job = session.get_one(ImportJob, job_id)
    assert (job.state, job.error) == ("failed", "statement-root-differs")
    assert actions(partner) == []
    assert not (folder / stored).exists()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("trip_id,colour\n1,red\n", "column-unknown colour"),
        (HEAD + '\na,"b\n', "file-unreadable line 2"),
    ],
)
def test_an_unreadable_file_fails_and_is_deleted(
    partner: Partner, monkeypatch: pytest.MonkeyPatch, content: str, error: str
) -> None:
    monkeypatch.setattr(Partner, "root", lambda *_: (bytes(32), 1))
    job = partner.send(content)
    assert (job.state, job.error) == ("failed", error)
    assert list(uploads_folder(partner.services.settings.home).iterdir()) == []


@pytest.mark.usefixtures("rider")
def test_it_goes_on_where_it_was_killed(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 2)
    content = table(*(trip(partner, n, "r-1") for n in range(2, 9)))
    job_id = partner.hand_in(content)
    worked = _stopping_after(2)
    tools = tools_of(partner.services, wallets=Wallets())
    original = jobs._one_chunk
    monkeypatch.setattr(jobs, "_one_chunk", lambda *args: (next(worked), original(*args)))
    with pytest.raises(KeyboardInterrupt):
        run_import_jobs(tools)
    assert len(actions(partner)) == 4
    monkeypatch.setattr(jobs, "_one_chunk", original)
    run_import_jobs(tools)
    with partner.services.database.session() as session:
        job = session.get_one(ImportJob, job_id)
    assert (job.state, job.counts) == ("done", {"accepted": 7})
    assert len(actions(partner)) == 7


@pytest.mark.usefixtures("rider")
@pytest.mark.parametrize("chunk", [1, 5000])
def test_a_file_never_corrects_itself(
    partner: Partner, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(jobs, "CHUNK", chunk)
    content = table(trip(partner, 3, "r-1"), trip(partner, 3, "r-1", minutes=12))
    first, again = partner.send(content), partner.send(content)
    twice = ("conflict", "trip-twice-in-file")
    assert partner.results(first) == [("accepted", None), twice]
    assert partner.results(again) == [("unchanged", None), twice]
    [action] = actions(partner)
    assert action.deed_until == action.deed_at + timedelta(minutes=10)


@pytest.mark.usefixtures("rider")
def test_what_collides_is_found_among_many_rows(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_check_overlaps", lambda *_: None)  # as if recorded just now
    rows = [trip(partner, n, "r-1") for n in range(2, 9)]
    rows.insert(3, rows[0].replace("t-2", "t-2b"))
    job = partner.send(table(*rows))
    assert job.counts == {"accepted": 7, "conflict": 1}
    assert partner.results(job)[3] == ("conflict", "trip-overlaps")
    assert len(actions(partner)) == 7


def _stopping_after(count: int) -> Iterator[int]:
    yield from range(count)
    raise KeyboardInterrupt


@pytest.mark.usefixtures("rider")
def test_what_exceeds_the_ceiling_waits(partner: Partner) -> None:
    with partner.services.database.transaction() as session:
        session.get_one(Organisation, partner.organisation_id).actions_per_day = 2
    job = partner.send(table(*(trip(partner, n, "r-1") for n in range(2, 6))))
    assert job.counts == {"accepted": 4}
    states = sorted(one.state.value for one in actions(partner))
    assert states == ["authenticated", "authenticated", "recorded", "recorded"]


@pytest.mark.usefixtures("rider")
def test_nothing_is_promised_while_the_programme_pauses_or_once_it_ends(partner: Partner) -> None:
    """A paused one's file waits and goes on; one that ends takes no further row."""
    _turn(partner, ProgrammeState.PAUSED)
    waits = partner.send(table(trip(partner, 3, "r-1")))
    assert (waits.state, waits.rows_done, actions(partner)) == ("running", 0, [])
    assert (uploads_folder(partner.services.settings.home) / (waits.stored_as or "")).exists()
    _turn(partner, ProgrammeState.RUNNING)
    other = partner.send(table(trip(partner, 5, "r-1")))
    assert other.counts == {"accepted": 1}
    assert partner.results(waits) == [("accepted", None)]
    for after in (ProgrammeState.CLOSING, ProgrammeState.CLOSED, ProgrammeState.ARCHIVED):
        _turn(partner, after)
        ended = partner.send(table(trip(partner, 7, "r-1")))
        assert (ended.state, ended.error) == ("failed", "programme-not-running")
        assert ended.stored_as is None
    assert len(actions(partner)) == 2


def _turn(partner: Partner, state: ProgrammeState) -> None:
    with partner.services.database.transaction() as session:
        session.get_one(Programme, partner.programme_id).state = state


def test_an_upload_that_no_job_wants_is_swept_away(partner: Partner) -> None:
    folder = uploads_folder(partner.services.settings.home)
    orphan, fresh = folder / "orphan", folder / "fresh"
    orphan.write_text("x")
    fresh.write_text("x")
    os.utime(orphan, (1, 1))
    run_import_jobs(tools_of(partner.services, wallets=Wallets()))
    assert not orphan.exists()
    assert fresh.exists()  # perhaps just being handed in
    fresh.unlink()
