"""`civis draft`: an act of the administrator's role, written down for the quorum to decide.

Ceilings and limits, acceptors, delegates' permissions: whatever roles.json leaves to ADMIN at a
contract of ours. It reads the chain and sends nothing; `civis decide` carries the decision on.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import click
from eth_abi.exceptions import EncodingError
from eth_utils.address import is_checksum_address, is_hex_address

from app.as_json import AS_JSON, answer
from app.chain.contracts.artifacts import SINGLE, load_roles
from app.chain.deploying.decisions import Act
from app.chain.deploying.first_deployment import FAULTS, first_node
from app.chain.deploying.record import read_record
from app.chain.deploying.replacing import decision_on
from app.config import ConfigError, Settings

ADMIN = "ADMIN"
_WHOLE = re.compile("[0-9]{1,78}")  # as many digits as 256 bits have


@click.command()
@click.argument("contract", type=click.Choice(SINGLE))
@click.argument("function")
@click.argument("arguments", nargs=-1)
@click.option("--about", required=True, help="What for, in a sentence: the members read it.")
@click.option("--to", "file", type=click.Path(path_type=Path), required=True, help="A new file.")
@AS_JSON
def command(
    *,
    contract: str,
    function: str,
    arguments: tuple[str, ...],
    about: str,
    file: Path,
    as_json: bool,
) -> None:
    """Write down a decision for the quorum: a ceiling, a limit, an acceptor.

    FUNCTION of CONTRACT is to be called with these ARGUMENTS: amounts in cents, addresses and
    identifiers as 0x…
    """
    settings = Settings.from_env(os.environ)
    if file.exists():
        raise ConfigError(f"{file} is there already: name another file.")
    try:
        stands = read_record(settings.deployment_file)
    except OSError as error:
        raise ConfigError(f"{settings.deployment_file} can't be read: {error.strerror}.") from error
    act = _act(contract, stands.address_of(contract), function, arguments)
    try:
        decided = decision_on(first_node(settings), stands, about, [act])
    except FAULTS as error:
        raise ConfigError(f"{type(error).__name__}: {error}") from error
    file.write_text(decided.to_json(), "utf-8")
    answer(
        json.loads(decided.to_json()),
        act.in_words(),
        f"decision: {file}; each member reads it and runs `civis decide {file}`",
        as_json=as_json,
    )


def _act(contract: str, address: str, function: str, arguments: tuple[str, ...]) -> Act:
    """Raises ConfigError for what is no act of the administrator's, or can't be encoded."""
    kinds = _kinds(contract)
    if function not in kinds:
        known = ", ".join(f"{name}({','.join(types)})" for name, types in sorted(kinds.items()))
        raise ConfigError(f"{contract} has no such function for the quorum; it has: {known}.")
    if len(arguments) != len(kinds[function]):
        raise ConfigError(f"{function} takes {', '.join(kinds[function])}, in this order.")
    try:
        values = [_value(kind, one) for kind, one in zip(kinds[function], arguments, strict=True)]
        act = Act(contract, address, function, values)
        act.data()
    except (ValueError, TypeError, EncodingError) as error:
        raise ConfigError(f"{function} takes {', '.join(kinds[function])}: {error}") from error
    return act


def _kinds(contract: str) -> dict[str, list[str]]:
    """Types of the arguments by function."""
    found = load_roles().restricted(contract)
    names = [signature.partition("(") for signature, role in found.items() if role == ADMIN]
    return {name: types.removesuffix(")").split(",") for name, _, types in names}


def _value(kind: str, text: str) -> Any:
    """Raises ValueError, in words, for what the contract could not be meant to take: an encoder
    would fill up too few digits, and takes an address with a slip in it."""
    if kind == "address":
        return _address(text)
    if kind.startswith("uint"):
        most = 2 ** int(kind.removeprefix("uint")) - 1
        if not _WHOLE.fullmatch(text) or int(text) > most:
            raise ValueError(f"{text} is no whole number from 0 to {most}")
        return int(text)
    digits = 2 * int(kind.removeprefix("bytes"))
    if not re.fullmatch(f"(0x)?[0-9a-fA-F]{{{digits}}}", text):
        raise ValueError(f"{text} is none: {kind} has {digits} hexadecimal digits")
    return text


def _address(text: str) -> str:
    if not text.startswith("0x") or not is_hex_address(text):
        raise ValueError(f"{text} is no address: 0x and 40 hexadecimal digits")
    if text != text.lower() and not is_checksum_address(text):
        raise ValueError(f"{text} has a slip in it: its capitals are not its checksum")
    return text
