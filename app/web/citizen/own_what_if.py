"""What a deed would get somebody, by the rules of today and their own counters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.models import Person
from app.impact.catalogue import ActionType, catalogue
from app.rewards.language.taken import takes
from app.rewards.models import Programme
from app.rewards.rule_sets.published import general
from app.rewards.rule_sets.rule_format import PAYABLE_PROOF_LEVELS
from app.rewards.valuing.claims import doer_of
from app.rewards.valuing.what_if import would_get
from app.web.rule_sets import rule_preview
from app.web.rule_sets.rule_fields import proof_words
from app.web.shell import PROOF_WORDS
from app.web.telling.deeds import quantity
from app.web.telling.explained import explained
from app.web.telling.rule_words import names
from app.web.words import locale

Form = Mapping[str, str]


def asked(rules: Mapping[str, Any], programme: Programme, form: Form) -> SimpleNamespace | None:
    """The form: the kinds that are rewarded, and what was typed. None where nothing is."""
    data = general(rules, programme.time_zone).data
    kinds = [
        (kind.id, kind.name[locale()])
        for kind in catalogue().action_types()
        if takes(data, kind.id)
    ]
    if not kinds:
        return None
    return SimpleNamespace(kinds=kinds, proofs=proof_words(), form=form)


def answer(
    session: Session, programme: Programme, person_id: UUID, form: Form, now: datetime
) -> SimpleNamespace:
    """Line by line. Raises Problem example-not-understood."""
    kind, amount = rule_preview.chosen(form)
    person = session.get_one(Person, person_id)
    doer, proof = doer_of(person), form.get("example_proof", "")
    deed = replace(
        rule_preview.sample(kind, now),
        at=now,
        recorded_at=now,
        citizen=str(person_id),
        quantity=amount,
        distance_m=amount if kind.unit == "m" else None,
        identity_level=doer.identity_level,
        citizen_adult=doer.adult,
        proof_level=proof if proof in PAYABLE_PROOF_LEVELS else _usual(kind),
    )
    found = would_get(session, programme, deed)
    return SimpleNamespace(
        what=f"{kind.name[locale()]}, {quantity(amount, kind)}",
        proof=str(PROOF_WORDS[deed.proof_level or ""]),
        cents=found.cents if found else 0,
        open=found is not None and found.before is None,
        why=explained(found.lines, names(session)) if found else None,
    )


def _usual(kind: ActionType) -> str:
    return "measured" if "measured" in kind.proof_levels else "attested"
