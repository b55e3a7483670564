"""`civis retire`: the decision that takes the right to pay from a desk that was replaced."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import click

from app.as_json import AS_JSON, answer
from app.chain.deploying.first_deployment import first_node
from app.chain.deploying.record import read_record
from app.chain.deploying.replacing import NotReplacedError, other_at, without_right
from app.config import ConfigError, Settings
from app.merchants.retiring import needs_desk
from app.merchants.wiring import desk_domain
from app.services import connect_to_change


@click.command()
@click.argument("address")
@click.option("--to", "file", type=click.Path(path_type=Path), required=True, help="A new file.")
@AS_JSON
def command(*, address: str, file: Path, as_json: bool) -> None:
    """Write the decision that takes the right to pay from the desk at ADDRESS. Refused while a
    programme is open in which it may have to settle or to give back."""
    settings = Settings.from_env(os.environ)
    if file.exists():
        raise ConfigError(f"{file} is there already: name another file.")
    parts = connect_to_change(settings, name="civis retire")
    try:
        stands = read_record(settings.deployment_file)
        old = other_at(stands, address, "PaymentDesk")
        with parts.database.session() as session:
            desk = replace(desk_domain(settings.deployment_file), contract=old.address)
            needed = needs_desk(session, desk)
    except (NotReplacedError, OSError) as error:
        raise ConfigError(str(error)) from error
    finally:
        parts.database.dispose()
    if needed is not None:
        raise ConfigError(
            f"{old.address} has orders of the programme {needed.slug}, which isn't closed: what is"
            " given back of them goes through it. Wait until it is."
        )
    file.write_text(without_right(first_node(settings), stands, old).to_json(), "utf-8")
    said = {"address": old.address, "decision": str(file)}
    answer(said, f"decision: {file}; `civis decide {file}`", as_json=as_json)
