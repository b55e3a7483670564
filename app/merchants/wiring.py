"""The desk and the city's account as a running installation has them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from app.chain import typed
from app.chain.signer import SignerClient
from app.chain.typed_recovery import RECOVERY
from app.errors import Problem
from app.merchants.bank import Party
from app.merchants.signing import Desk, RefundDesk
from app.services import Services


def desk_of(parts: Services, token: str) -> Desk:
    """Signs in the name of whoever holds this session token. Raises Problem signer-not-ready."""
    return Desk(desk_domain(parts.settings.deployment_file), parts.signer.for_session(token))


@dataclass(frozen=True)
class ContestSigner:
    """The signer on behalf of no session: two officers upheld the contest, and it looks itself."""

    client: SignerClient

    def sign_refund(self, refund: typed.Refund, *, session_id: UUID | None) -> bytes:  # noqa: ARG002
        return self.client.sign_contest_refund(refund)

    def countersign(self, digest: bytes) -> bytes:
        return self.client.countersign(digest)


def contest_desk(parts: Services) -> RefundDesk:
    """Gives back what was contested. Raises Problem signer-not-ready."""
    return RefundDesk(desk_domain(parts.settings.deployment_file), ContestSigner(parts.signer))


def desk_domain(deployment_file: Path) -> typed.Domain:
    """What signatures of orders and refunds name. Raises Problem signer-not-ready."""
    return _domain(deployment_file, typed.DESK, "payment_desk")


def recovery_domain(deployment_file: Path) -> typed.Domain:
    """What signatures of moves and objections name. Raises Problem signer-not-ready."""
    return _domain(deployment_file, RECOVERY, "recovery")


def _domain(deployment_file: Path, label: str, place: str) -> typed.Domain:
    if not deployment_file.exists():
        raise Problem("signer-not-ready")
    return _read(deployment_file, deployment_file.stat().st_mtime_ns, label, place)


@lru_cache(maxsize=8)
def _read(deployment_file: Path, _changed: int, label: str, place: str) -> typed.Domain:
    stored = json.loads(deployment_file.read_text("utf-8"))
    salt = bytes.fromhex(stored["genesis_hash"].removeprefix("0x"))
    return typed.Domain(label, int(stored["chain_id"]), stored[place], salt)


def city_account_of(parts: Services) -> Party:
    """From which merchants are paid. Raises Problem bank-account-unset."""
    account = parts.settings.city_account
    if account is None:
        raise Problem("bank-account-unset")
    return Party(account.holder, account.iban)
