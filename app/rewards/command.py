"""`civis programme`: rule sets made from facts, checked, tried and hashed; deeds valued again."""

from __future__ import annotations

import click

from app.rewards.campaigns.command import check_cases, from_facts
from app.rewards.outside.command import outside
from app.rewards.trying.command import rule_set_hash, simulate
from app.rewards.valuing.replay_command import replay


@click.group("programme")
def command() -> None:
    """Rule sets of programmes."""


for one in (from_facts, check_cases, simulate, rule_set_hash, replay, outside):
    command.add_command(one)
