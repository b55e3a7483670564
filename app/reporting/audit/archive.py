"""An archive of public figures: the chain's recorded answers, and what the city says beside them.

It is read without any server. By itself it shows that its parts agree: each figure follows from
cells, cells and batches from the running hash, money from its signatures, rule sets from their
hashes. That the recorded answers are the chain's is shown by a node of the chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.impact.canonical import hash_json
from app.impact.catalogue import catalogue
from app.reporting.audit.archive_files import PROGRAMMES, TABLE, Archive
from app.reporting.audit.evidence import (
    Contract,
    Event,
    Evidence,
    Places,
    ProgrammeState,
    lineage,
    registry_events,
)
from app.reporting.audit.node import Answers, CannotCheckError
from app.reporting.audit.published import cells_of
from app.reporting.audit.register import Check, counted
from app.reporting.figures import figure_json, figures_of
from app.reporting.figures_csv import as_csv

Transfer = tuple[str, str, str, int]  # event, programme, hash of the reference, cents
# Id, last days to earn and to spend as published, whether and when it closed.
Season = tuple[str, str, str, bool, str]
ENDED = ("closed", "archived")
END_OF_TIME = 253_402_300_799  # of Python's calendar
EARLIEST, LATEST = timedelta(hours=-14), timedelta(hours=12)  # that a day ends after UTC's
EVENTS = (("RuleSetChanged",), ("FundingConfirmed", "ReturnConfirmed"), ("ProgrammeClosed",))


@dataclass(frozen=True)
class Changes:
    """What happened to programmes, as events; when each closed, by its id."""

    rules: tuple[Event, ...]
    money: tuple[Event, ...]
    closed: dict[str, datetime]


def changes(node: Answers, places: Places, block: int) -> Changes:
    contract = Contract(node, "Programmes", places.programmes, block)
    rules, money, closed = (contract.events(names, places.first_block) for names in EVENTS)
    times = {_hex(one.arguments["programmeId"]): node.time(one.block) for one in closed}
    return Changes(rules, money, times)


def check_records(archive: Archive, places: Places, seen: Evidence) -> list[Check]:
    """The table, seasons, rule sets and money, as the archive tells them, against the chain."""
    block, rows = seen.block, archive.programmes
    found = changes(archive, places, block)
    table = _table(archive, seen).encode()
    days = {row["id"]: _published(row) for row in rows}
    chain = sorted(_season(one, found.closed, days) for one in seen.programmes)
    told = sorted(map(_told, rows))
    wrong = {row[0] for row in {*chain} ^ {*told}}  # empty too where one stands there twice
    other = sorted(str(row["id"]) for row in rows if not as_announced(row))
    paid, confirmed = sorted(_transfers(rows)), sorted(map(_transfer, found.money))
    return [
        Check(f"the block of {PROGRAMMES} is the archive's last",
              archive.block == block, str(archive.block), block),
        Check(f"{TABLE} says what the chain's figures and the city's records do",
              table == archive.table, f"{len(archive.table)} bytes", block),
        Check("seasons of the archive, their published last days and when they closed, are the"
              " chain's",
              chain == told, ", ".join(sorted(wrong)) or counted(len(chain), "season"), block),
        Check("the last day to spend of each season is the published one, or a later one that was"
              " announced",
              not other, ", ".join(other) or counted(len(rows), "season"), block),
        _rules(rows, found.rules, block),
        Check("transfers of money in the archive are those that two treasurers confirmed",
              paid == confirmed, f"{len(paid)} against {len(confirmed)}", block),
    ]  # fmt: skip


def _table(archive: Archive, seen: Evidence) -> str:
    figures = figures_of(cells_of(seen.events, int(archive.figures["as_of"]["block"]))).values()
    ordered = sorted(figures, key=lambda figure: figure.key)
    entries = [figure_json(figure, catalogue()) for figure in ordered]
    return as_csv(entries, catalogue(), archive.figures["records"])


def _told(row: Any) -> Season:
    return str(row["id"]), *_published(row), row["state"] in ENDED, str(row["closed_at"])


def _published(row: Any) -> tuple[str, str]:
    """The last days to earn and to spend; older archives have a single one to spend."""
    last = row["last_day_to_spend"]
    return row["last_day_to_earn"], row.get("published_last_day_to_spend", last)


def as_announced(row: Any) -> bool:
    """Whether the last day to spend is the one that was published, or a later one that the city
    says it announced. The chain knows nothing of the latter."""
    last, published = row["last_day_to_spend"], _published(row)[1]
    if last == published:
        return True
    try:
        later = date.fromisoformat(last) > date.fromisoformat(published)
    except ValueError:
        return False
    return later and row.get("end_announced_at") is not None


def _season(
    state: ProgrammeState, closed: Mapping[str, datetime], days: Mapping[str, tuple[str, str]]
) -> Season:
    name = _hex(state.id)
    at, told = closed.get(name), days.get(name, ("", ""))
    earn, spend = (
        day_of(*one) for one in zip((state.earn_until, state.spend_until), told, strict=True)
    )
    return name, earn, spend, at is not None, at.isoformat() if at else "None"


def day_of(end: int, told: str) -> str:
    """The day that ends then: as told, if it ends so in some time zone, of which the chain knows
    none; else as in UTC."""
    at = datetime.fromtimestamp(min(end, END_OF_TIME), UTC).replace(tzinfo=None)
    for days in (0, 1, 2):
        day = (at - timedelta(days=days)).date()
        late = at - datetime.combine(day, time()) - timedelta(days=1)
        if str(day) == told and EARLIEST <= late <= LATEST:
            return told
    return str((at - timedelta(seconds=1)).date())


def _rules(rows: Any, events: Iterable[Event], block: int) -> Check:
    announced = {(_hex(one["programmeId"]), one["version"]): _hex(one["ruleSetHash"])
                 for one in (event.arguments for event in events)}  # fmt: skip
    told = {
        (row["id"], each["version"]): _hash(each["rules"])
        for row in rows
        for each in row["rule_sets"]
    }
    ended = {row["id"] for row in rows if row["state"] in ENDED}
    same = all(told.get(key) == value for key, value in announced.items())
    # Of a season that goes on, a version may be on its way to the chain.
    same = same and all(key in announced for key in told if key[0] in ended)
    detail = f"{counted(len(announced), 'version')} on the chain, {len(told)} in the archive"
    return Check("rule sets of the archive hash to what the chain holds", same, detail, block)


def _hash(rules: Any) -> str:
    """Of what has no hash, such as a fraction, no rules on the chain are made."""
    try:
        return _hex(hash_json(rules))
    except (TypeError, ValueError):
        return "none"


def _transfer(event: Event) -> Transfer:
    said = event.arguments
    ids = _hex(said["programmeId"]), _hex(said["bankReference"])
    return event.name, *ids, int(said["amount"])


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _transfers(programmes: Any) -> list[Transfer]:
    kinds = (("FundingConfirmed", "fundings"), ("ReturnConfirmed", "returns"))
    return [
        (event, row["id"], each["bank_reference_hash"], int(each["amount_cents"]))
        for row in programmes
        for event, name in kinds
        for each in row[name]
    ]


def check_against(node: Answers, archive: Archive, places: Places, seen: Evidence) -> list[Check]:
    """The same chain, the same last block, the same events up to it. Raises CannotCheckError.

    Calls are made at the node's newest block alone: no node keeps the state of old ones for long,
    the embedded one only since its last start. Headers and logs stay.
    """
    if (node.chain_id(), node.genesis_hash()) != (seen.chain_id, seen.genesis_hash):
        raise CannotCheckError("the archive and the node speak of different chains")
    if node.head() < seen.block:
        raise CannotCheckError("the node is behind the archive")
    known, live = archive.block_hash(seen.block), node.block_hash(seen.block)
    registries = [
        Contract(node, "ActionRegistry", one.address, seen.block)
        for one in lineage(node, places.registry, node.head())
    ]
    events = registry_events(registries, places.first_block)
    theirs = changes(node, places, seen.block)
    same = events == seen.events and theirs == changes(archive, places, seen.block)
    count = len(events) + len(theirs.rules) + len(theirs.money) + len(theirs.closed)
    return [
        Check("the archive's last block is the node's", known == live, live, seen.block),
        Check("the archive's events are the node's", same, counted(count, "event"), seen.block),
    ]
