"""Programmes and rules are proposed by one officer; another's yes freezes them.

Until then nothing exists but the proposal: no programme, no version, no hash on the chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem
from app.governance.models import Proposal
from app.governance.service import carries, propose
from app.impact.catalogue import Catalogue, catalogue
from app.rewards import life, programmes
from app.rewards.language.cautions import Caution
from app.rewards.models import Programme, RuleSet
from app.rewards.outside.relied import check_as_shown, outside_at, relied_on
from app.rewards.programmes import DAYS, NewProgramme, Two
from app.rewards.rule_sets.cap_rules import unsafe_cap
from app.rewards.rule_sets.published import is_general, rule_set_hash
from app.rewards.rule_sets.rule_cautions import Kept, programme_cautions
from app.rewards.valuing.authenticate import programme_of
from app.rewards.valuing.terms import newest_rules

RULE_SET, PROGRAMME = "rule-set", "programme"
OUTSIDE = "outside"  # of a payload: what the rules rely on, as the second officer reads it


@dataclass(frozen=True)
class Warnings:
    """All of them, in a reader's language."""

    found: tuple[Caution, ...]

    def said(self, language: str) -> str:
        return "; ".join(one.sentence(language) for one in self.found)


def propose_programme(
    session: Session,
    new: NewProgramme,
    *,
    by: UUID,
    now: datetime,
    acknowledged: bool = False,
) -> Proposal:
    """All of it, rules included; `acknowledged`: their warnings too. Raises Problem."""
    new = replace(new, rules=check_new_rules(new.rules, catalogue()))
    programmes.check_dates(new, now)
    first = programmes.first_moment(new.first_day, new.time_zone)
    relied = relied_on(session, new.rules, first)
    budgeted = new.budget_cents is not None
    found = warnings_of(session, new.rules, first, new.last_day_to_earn, budgeted=budgeted)
    check_warnings(found, acknowledged=acknowledged)
    if session.scalar(select(exists().where(col(Programme.slug) == new.slug))):
        raise Problem("slug-taken", field="slug")
    days = {name: getattr(new, name).isoformat() for name in DAYS}
    payload = asdict(new) | days | {OUTSIDE: relied}
    return propose(session, PROGRAMME, new.slug, payload, by=by, now=now)


def propose_rules(
    session: Session,
    programme: Programme,
    rules: Mapping[str, Any],
    *,
    valid_from: datetime,
    by: UUID,
    now: datetime,
    acknowledged: bool = False,
) -> Proposal:
    """The next version of a programme's rules. Raises Problem."""
    life.check_from(programme, life.RULED)
    programmes.check_begin(valid_from, now)
    rules = check_new_rules(rules, catalogue())
    relied = relied_on(session, rules, valid_from)
    before = newest_rules(session, programme.id)
    old, last = before.rules if before else None, programme.last_day_to_earn
    zone = programme.time_zone
    budgeted = programme.budget_cents is not None
    found = warnings_of(
        session, rules, valid_from, last, before=old, time_zone=zone, budgeted=budgeted
    )
    check_warnings(found, acknowledged=acknowledged)
    payload = {
        "rules": rules,
        OUTSIDE: relied,
        "valid_from": valid_from.isoformat(),
        "hash": "0x" + rule_set_hash(rules).hex(),
    }
    return propose(session, RULE_SET, programme.id, payload, by=by, now=now)


def check_new_rules(rules: Mapping[str, Any], known: Catalogue) -> dict[str, Any]:
    """Well formed, and those of version 1 with caps that are safe; what the general language
    leaves open is a warning to acknowledge. Raises Problem rules-invalid, caps-not-safe."""
    found = programmes.check_rules(rules, known)
    if is_general(found):
        return found
    if (cap := unsafe_cap(found)) is not None:
        raise Problem("caps-not-safe", field="caps", level=cap.level, above=cap.above)
    return found


def warnings_of(
    session: Session,
    rules: Mapping[str, Any],
    begin: datetime,
    last_day_to_earn: date,
    *,
    before: Mapping[str, Any] | None = None,
    time_zone: str = "UTC",
    budgeted: bool = False,
) -> list[Caution]:
    """What is odd about canonical rules that would hold from `begin` on, with what they name and
    don't hold; `budgeted`: their programme has a budget. Raises Problem rules-invalid."""
    known = Kept(outside_at(session, rules, begin), last_day_to_earn, budgeted)
    return programme_cautions(rules, before, time_zone, known)


def check_warnings(found: Sequence[Caution], *, acknowledged: bool) -> None:
    """What looks like an oversight has been seen. Raises Problem rules-with-warnings."""
    if found and not acknowledged:
        raise Problem("rules-with-warnings", field="acknowledged", warnings=Warnings(tuple(found)))


def new_programme_of(payload: Mapping[str, Any]) -> NewProgramme:
    """What a proposal of a programme says."""
    days = {name: date.fromisoformat(payload[name]) for name in DAYS}
    said = {name: value for name, value in payload.items() if name != OUTSIDE}
    return NewProgramme(**{**said, **days})


@carries(PROGRAMME)
def _create(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    made = programmes.create_programme(
        session,
        new_programme_of(proposal.payload),
        catalogue=catalogue(),
        by=Two(proposal.proposed_by, by),
        now=now,
    )
    first = session.get_one(RuleSet, (made.id, 1))
    check_as_shown(first.outside, proposal.payload.get(OUTSIDE))


@carries(RULE_SET)
def _publish(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    added = programmes.publish_rules(
        session,
        programme_of(session, UUID(proposal.subject)),
        proposal.payload["rules"],
        valid_from=datetime.fromisoformat(proposal.payload["valid_from"]),
        catalogue=catalogue(),
        by=Two(proposal.proposed_by, by),
        now=now,
    )
    check_as_shown(added.outside, proposal.payload.get(OUTSIDE))
