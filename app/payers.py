"""Who pays in a request: the signed-in person, or whoever they act for."""

from __future__ import annotations

from app.merchants.signing import ByMandate, Payer
from app.principal import Principal


def payer_of(caller: Principal) -> Payer:
    acting = caller.acting
    if acting is None:
        return Payer(caller.person_id, caller.session_id)
    right = ByMandate(caller.session_id, acting.mandate_id, caller.person_id)
    return Payer(acting.person_id, right)
