"""What people are told: every purpose for which personal data is opened, in both languages.

A notice is known by version and hash; whoever changes a text must give it a new version
(tests/unit/test_notices.py keeps the hashes).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

OPERATOR = "operator"
CONSENT, CONTRACT, PUBLIC_TASK, LAW = "consent", "contract", "public_task", "legal_obligation"


@dataclass(frozen=True)
class Purpose:
    """`basis` is consent, contract, public_task or legal_obligation; only consent is asked for."""

    id: str
    version: str
    basis: str
    texts: Mapping[str, Mapping[str, str]]
    hash: bytes

    @property
    def needs_consent(self) -> bool:
        return self.basis == CONSENT


@cache
def purposes() -> Mapping[str, Purpose]:
    """All purposes by id, in the order of the data file."""
    source = files("app.privacy").joinpath("data/notices.json").read_text(encoding="utf-8")
    return {entry["id"]: _purpose(entry) for entry in json.loads(source)["purposes"]}


def purpose_named(purpose: str) -> Purpose:
    """Raises KeyError: a use that no notice describes is a defect."""
    return purposes()[purpose]


def _purpose(entry: dict[str, Any]) -> Purpose:
    canonical = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Purpose(
        id=entry["id"],
        version=entry["version"],
        basis=entry["basis"],
        texts=entry["texts"],
        hash=sha256(canonical.encode()).digest(),
    )
