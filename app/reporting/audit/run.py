"""One audit, from a node's address to a verdict: agrees (0), differs (1), can't be checked (2)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app.impact.catalogue import UnknownActionTypeError, catalogue
from app.reporting.audit.archive import check_against, check_records
from app.reporting.audit.archive_files import FIGURES, Archive
from app.reporting.audit.evidence import Evidence, Places, gather
from app.reporting.audit.log_roots import check_log_roots
from app.reporting.audit.node import CannotCheckError, Node
from app.reporting.audit.published import (
    AsOf,
    Difference,
    as_of,
    check_same_chain,
    compare,
    fetch_export,
    places_of,
)
from app.reporting.audit.register import Check, check_register

AGREES, DIFFERS, CANNOT_CHECK = 0, 1, 2


@dataclass(frozen=True)
class Report:
    """`trusted` says what the verdict rests on; `records` were not checked, and are named so."""

    verdict: int
    trusted: dict[str, Any]
    checks: list[Check]
    figures_compared: int
    differences: list[Difference]
    records: list[str]
    reason: str | None = None
    as_of: AsOf | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def audit(rpc: str, site: str | None, places: Places | None = None) -> Report:
    """Audit through `rpc`; with a `site`, its public export is compared as well.

    Without `places`, the site's own word on where the contracts stand is taken, and said so.
    """
    try:
        export = fetch_export(site) if site else None
        with Node(rpc) as node:
            if export is not None:
                check_same_chain(node, export)
            known = places or _places(export)
            evidence = gather(node, known)
            shown = as_of(node, export, evidence) if export is not None else None
        where = {"node": rpc, "site": site} | _named(known, "your" if places else "the site's")
        return _judge(where, evidence, export, shown)
    except (CannotCheckError, UnknownActionTypeError) as error:
        return Report(CANNOT_CHECK, {"node": rpc, "site": site}, [], 0, [], [], str(error))


def audit_archive(folder: Path, rpc: str | None = None) -> Report:
    """Audit what an archive holds, without any server; with `rpc`, also against the chain's node.

    Without it the verdict rests on the answers that the archive recorded, and says so.
    """
    try:
        archive = Archive.read(folder)
        export = archive.figures
        check_same_chain(archive, export, FIGURES)
        evidence = gather(archive, places_of(export))
        where = {"node": f"archive {folder}", "site": None}
        where |= _named(places_of(export), "the archive's")
        report = _judge(where, evidence, export, as_of(archive, export, evidence))
        checks = report.checks + check_records(archive, places_of(export), evidence)
        if rpc:
            with Node(rpc) as node:
                checks += check_against(node, archive, places_of(export), evidence)
    except (CannotCheckError, UnknownActionTypeError) as error:
        asked = {"node": rpc, "archive": str(folder)}
        return Report(CANNOT_CHECK, asked, [], 0, [], [], str(error))
    failed = bool(report.differences) or not all(check.agrees for check in checks)
    trusted = report.trusted | {"archive": archive.fingerprint, "compared_with": rpc}
    verdict = DIFFERS if failed else AGREES
    return replace(report, checks=checks, trusted=trusted, verdict=verdict)


def _places(export: Any) -> Places:
    if export is None:
        raise CannotCheckError("name the site, or where the contracts stand")
    return places_of(export)


def _named(places: Places, whose: str) -> dict[str, Any]:
    """Which contracts were read: whoever names others has other books read."""
    names = {"ActionRegistry": places.registry, "Programmes": places.programmes}
    return {"contracts": names | {"Anchor": places.anchor}, "contracts_by": f"{whose} word"}


def _judge(where: dict[str, Any], evidence: Evidence, export: Any, shown: AsOf | None) -> Report:
    checks = check_register(evidence) + check_log_roots(evidence)
    checks += shown.checks() if shown else []
    compared = 0
    differences: list[Difference] = []
    records: list[str] = []
    if export is not None:
        compared, differences = compare(export, evidence.events, catalogue())
        records = [str(record["text"]) for record in export["records"]]
    failed = bool(differences) or not all(check.agrees for check in checks)
    trusted = where | {
        "chain_id": evidence.chain_id,
        "genesis_hash": evidence.genesis_hash,
        "block": evidence.block,
    }
    verdict = DIFFERS if failed else AGREES
    return Report(verdict, trusted, checks, compared, differences, records, as_of=shown)


def in_words(report: Report) -> list[str]:
    """The report as lines of plain text."""
    if report.verdict == CANNOT_CHECK:
        return [f"Could not check: {report.reason}"]
    trusted = report.trusted
    where = f"Node {trusted['node']}, chain {trusted['chain_id']}"
    which = f"genesis {trusted['genesis_hash']}, read up to block {trusted['block']}"
    named = ", ".join(f"{name} {at}" for name, at in trusted["contracts"].items() if at)
    contracts = f"contracts, by {trusted['contracts_by']}: {named}"
    lines = [f"{where}, {which}", contracts, *map(_check_line, report.checks)]
    lines.append(
        f"{'agrees ' if not report.differences else 'DIFFERS'} {report.figures_compared} public"
        " figures, each recomputed from events [chain-backed]"
    )
    lines += map(_difference_line, report.differences)
    if "archive" in trusted:
        lines.append(_archive_line(trusted, report.as_of))
    lines += [
        f"not checked: {text} [from the city's records, not checkable on the chain]"
        for text in report.records
    ]
    lines.append(
        "not checkable here: that each published cell has five people, and that the deeds were"
        " real; an auditor under mandate draws a sample of signatures"
    )
    return [*lines, "AUDIT OK" if report.verdict == AGREES else "AUDIT FOUND DIFFERENCES"]


def _difference_line(found: Difference) -> str:
    said = f"{found.field} is {found.chain} on the chain, the city shows {found.shown}"
    if found.field == "figure":
        said = {
            "published": "it is on the chain, and the city does not show it",
            "once": "the city shows it twice",
        }.get(str(found.chain), f"it is not on the chain, and the city shows {found.shown}")
    proof = f" (block {found.block} proves it)" if found.block is not None else ""
    return f"DIFFERS figure {found.figure}: {said}{proof}"


def _archive_line(trusted: dict[str, Any], shown: AsOf | None) -> str:
    """What an archive proves by itself, and what only the chain's node adds."""
    age = f", as old as its last block, of {shown.newest_time}" if shown else ""
    name = f"archive {trusted['archive']}{age}"
    if trusted["compared_with"]:
        return f"{name}: its events and its last block are those of {trusted['compared_with']}"
    return (
        f"{name}: its parts agree with one another; that they are the chain's is shown by --rpc"
        " with a node of it, or by comparing this name with the one that the city published"
    )


def _check_line(check: Check) -> str:
    word = "agrees " if check.agrees else "DIFFERS"
    block = f", block {check.block}" if check.block is not None else ""
    return f"{word} {check.name}: {check.detail}{block}"
