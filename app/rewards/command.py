"""`civis programme`: its commands on files, and those that ask the database."""

from __future__ import annotations

from app.rewards.campaigns.command import command
from app.rewards.replay_command import replay

__all__ = ["command"]

command.add_command(replay)
