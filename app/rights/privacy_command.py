"""`civis privacy`: register, map and the tables of the assessment, from our own data."""

from __future__ import annotations

import os

import click

from app.config import LANGUAGES, Settings
from app.rights.assessment import assessment_text
from app.rights.register import map_text, register_text


@click.group()
def command() -> None:
    """What is processed, of whom, why, and until when."""


@command.command("register")
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
def register(*, language: str) -> None:
    """The register of processing (GDPR, article 30), as Markdown."""
    authority = Settings.from_env(os.environ).authority
    click.echo(register_text(language, authority), nl=False)


@command.command("map")
def data_map() -> None:
    """Every table with something of a person: what names them, what is sealed, until when."""
    click.echo(map_text(), nl=False)


@command.command("assessment")
def assessment() -> None:
    """The tables of the impact assessment (GDPR, article 35), as Markdown."""
    click.echo(assessment_text(), nl=False)
