"""Reading the list of bodies, and writing each one's folder."""

from __future__ import annotations

import json
import re
import secrets
import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from eth_keys.datatypes import PrivateKey
from eth_utils.exceptions import ValidationError

from app.config import ConfigError
from app.keyfiles import write_private
from app.network.besu import Body, Plan, genesis, node_settings, permissions

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_ACCOUNT = re.compile(r"0x[0-9a-fA-F]{40}")
_FIELDS = {"name": str, "operator": str, "host": str, "node_id": str, "validates": bool}


def make_key(path: Path) -> Body:
    """A node's key, mode 600, which no one else ever sees. Raises ConfigError if there is one."""
    if path.exists():
        raise ConfigError(f"{path} is there already: a node's key is made once.")
    key = PrivateKey(secrets.token_bytes(32))
    write_private(path, key.to_hex())
    return Body("", "", "", key.public_key.to_bytes().hex(), validates=True)


def read_plan(path: Path) -> tuple[Plan, list[str]]:
    """The network and the accounts that may send. Raises ConfigError."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigError(f"{path} is no list of members in TOML: {error}.") from error
    senders = given.get("senders", [])
    if not all(isinstance(one, str) and _ACCOUNT.fullmatch(one) for one in senders):
        raise ConfigError("senders: a list of addresses, each 0x and 40 hexadecimal digits.")
    bodies = [_body(number, entry) for number, entry in enumerate(given.get("member", []), 1)]
    if len({body.name for body in bodies}) < len(bodies) or len(
        {body.node_id for body in bodies}
    ) < len(bodies):
        raise ConfigError("Two members have the same name or node_id.")
    if not any(body.validates for body in bodies):
        raise ConfigError("No member validates: set `validates = true` for four or more.")
    chain_id = _number(given, "chain_id", 1, 2**53 - 1)
    return Plan(chain_id, _number(given, "block_seconds", 1, 60), bodies), senders


def write_kit(plan: Plan, senders: list[str], folder: Path, first: str | None = None) -> None:
    """One folder per body, without its key; with the `first` block of a network that is there
    already. Raises ConfigError if `folder` holds anything."""
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{folder} is not empty: name a new folder.")
    nodes = [body.enode for body in plan.bodies]
    for body in plan.bodies:
        own = folder / body.name
        own.mkdir(parents=True)
        files = {
            "genesis.json": first or _json(genesis(plan)),
            "static-nodes.json": _json([enode for enode in nodes if enode != body.enode]),
            "permissions.toml": _toml(permissions(plan, senders)),
            "besu.toml": _toml(node_settings(body, senders)),
        }
        for name, text in files.items():
            (own / name).write_text(text, encoding="utf-8")


def read_first(path: Path, plan: Plan) -> str:
    """The genesis.json of a network that runs, as it is: another one is another network.

    Raises ConfigError when it is none, or of another chain than the plan's.
    """
    try:
        text = path.read_text(encoding="utf-8")
        chain_id = json.loads(text)["config"]["chainId"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ConfigError(f"{path} is no genesis.json.") from error
    if chain_id != plan.chain_id:
        raise ConfigError(f"{path} is of chain {chain_id}, the list of {plan.chain_id}.")
    return text


def _body(number: int, entry: dict[str, Any]) -> Body:
    for name, kind in _FIELDS.items():
        if not isinstance(entry.get(name), kind):
            raise ConfigError(f"Member {number}: set {name}.")
    body = Body(**{name: entry[name] for name in _FIELDS})
    if not _NAME.fullmatch(body.name):
        raise ConfigError(f"Member {number}: name is of small letters, digits and hyphens.")
    try:
        ip_address(body.host)
    except ValueError as error:
        raise ConfigError(
            f"{body.name}: host is an IP address: Besu's peers know each other by addresses."
        ) from error
    try:
        _ = body.address
    except (ValueError, ValidationError) as error:
        raise ConfigError(
            f"{body.name}: node_id is the 128 hexadecimal digits that `civis network key` printed."
        ) from error
    return body


def _number(given: dict[str, Any], name: str, low: int, high: int) -> int:
    number = given.get(name)
    if not isinstance(number, int) or not low <= number <= high:
        raise ConfigError(f"Set {name}, a whole number from {low} to {high}.")
    return number


def _json(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"


def _toml(values: dict[str, Any]) -> str:
    """Flat, so what JSON writes is TOML too: texts, numbers, truths, and lists of texts."""
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
