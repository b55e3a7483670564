"""A row or a defect of ours stops one file at most, never the ones behind it."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from app.actions.imports import jobs
from app.actions.imports.jobs import run_import_jobs
from app.actions.imports.submit import failure
from app.actions.imports.uploads import uploads_folder
from app.actions.models import ImportJob
from app.errors import Problem
from app.outbox.models import Incident
from app.rewards.valuing.import_tools import tools_of
from tests.support.city import Wallets
from tests.support.partner import HEAD, Partner, trip

FIRST = "0001-01-01T00:00:00"
LAST = "9999-12-31T23:59:59"
BAD_ROWS: list[tuple[dict[str, str], str]] = [
    ({"started_at": FIRST + "+05:00"}, "time-unreadable"),
    ({"started_at": FIRST}, "time-unreadable"),
    ({"started_at": FIRST, "ended_at": "0001-01-01T00:10:00"}, "time-unreadable"),
    ({"ended_at": LAST + "-05:00"}, "time-unreadable"),
    ({"city": "Ly\x00on"}, "control-character"),
    ({"trip_id": "t\x00"}, "control-character"),
    ({"rider_ref": "r\x001"}, "control-character"),
    ({"start_name": "a\x1fb"}, "control-character"),
    ({"city": secrets.token_hex(10_000)}, "city-too-long"),
    ({"rider_ref": "r" * 20_000}, "rider-ref-too-long"),
]


@pytest.mark.usefixtures("rider")
@pytest.mark.parametrize(("changes", "reason"), BAD_ROWS)
def test_a_bad_row_is_refused_alone(partner: Partner, changes: dict[str, str], reason: str) -> None:
    names = [*HEAD.split(","), "city", "start_name"]
    good = [*trip(partner, 3, "r-1").split(","), "", ""]
    summed = [*trip(partner, 4).split(","), "Lyon", "Bellecour"]
    bad = (dict(zip(names, summed, strict=True)) | changes).values()
    job = partner.send("\n".join(map(",".join, (names, good, bad))) + "\n")
    assert (job.state, job.error) == ("done", None)
    assert partner.results(job) == [("accepted", None), ("refused", reason)]


def test_a_header_that_cannot_be_stored_fails_its_file(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Partner, "root", lambda *_: (bytes(32), 1))
    job = partner.send("trip_id,col\x00our\n1,red\n")
    assert (job.state, job.error) == ("failed", "column-unknown col\ufffdour")


def _value_too_long_for_its_key(session: Any, job_id: UUID) -> None:
    row = {"job": job_id, "text": secrets.token_hex(20_000)}
    session.execute(text("create temp table t (v text primary key) on commit drop"))
    session.execute(text("insert into t values (:text)"), row)


def _nul(session: Any, _job_id: UUID) -> None:
    session.execute(text("select cast(:text as text)"), {"text": "\x00"})


def _too_slow_for_the_operators_limit(session: Any, _job_id: UUID) -> None:
    session.execute(text("set local statement_timeout = '10ms'"))
    session.execute(text("select pg_sleep(60)"))


def _own_mistake(_session: Any, _job_id: UUID) -> None:
    raise KeyError("Ada's row")


@pytest.mark.usefixtures("rider")
@pytest.mark.parametrize(
    "wrong", [_value_too_long_for_its_key, _nul, _too_slow_for_the_operators_limit, _own_mistake]
)
def test_a_defect_fails_its_file_is_told_and_the_next_is_worked(
    partner: Partner, monkeypatch: pytest.MonkeyPatch, wrong: Any
) -> None:
    first = partner.hand_in(_file(partner, 3))
    second = partner.hand_in(_file(partner, 5))
    _wrong_for(monkeypatch, first, wrong)
    assert run_import_jobs(tools_of(partner.services, wallets=Wallets())) == 2
    jobs_now = [_job(partner, one) for one in (first, second)]
    assert [(one.state, one.error) for one in jobs_now] == [
        ("failed", "import-broken"),
        ("done", None),
    ]
    problem = failure(jobs_now[0])
    assert problem is not None
    assert problem.code == "import-broken"
    [incident] = _incidents(partner, first)
    assert "Ada" not in incident.detail
    assert ".py:" in incident.detail
    assert list(uploads_folder(partner.services.settings.home).iterdir()) == []


def _lost(*_: Any) -> None:
    raise OperationalError("select", {}, psycopg.OperationalError("server closed the connection"))


def _lost_in_a_copy(*_: Any) -> None:
    raise psycopg.OperationalError("consuming input failed: server closed the connection")


def _ended(session: Any, _job_id: UUID) -> None:
    session.execute(text("select pg_terminate_backend(pg_backend_pid())"))


def _no_signer(*_: Any) -> None:
    raise Problem("signer-away")


@pytest.mark.usefixtures("rider")
@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (_lost, OperationalError),
        (_lost_in_a_copy, psycopg.OperationalError),
        (_ended, OperationalError),
        (_no_signer, Problem),
    ],
)
def test_what_time_heals_is_tried_again(
    partner: Partner, monkeypatch: pytest.MonkeyPatch, wrong: Any, kind: type[Exception]
) -> None:
    job_id = partner.hand_in(_file(partner, 3))
    tools = tools_of(partner.services, wallets=Wallets())
    with monkeypatch.context() as patch:
        _wrong_for(patch, job_id, wrong)
        with pytest.raises(kind):
            run_import_jobs(tools)
    assert _job(partner, job_id).state == "running"
    assert _incidents(partner, job_id) == []
    assert run_import_jobs(tools) == 1
    job = _job(partner, job_id)
    assert (job.state, job.counts) == ("done", {"accepted": 1})


def _file(partner: Partner, number: int) -> str:
    return f"{HEAD}\n{trip(partner, number, 'r-1')}\n"


def _wrong_for(patch: pytest.MonkeyPatch, job_id: UUID, wrong: Any) -> None:
    """What goes wrong does so in the chunk's own transaction, after its rows are written."""
    original = jobs._one_chunk

    def one_chunk(session: Any, tools: Any, job: ImportJob, *rest: Any) -> None:
        original(session, tools, job, *rest)
        if job.id == job_id:
            wrong(session, job_id)

    patch.setattr(jobs, "_one_chunk", one_chunk)


def _job(partner: Partner, job_id: UUID) -> ImportJob:
    with partner.services.database.session() as session:
        return session.get_one(ImportJob, job_id)


def _incidents(partner: Partner, job_id: UUID) -> list[Incident]:
    with partner.services.database.session() as session:
        query = select(Incident).where(col(Incident.reference) == str(job_id))
        return list(session.scalars(query))
