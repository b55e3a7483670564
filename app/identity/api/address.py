"""One's own first e-mail address for programs: a code to the mailbox, then its use."""

from __future__ import annotations

from typing import Any

from app.context import db_session, now
from app.idempotency import idempotent
from app.identity import own_address
from app.identity.api.blueprint import blueprint
from app.identity.api.passkeys import here
from app.identity.schemas import NewAddress, OwnAddress, SignInCodeSent
from app.identity.sign_in import CODE_MINUTES, CODE_TRIES
from app.limits import caller, limited
from app.openapi import answers, body
from app.security import requires, requires_step_up


@blueprint.post("/me/address/code")
@requires()
@requires_step_up
@limited("address-code", quota=30, window=600)
@body(NewAddress)
@answers(SignInCodeSent, status=202)
def ask_address(body: dict[str, Any]) -> dict[str, Any]:
    """Sends six digits to the address that letters and codes shall go to; they answer this
    challenge, in this session only."""
    challenge = own_address.send_address_code(
        db_session(), here(), body["email"], now(), caller=caller()
    )
    return {"challenge": challenge, "minutes": CODE_MINUTES, "tries": CODE_TRIES}


@blueprint.post("/me/address")
@requires()
@requires_step_up
@limited("address-change", quota=60, window=600)
@idempotent
@body(OwnAddress)
@answers(None, status=204)
def enter_address(body: dict[str, Any]) -> None:
    """Letters and codes go there from now on. One that is known already changes at the counter."""
    code = "".join(body["code"].split())
    own_address.enter_own_email(
        db_session(), here(), body["email"], code, now(), challenge=body["challenge"]
    )
