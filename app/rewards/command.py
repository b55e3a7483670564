"""`civis programme`: its commands on files, and those that ask the database."""

from __future__ import annotations

import click

from app.rewards.campaigns.command import check_cases, from_facts
from app.rewards.replay_command import replay
from app.rewards.trying.command import rule_set_hash, simulate


@click.group("programme")
def command() -> None:
    """Rule sets of programmes."""


for one in (from_facts, check_cases, simulate, rule_set_hash, replay):
    command.add_command(one)
