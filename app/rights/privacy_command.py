"""`civis privacy`: the register of processing and the map of personal data, from our own data."""

from __future__ import annotations

import click

from app.config import LANGUAGES
from app.rights.register import map_text, register_text


@click.group()
def command() -> None:
    """What is processed, of whom, why, and until when."""


@command.command("register")
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
def register(*, language: str) -> None:
    """The register of processing (GDPR, article 30), as Markdown."""
    click.echo(register_text(language), nl=False)


@command.command("map")
def data_map() -> None:
    """Every table with something of a person: what names them, what is sealed, until when."""
    click.echo(map_text(), nl=False)
