"""Whoever can propose can confirm: no kind is proposed by a process that can't carry it out."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from app.governance.service import CARRIERS
from app.web.proposal_view import WORDS
from tests.rules.route_list import application

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
# Each in a process of its own, forked from one that has loaded what isn't ours.
SAY = """
import importlib, os, sys
import marshmallow, psycopg, sqlalchemy.orm, sqlmodel, eth_abi, structlog
for module in sys.argv[1:]:
    if (child := os.fork()) == 0:
        importlib.import_module(module)
        from app.governance.service import CARRIERS
        print(module, *CARRIERS, flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, module
"""


def test_every_proposer_brings_what_confirms() -> None:
    command = [sys.executable, "-c", SAY, *PROPOSERS]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    carried = {words[0]: set(words[1:]) for words in map(str.split, said.splitlines())}
    assert carried.keys() == PROPOSERS.keys()
    missing = {module: kinds - carried[module] for module, kinds in PROPOSERS.items()}
    assert not any(missing.values()), missing


def test_every_kind_has_words_and_a_carrier() -> None:
    with tempfile.TemporaryDirectory() as home:
        application(Path(home))  # a web process
    assert set(CARRIERS) == set(WORDS)
