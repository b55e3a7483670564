"""Whose keys a person's accounts have, and the owner's own changes of account."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from app.chain import typed
from app.context import db_session, language, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import WalletKind
from app.limits import limited
from app.merchants.wiring import desk_domain, recovery_domain
from app.openapi import answers, body
from app.recovery import announcing, own_accounts
from app.recovery.api.blueprint import blueprint
from app.recovery.move_models import AccountMove, AnnouncedMove, AnnouncementEnd
from app.recovery.moving import Asked, MoveDesk, SignedMove, move_accounts
from app.recovery.schemas import MoveList, NewMoves, NewWalletAddress, OwnAccounts
from app.security import principal, requires, requires_step_up, session_token

MOST = 50  # programmes of one person at once


@blueprint.get("/me/wallet/accounts")
@requires()
@answers(OwnAccounts)
def own_accounts_() -> dict[str, Any]:
    """Each programme's account as it stands now, and what signatures of it name."""
    file = services().settings.deployment_file
    return {
        "recovery": _shown(recovery_domain(file)),
        "desk": _shown(desk_domain(file)),
        "items": [
            {**vars(one), "programme_name": one.name[language()]}
            for one in own_accounts.current(db_session(), principal().person_id, now())
        ],
    }


def _shown(domain: typed.Domain) -> SimpleNamespace:
    return SimpleNamespace(version=typed.VERSION, **vars(domain))


@blueprint.post("/me/wallet/addresses")
@requires()
@requires_step_up
@idempotent
@limited("wallet-address", quota=100, window=86_400)
@answers(NewWalletAddress, status=201)
def new_address() -> dict[str, str]:
    """Of a fresh key that the city's signer holds: where an account moves that it shall keep."""
    return {"address": services().signer.new_account()}


@blueprint.post("/me/wallet/moves")
@requires()
@requires_step_up
@idempotent
@limited("wallet-moves", quota=20, window=86_400)
@body(NewMoves)
@answers(MoveList, status=201)
def move(body: dict[str, Any]) -> dict[str, Any]:
    """All accounts that are named, or none. To the owner's own keys they are announced, and move at
    `ready_at`; from a device's key they are sent again then. With a `passkey` that its owner has
    had for a week `ready_at` is a day from now; what is announced already keeps its moment. Those
    back to the city are on the chain within a minute or two."""
    if not 0 < len(body["moves"]) <= MOST:
        raise Problem("out-of-range", field="moves", min=1, max=MOST)
    signer = services().signer.for_session(session_token())
    desk = MoveDesk(recovery_domain(services().settings.deployment_file), signer)
    wallet, passkey = WalletKind(body["wallet"]), body["passkey"]
    moves = [SignedMove(**one) for one in body["moves"]]
    asked = Asked(principal().person_id, wallet, desk, now(), passkey)
    return {"items": [_told(one) for one in move_accounts(db_session(), moves, asked)]}


@blueprint.post("/me/wallet/moves/stop")
@requires()
@idempotent
@answers(None, status=204)
def stop() -> None:
    """Whatever of theirs is announced goes nowhere; asked for anew, it waits anew."""
    person = principal().person_id
    announcing.end_all(db_session(), person, AnnouncementEnd.STOPPED, now())


def _told(one: AccountMove | AnnouncedMove) -> dict[str, Any]:
    """One that waits has neither digest nor amount yet."""
    if isinstance(one, AccountMove):
        return {**one.model_dump(), "ready_at": None}
    later = {"id": None, "wallet": WalletKind.DEVICE, "amount_cents": None, "done_at": None}
    return {**one.model_dump(), **later}
