"""From an action's row to its leaf, the same at batching, in cells and in receipts."""

from __future__ import annotations

from app.actions.models import Action
from app.impact.catalogue import catalogue
from app.impact.entries import PROOF_LEVEL_NUMBERS
from app.impact.leaf import NO_ATTESTATION, Leaf, day_number, metric_values, month_of
from app.impact.nodes import CellKey


def leaf_of(action: Action, salt: bytes) -> Leaf:
    """The action's salted commitment; `salt` from privacy.salt_for, gone once erased."""
    kind = catalogue().action_type(action.action_type_id, action.action_type_version)
    return Leaf(
        salt=salt,
        account=action.account_address,
        action_type=kind.number,
        action_type_version=kind.version,
        proof_level=PROOF_LEVEL_NUMBERS[action.proof_level.value],
        day=day_number(action.deed_day),
        metrics=metric_values(action.metrics),
        reward_cents=action.reward_cents,
        attestation_digest=action.attestation_digest or NO_ATTESTATION,
    )


def cell_of(action: Action, *, correction: bool) -> CellKey:
    """The public sum that counts the action, or takes it back."""
    kind = catalogue().action_type(action.action_type_id, action.action_type_version)
    return CellKey(
        kind.number,
        kind.version,
        PROOF_LEVEL_NUMBERS[action.proof_level.value],
        month_of(action.deed_day),
        correction,
    )
