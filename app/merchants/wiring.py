"""The desk and the city's account as a running installation has them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from app.chain import typed
from app.chain.deploying.generations import standing
from app.chain.signer import SignerClient
from app.chain.typed_recovery import RECOVERY
from app.errors import Problem
from app.merchants.bank import Party
from app.merchants.signing import Desk, RefundDesk
from app.services import Services


def desk_of(parts: Services, token: str) -> Desk:
    """Signs in the name of whoever holds this session token. Raises Problem signer-not-ready."""
    file = parts.settings.deployment_file
    return Desk(desk_domain(file), parts.signer.for_session(token), earlier_desks(file))


@dataclass(frozen=True)
class ContestSigner:
    """The signer on behalf of no session: two officers upheld the contest, and it looks itself."""

    client: SignerClient

    def sign_refund(
        self,
        refund: typed.Refund,
        *,
        desk: str,
        session_id: UUID | None,  # noqa: ARG002
    ) -> bytes:
        return self.client.sign_contest_refund(refund, desk=desk)

    def countersign(self, digest: bytes, *, desk: str) -> bytes:
        return self.client.countersign(digest, desk=desk)


def contest_desk(parts: Services) -> RefundDesk:
    """Gives back what was contested. Raises Problem signer-not-ready."""
    file = parts.settings.deployment_file
    return RefundDesk(desk_domain(file), ContestSigner(parts.signer), earlier_desks(file))


def desk_domain(deployment_file: Path) -> typed.Domain:
    """What signatures of orders and refunds name. Raises Problem signer-not-ready."""
    return _domains(deployment_file, typed.DESK, "PaymentDesk")[0]


def earlier_desks(deployment_file: Path) -> tuple[typed.Domain, ...]:
    """Those that the one in force replaced, or that may replace it."""
    return _domains(deployment_file, typed.DESK, "PaymentDesk")[1:]


def recovery_domain(deployment_file: Path) -> typed.Domain:
    """What signatures of moves and objections name. Raises Problem signer-not-ready."""
    return _domains(deployment_file, RECOVERY, "Recovery")[0]


def _domains(deployment_file: Path, label: str, contract: str) -> tuple[typed.Domain, ...]:
    if not deployment_file.exists():
        raise Problem("signer-not-ready")
    return _read(deployment_file, deployment_file.stat().st_mtime_ns, label, contract)


@lru_cache(maxsize=8)
def _read(
    deployment_file: Path, _changed: int, label: str, contract: str
) -> tuple[typed.Domain, ...]:
    """The one in force first."""
    stored = json.loads(deployment_file.read_text("utf-8"))
    salt = bytes.fromhex(stored["genesis_hash"].removeprefix("0x"))
    chain_id = int(stored["chain_id"])
    return tuple(typed.Domain(label, chain_id, one, salt) for one in standing(stored, contract))


def city_account_of(parts: Services) -> Party:
    """From which merchants are paid. Raises Problem bank-account-unset."""
    account = parts.settings.city_account
    if account is None:
        raise Problem("bank-account-unset")
    return Party(account.holder, account.iban)
