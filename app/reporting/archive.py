"""Writing an archive of public figures: what a stranger could have asked, asked once and kept.

Nothing in it names an account: the questions are those of the public audit, and of each block only
its number, hash and time are kept (docs/adr/0007 says why not its whole header).
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.endings.announcing import published_last_day
from app.endings.returns import returns_of
from app.impact.catalogue import Catalogue
from app.reporting.audit.archive import changes
from app.reporting.audit.archive_files import (
    ANSWERS,
    FIGURES,
    FORMAT,
    PROGRAMMES,
    SUMS,
    TABLE,
    question,
)
from app.reporting.audit.evidence import gather
from app.reporting.audit.node import Node
from app.reporting.audit.published import as_of, check_same_chain, places_of
from app.reporting.audit.run import Report, audit_archive
from app.reporting.export import export
from app.reporting.figures_csv import as_csv
from app.rewards.models import Funding, Programme, RuleSet
from app.rewards.money.funding import reference_hash
from app.rewards.money.transfer_models import MoneyReturn

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
FILES = ("README.txt", FIGURES, TABLE, PROGRAMMES, ANSWERS, SUMS)
README = """\
Civis: archive of public figures / archive des chiffres publics

figures.json, figures.csv   every published figure / chaque chiffre publié
programmes.json             seasons, rule sets, money in and out / saisons, règles, argent
chain.json                  the chain's answers to the public audit / réponses du registre
SHA256SUMS                  names all of it / l’empreinte de l’ensemble

To check without any server / Pour vérifier sans serveur :
    civis audit --archive FOLDER
With a node of the chain / Avec un nœud du registre :
    civis audit --archive FOLDER --rpc URL

By itself the archive shows that its parts agree with one another. That the answers are the
chain's is shown by a node of the chain only. Which deeds were real, nobody can see from here.
Only the city's own records say: records, net shares and programmes of figures.json; of a season
its name, first day, announcement, whether it is paused or archived; from when rules are valid; on
which day a transfer was final. The chain has the last day to spend that was published
(published_last_day_to_spend); the one that was announced (last_day_to_spend) is the city's word,
and is never sooner.
Seule, l’archive montre que ses parties concordent. Que les réponses viennent du registre, seul
un nœud de celui-ci le montre. D’ici, nul ne voit si les gestes ont eu lieu.
Ne viennent que de la ville : « records », « net_shares » et « programmes » de figures.json ;
d’une saison, son nom, son premier jour, son annonce, la pause ou l’archivage ; la date d’effet
des règles ; le jour où un virement est devenu définitif. Le registre connaît le dernier jour de
dépense publié (published_last_day_to_spend) ; celui qui a été annoncé (last_day_to_spend) ne vient
que de la ville, et n’est jamais antérieur.
"""


class Recorder(Node):
    """A node whose answers are kept, by question; the last one counts."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        super().__init__(url, headers=headers)
        self.kept: dict[str, tuple[str, list[Any], Any]] = {}

    def ask(self, method: str, *params: Any) -> Any:
        answer = super().ask(method, *params)
        if method == "eth_getBlockByNumber":
            answer = {name: answer[name] for name in ("number", "hash", "timestamp")}
        self.kept[question(method, *params)] = method, list(params), answer
        return answer


class DiffersError(Exception):
    """An archive in which the audit finds differences; what they are."""


def write_archive(
    session: Session,
    catalogue: Catalogue,
    deployment_file: Path,
    rpc: str,
    folder: Path,
    *,
    headers: Mapping[str, str] = NO_HEADERS,
    audited: bool = False,
) -> str:
    """Whole or not at all; its name. `headers` for the node. `audited`: only once the audit of it
    finds no difference, since it is published for good. Raises CannotCheckError, FileExistsError,
    DiffersError."""
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    figures = export(session, catalogue, deployment_file)
    asked, block = _asked(rpc, headers, figures)
    content = {
        "README.txt": README,
        FIGURES: _text(figures),
        TABLE: as_csv(figures["figures"], catalogue, figures["records"]),
        PROGRAMMES: _text({"block": block, "programmes": programmes(session)}),
        ANSWERS: _text({"format": FORMAT, "asked": asked}),
    }
    files = {name: text.encode() for name, text in content.items()}
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    _write(folder, {**files, SUMS: sums.encode()}, audited=audited)
    return hashlib.sha256(sums.encode()).hexdigest()


def _asked(rpc: str, headers: Mapping[str, str], figures: dict[str, Any]) -> tuple[list[Any], int]:
    """All that the audit asks, and its block."""
    places = places_of(figures)
    with Recorder(rpc, headers) as node:
        check_same_chain(node, figures)
        evidence = gather(node, places)
        block = evidence.block
        as_of(node, figures, evidence)
        node.block_hash(block)
        changes(node, places, block)
        return [list(one) for _, one in sorted(node.kept.items())], block


def _write(folder: Path, files: dict[str, bytes], *, audited: bool) -> None:
    """Beside its place first, then moved there in one step."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as place:
        draft = Path(place) / "archive"
        draft.mkdir(mode=0o755)
        for name, data in files.items():
            (draft / name).write_bytes(data)
        if audited and (found := failures(audit_archive(draft))):
            raise DiffersError("; ".join(found))
        draft.replace(folder)


def failures(report: Report) -> list[str]:
    """What the audit does not agree with, or why it can't check."""
    if report.reason is not None:
        return [report.reason]
    wrong = [f"{one.name}: {one.detail}" for one in report.checks if not one.agrees]
    return wrong + [f"{one.figure}: {one.field}" for one in report.differences]


def _text(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def programmes(session: Session) -> list[dict[str, Any]]:
    """Each season on the chain, with its rules and its money; a bank reference by its hash."""
    rows = select(Programme).where(col(Programme.token_address).is_not(None))
    return [_programme(session, row) for row in session.scalars(rows.order_by(col(Programme.id)))]


def _programme(session: Session, row: Programme) -> dict[str, Any]:
    rules = select(RuleSet).where(col(RuleSet.programme_id) == row.id)
    paid = select(Funding).where(
        col(Funding.programme_id) == row.id, col(Funding.final_at).is_not(None)
    )
    returned = [one for one in returns_of(session, row.id) if one.final_at is not None]
    return {
        "id": "0x" + row.chain_id.hex(),
        "slug": row.slug,
        "name": row.name,
        "state": row.state.value,
        "first_day": row.first_day.isoformat(),
        "last_day_to_earn": row.last_day_to_earn.isoformat(),
        "published_last_day_to_spend": published_last_day(session, row).isoformat(),
        "last_day_to_spend": row.last_day_to_spend.isoformat(),
        "end_announced_at": _moment(row.end_announced_at),
        "closed_at": _moment(row.closed_at),
        "rule_sets": [
            {"version": one.version, "valid_from": _moment(one.valid_from), "rules": one.rules}
            for one in session.scalars(rules.order_by(col(RuleSet.version)))
        ],
        "fundings": [_transfer(one) for one in session.scalars(paid.order_by(col(Funding.id)))],
        "returns": [_transfer(one) for one in returned],
    }


def _transfer(row: Funding | MoneyReturn) -> dict[str, Any]:
    return {
        "amount_cents": row.amount_cents,
        "bank_reference_hash": "0x" + reference_hash(row.bank_reference).hex(),
        "final_at": _moment(row.final_at),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
