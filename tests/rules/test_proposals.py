"""Whoever can propose can confirm: no kind is proposed by a process that can't carry it out."""

from __future__ import annotations

import tempfile
from pathlib import Path

from app.governance.service import CARRIERS
from app.web.office.proposal_view import WORDS
from tests.rules.route_list import application
from tests.support.forked import said_by_each

# What a process imports that proposes, and the kinds that it may then confirm.
PROPOSERS = {
    "app.rewards.valuing.decided": {"reversal", "key-revocation"},
    "app.rewards.rule_sets.rule_changes": {"rule-set", "programme"},
    "app.rewards.valuing.completing": {"deed-facts"},
    "app.merchants.closing": {"shop-closing"},
    "app.merchants.contests": {"contest"},
    "app.merchants.taking": {"shop-programme"},
    "app.endings.announcing": {"programme-end"},
    "app.endings.closing": {"programme-close"},
    "app.demo.stranger": {"reversal"},
    "app.demo.founding": {"programme"},
}
SAY = """
import importlib
importlib.import_module(name)
from app.governance.service import CARRIERS
print(*CARRIERS)
"""


def test_every_proposer_brings_what_confirms() -> None:
    carried = {name: set(said.split()) for name, said in said_by_each(PROPOSERS, SAY).items()}
    assert carried.keys() == PROPOSERS.keys()
    missing = {module: kinds - carried[module] for module, kinds in PROPOSERS.items()}
    assert not any(missing.values()), missing


def test_every_kind_has_words_and_a_carrier() -> None:
    with tempfile.TemporaryDirectory() as home:
        application(Path(home))  # a web process
    assert set(CARRIERS) == set(WORDS)
