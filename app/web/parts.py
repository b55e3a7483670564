"""What pages need of other processes: the signer on behalf of this browser, and who signs what."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from app.chain import typed
from app.chain.signer import SessionSigner, SignerClient
from app.config import Settings
from app.context import db_session, services
from app.errors import Problem
from app.identity.accounts import accounts_of
from app.merchants.signing import Desk
from app.rewards.ledger import available
from app.security import cookie_name


@cache
def _client(settings_home: Path) -> SignerClient:
    from app.chain.signer_protocol import socket_path  # noqa: PLC0415

    return SignerClient(socket_path(settings_home))


def signer() -> SessionSigner:
    """The signer process, for whoever this browser's session belongs to."""
    token = request.cookies.get(cookie_name(), "")
    return _client(services().settings.home).for_session(token)


@cache
def _deployment(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text("utf-8")))


def _domain(settings: Settings, name: str, contract: str) -> typed.Domain:
    """Raises Problem try-again while the contracts are not deployed yet."""
    try:
        stored = _deployment(settings.deployment_file)
    except FileNotFoundError as error:
        raise Problem("try-again") from error
    salt = bytes.fromhex(str(stored["genesis_hash"]).removeprefix("0x"))
    return typed.Domain(name, int(stored["chain_id"]), str(stored[contract]), salt)


def desk() -> Desk:
    settings = services().settings
    return Desk(_domain(settings, typed.DESK, "payment_desk"), signer())


def attesters_domain() -> typed.Domain:
    return _domain(services().settings, typed.ATTESTERS, "attesters")


def available_of(person_id: UUID, session: Session | None = None) -> int:
    """What a person may spend now over all programmes, in cents."""
    found = session or db_session()
    return sum(
        available(found, account.address, account.programme_id)
        for account in accounts_of(found, person_id)
    )
