"""A rule set from outside: checked whole, put in its canonical form, and hashed.

The hash is keccak256 of the canonical JSON (RFC 8785), as it stands on the chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.impact.canonical import hash_json
from app.rewards.language.cautions import Caution, cautions
from app.rewards.language.faults import InvalidRulesError
from app.rewards.language.form import canonical, form_faults
from app.rewards.language.meaning import Vocabulary, meaning_faults

__all__ = ["InvalidRulesError", "RuleSet", "Vocabulary", "load"]


@dataclass(frozen=True)
class RuleSet:
    """A rule set that may be used. `data` is canonical: hash, store and compile that."""

    data: dict[str, Any]

    @cached_property
    def hash(self) -> bytes:
        return hash_json(self.data)

    @cached_property
    def cautions(self) -> list[Caution]:
        """What somebody should have seen before publishing it."""
        return cautions(self.data)


def load(rules: object, known: Vocabulary) -> RuleSet:
    """Raises InvalidRulesError with every fault of the first kind found: form, then meaning."""
    if faults := form_faults(rules):
        raise InvalidRulesError(faults)
    if not isinstance(rules, dict):
        raise TypeError("the form lets objects pass alone")
    if faults := meaning_faults(rules, known):
        raise InvalidRulesError(faults)
    return RuleSet(canonical(rules))
