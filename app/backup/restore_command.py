"""`civis restore`: a database out of its backup, and everything until the doors open again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from app.as_json import AS_JSON, answer
from app.chain.errors import ChainError
from app.config import ConfigError, Settings
from app.doors import check_nobody_works, restoration_under_way, shut_doors
from app.errors import Problem
from app.journal import Journal
from app.outbox.command_parts import REASON, by_whom, connected, edge_of, work
from app.outbox.operator import NotPossibleError

_NEXT = "Start Civis, then `civis restore match` and `civis restore open`."
_LOST = (
    "What is lost stands in `civis outbox incidents`, and on the office's page /office/chain once "
    "the doors are open, until it is acknowledged. What to do: docs/operators/backup.md."
)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Put a backup in the database's place, bring it up to the chain, open the doors."""


@command.command("put-back")
@click.option("--from", "backup", type=_FOLDER, required=True, help="One backup's own folder.")
@click.option("--log", type=_FOLDER, help="The archived log; WAL_ARCHIVE when not given.")
@click.option("--only-base", is_flag=True, help="The instant of the backup: no more of the log.")
@AS_JSON
def put_back(*, backup: Path, log: Path | None, only_base: bool, as_json: bool) -> None:
    """The embedded database, with Civis stopped: base backup, then the archived log to its end. The
    doors are shut afterwards."""
    from app.backup.putting_back import put_back as work_it  # noqa: PLC0415 - slow to load

    settings = Settings.from_env(os.environ)
    if not settings.embedded:
        raise ConfigError("Restore an external PostgreSQL by its own means, then `restore shut`.")
    archive = log or settings.kept.log_archive
    end = work_it(settings.home, backup.absolute(), archive, to_the_end=not only_base)
    last = None if end.last_commit is None else end.last_commit.isoformat(timespec="seconds")
    said = {"log_end": end.log_end, "last_commit": last, "shut": True}
    up_to = f"{end.log_end}, " + (f"the last commit of {last}" if last else "without any commit")
    answer(said, f"Replayed up to {up_to}; the doors are shut. {_NEXT}", as_json=as_json)


@command.command()
@click.option("--source", required=True, help="Which backup it came from.")
@AS_JSON
def shut(*, source: str, as_json: bool) -> None:
    """After an external database was restored, before any part of Civis is started: refused while
    one works with it."""
    if Settings.from_env(os.environ).embedded:
        raise ConfigError("`civis restore put-back` restores the embedded database and shuts it.")
    with work() as (_parts, session, now):
        check_nobody_works(session)
        end = shut_doors(session, source, now).log_end
    answer({"log_end": end, "shut": True}, "The doors are shut.", as_json=as_json)


@command.command()
@click.option("--erase", multiple=True, help="A subject that the journal leaves open: erase.")
@click.option("--keep", multiple=True, help="A subject that the journal leaves open: keep.")
@click.option("--stranger", multiple=True, metavar="KEY=NONCE", help="Used by somebody else.")
@click.option("--fill", multiple=True, metavar="KEY=NONCE", help="Its bytes are lost: fill it.")
@click.option("--reason", default="", help="Why, of a stranger or a lost one; it stays on record.")
@AS_JSON
def match(
    *,
    erase: tuple[str, ...],
    keep: tuple[str, ...],
    stranger: tuple[str, ...],
    fill: tuple[str, ...],
    reason: str,
    as_json: bool,
) -> None:
    """Bring the books up to the chain from the artefact store, and do the journal's ends again.
    Exit 1 while something isn't matched: then nothing is kept, and the doors stay shut.

    KEY is a key's name or address. What a stranger did with it is not in our books: every batch on
    the chain must have its list all the same. What is filled does nothing: match again once that
    is final."""
    from app.backup.matching import Decided  # noqa: PLC0415 - slow to load
    from app.backup.service import bring_up  # noqa: PLC0415

    why = by_whom(reason).words if stranger or fill else ""
    strangers, filled = (dict.fromkeys(map(_nonce, said), why) for said in (stranger, fill))
    decided = Decided(erase, keep, strangers, filled)
    with connected() as parts, _all_answer():
        journal = Journal(parts.settings.kept.journal)
        report = bring_up(edge_of(parts), journal, decided)
    answer(report.plain(), *_in_words(report.plain()), as_json=as_json)
    if not report.matched:
        raise SystemExit(1)


def _nonce(said: str) -> tuple[str, int]:
    key, sign, nonce = said.partition("=")
    if not (key and sign and nonce.isdecimal()):
        raise ConfigError(f"{said} is not of the form KEY=NONCE.")
    return key, int(nonce)


@contextmanager
def _all_answer() -> Iterator[None]:
    """Raises NotPossibleError where chain or signer don't."""
    try:
        yield
    except ChainError as error:
        raise NotPossibleError(f"The chain can't be asked: {error}") from error
    except Problem as problem:
        if not problem.code.startswith("signer-"):
            raise
        raise NotPossibleError(
            "The signer must say which keys it has, and doesn't: work where its socket can be "
            f"reached, with Civis started. ({problem.sentence('en').title}.)"
        ) from problem


@command.command("open")
@REASON
@AS_JSON
def open_(*, reason: str, as_json: bool) -> None:
    """Let people in and the jobs go on, once all is matched."""
    from app.backup.service import open_doors  # noqa: PLC0415 - slow to load

    with work() as (parts, session, now), _all_answer():
        open_doors(session, edge_of(parts), by_whom(reason), now)
    answer({"shut": False}, "The doors are open.", as_json=as_json)


@command.command()
@AS_JSON
def status(*, as_json: bool) -> None:
    """Whether a restore is under way, and what its last matching found."""
    with work() as (_parts, session, _now):
        found = restoration_under_way(session)
        said: dict[str, Any] = {"shut": False, "source": None, "report": None}
        if found is not None:
            said = {"shut": True, "source": found.source, "report": found.report}
    if found is None:
        lines = ["No restore is under way."]
    elif found.report is None:
        lines = ["Shut, and not matched yet."]
    else:
        lines = _in_words(found.report)
    answer(said, *lines, as_json=as_json)


def _in_words(report: dict[str, Any]) -> list[str]:
    return [
        f"Batches matched: {report['batches_matched']} of {report['batches_on_chain']}",
        f"Nonces taken over: {_counted(report['nonces_taken'])}",
        f"Done again by the journal: {_counted(report['replayed'])}",
        *(f"  NOT MATCHED {one}" for one in report["unmatched"]),
        *(f"  lost: {one}" for one in report["lost"]),
        *([_LOST] if report["lost"] and report["matched"] else []),
    ]


def _counted(numbers: dict[str, int]) -> str:
    said = (f"{name.replace('_', ' ')} {number}" for name, number in sorted(numbers.items()))
    return ", ".join(said) or "none"
