"""The desk as a web request uses it: the deployed contract, and the signer in the asker's name."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from app.chain import typed
from app.context import services
from app.errors import Problem
from app.merchants.bank import Party
from app.merchants.signing import Desk, Payer
from app.security import principal, session_token


def desk() -> Desk:
    """Signs in the name of the request's session."""
    return Desk(domain(), services().signer.for_session(session_token()))


def domain() -> typed.Domain:
    return desk_domain(services().settings.deployment_file)


def desk_domain(deployment_file: Path) -> typed.Domain:
    """What signatures of orders and refunds name. Raises Problem signer-not-ready."""
    if not deployment_file.exists():
        raise Problem("signer-not-ready")
    return _read(deployment_file, deployment_file.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(deployment_file: Path, _changed: int) -> typed.Domain:
    stored = json.loads(deployment_file.read_text("utf-8"))
    salt = bytes.fromhex(stored["genesis_hash"].removeprefix("0x"))
    return typed.Domain(typed.DESK, int(stored["chain_id"]), stored["payment_desk"], salt)


def payer() -> Payer:
    person = principal()
    return Payer(person.person_id, person.session_id)


def city_account() -> Party:
    """From which merchants are paid. Raises Problem bank-account-unset."""
    account = services().settings.city_account
    if account is None:
        raise Problem("bank-account-unset")
    return Party(account.holder, account.iban)
