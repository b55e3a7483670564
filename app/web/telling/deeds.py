"""A deed in words, for the citizen, the clerk and the officer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from uuid import UUID

from flask import url_for

from app.actions.codes import REASONS, explain_reversal
from app.actions.models import Action, ActionState, ProofLevel
from app.context import db_session
from app.impact.accounting import co2e
from app.impact.catalogue import catalogue
from app.impact.entries import ActionType
from app.reporting.receipts import ON_CHAIN
from app.rewards.batches.waiting import Wait, waits_of
from app.rewards.language.lines import Line
from app.rewards.language.naming import Names
from app.rewards.models import Programme
from app.web import formats
from app.web.shell import PROOF_WORDS, state_words
from app.web.telling import told_words, wait_words
from app.web.telling.explained import explained
from app.web.telling.rule_words import names
from app.web.words import gettext as _
from app.web.words import locale

Waits = Mapping[UUID, Wait]
_SETTLED = ActionState.SETTLED
UNDER_WAY = (ActionState.RECORDED, ActionState.AUTHENTICATED, ActionState.BATCHED)
UNPAID = (ActionState.REFUSED, ActionState.WITHDRAWN, ActionState.EXPIRED)


def kind_of(action: Action) -> ActionType:
    return catalogue().action_type(action.action_type_id, action.action_type_version)


def what(action: Action) -> str:
    """Kind and quantity, such as "Glass brought to recycling, 4.2 kg"."""
    kind = kind_of(action)
    return f"{kind.name[locale()]}, {quantity(action.quantity, kind)}"


def quantity(count: int, kind: ActionType) -> str:
    return formats.amount(count / kind.entry_size, kind.entry_unit)


def shown(action: Action, now: datetime) -> SimpleNamespace:
    """What every list shows of a deed."""
    reason, remedy = _reason(action)
    return SimpleNamespace(
        id=action.id,
        what=what(action),
        when=formats.moment(action.deed_at),
        state=action.state.value,
        state_words=_state_words(action),
        reward=_reward(action),
        reward_cents=action.reward_cents,
        impact=_impact(action),
        reason=reason,
        remedy=remedy,
        may_undo=_may_undo(action, now),
        waits=_waits(action),
    )


def in_detail(
    action: Action,
    now: datetime,
    *,
    whole: bool = False,
    known: Names | None = None,
    waits: Waits | None = None,
) -> SimpleNamespace:
    """The page of one deed: also how it is known, when it is credited, and why this amount;
    `whole`: as officers read it; `known`, `waits`: what lists of deeds read once."""
    found = shown(action, now)
    lines = [Line.from_json(line) for line in action.explanation]
    found.proof_words = str(PROOF_WORDS[action.proof_level.value])
    found.due_words = due_words(action, now, waits) if action.reward_cents else ""
    lines = [line if whole else line.for_owner() for line in lines]
    found.why = explained(lines, known or names(db_session())) if lines else None
    programme = db_session().get_one(Programme, action.programme_id)
    found.programme = SimpleNamespace(id=programme.id, name=programme.name[locale()])
    found.paid = action.state not in UNPAID
    found.rule_version = action.rule_set_version
    found.told = told_words.told(action)
    found.may_withdraw = found.may_undo
    if action.state in ON_CHAIN:
        found.receipt_url = url_for("reporting_api.download_receipt", action_id=action.id)
    return found


def _state_words(action: Action) -> str:
    """Nobody vouched for the person's own word, whatever its way through the house."""
    own_word = action.proof_level is ProofLevel.DECLARED and action.state in (*UNDER_WAY, _SETTLED)
    return _("noted, nobody vouched") if own_word else state_words(action.state.value)


def due_words(action: Action, now: datetime, waits: Waits | None = None) -> str:
    if action.due_at is None or action.state not in UNDER_WAY:
        return ""
    known = waits_of(db_session(), [action], now) if waits is None else waits
    wait = known.get(action.id)
    if wait is not None:
        return wait_words.words(wait)
    return _("not before %(when)s", when=formats.moment(action.due_at))


def _reward(action: Action) -> str:
    if action.state in UNPAID:
        return "–"
    return formats.tokens(action.reward_cents)


def _impact(action: Action) -> str:
    """An estimate where there is a factor; otherwise the plain statement that there is none."""
    estimate = co2e(action.metrics, kind_of(action), action.deed_day)
    if estimate is None:
        return _("no CO₂e figure for this deed")
    return _("about %(mass)s of CO₂e avoided (gross)", mass=formats.mass(estimate.central))


def _reason(action: Action) -> tuple[str, str]:
    if action.reason_code is None:
        return "", ""
    if action.state is ActionState.REVERSED:
        return explain_reversal(action.reason_code, locale(), action.reason_values)
    known = REASONS.get(action.reason_code)
    if known is None:
        return action.reason_code, ""
    what, remedy = known.text(locale(), action.reason_values)
    return what, remedy


def _waits(action: Action) -> bool:
    """Somebody vouched for it, and yet a person of the city has to decide."""
    own_word = action.proof_level in (ProofLevel.DECLARED, ProofLevel.EVIDENCED)
    return action.state is ActionState.RECORDED and not own_word


def _may_undo(action: Action, now: datetime) -> bool:
    before_batch = action.state in (ActionState.RECORDED, ActionState.AUTHENTICATED)
    return before_batch and action.undo_until is not None and action.undo_until > now
