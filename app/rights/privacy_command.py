"""`civis privacy`: register, map and the tables of the assessment, from our own data."""

from __future__ import annotations

import os

import click

from app.as_json import AS_JSON, answer
from app.config import LANGUAGES, Settings
from app.rights.assessment import assessment_data, assessment_text
from app.rights.register import map_data, map_text, register_data, register_text


@click.group()
def command() -> None:
    """What is processed, of whom, why, and until when."""


@command.command("register")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@AS_JSON
def register(*, language: str, as_json: bool) -> None:
    """The register of processing (GDPR, article 30), as Markdown."""
    authority = Settings.from_env(os.environ).authority
    text = register_text(language, authority)
    answer(register_data(language, authority), text.rstrip(), as_json=as_json)


@command.command("map")
@AS_JSON
def data_map(*, as_json: bool) -> None:
    """Every table with something of a person: what names them, what is sealed, until when."""
    answer(map_data(), map_text().rstrip(), as_json=as_json)


@command.command("assessment")
@AS_JSON
def assessment(*, as_json: bool) -> None:
    """The tables of the impact assessment (GDPR, article 35), as Markdown."""
    answer(assessment_data(), assessment_text().rstrip(), as_json=as_json)
