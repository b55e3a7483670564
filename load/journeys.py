"""What each kind of user does on a real journey, by nothing but the paths of openapi.json.

A journey gets a `Caller`, which sends with a user's own token and raises on a refusal; so locust
and a test take the very same steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from eth_account import Account

from app.identity.presence import code_at
from load.seeds import Seeds

# method, path, its template, body, headers -> the JSON answered, or None; raises on a refusal
Send = Callable[[str, str, str, Any, dict[str, str]], Any]
Journey = Callable[["Caller", Seeds, Random], None]
MINUTES = 5 * 24 * 60
ON_THE_SPOT = 50  # minutes: a counter vouches for what it has just seen


class Caller:
    """One user's way to the API."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def __call__(
        self, token: str | None, method: str, path: str, body: Any = None, **fills: str
    ) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if method != "GET":
            headers["Idempotency-Key"] = str(uuid4())
        template = "/api/v1" + path
        return self._send(method, template.format(**fills), template, body, headers)


def citizen(call: Caller, seeds: Seeds, chance: Random) -> None:
    """Looks at tokens and deeds, declares a trip, and takes one in three back."""
    token = chance.choice(seeds.citizens)
    call(token, "GET", "/me")
    call(token, "GET", "/me/balance")
    deed: dict[str, Any] = {"programme_id": seeds.programme_id, "action_type": "bike-trip"}
    deed |= {"quantity": chance.randrange(500, 9_000), "deed_at": _moment(seeds, chance)}
    made = call(token, "POST", "/actions", deed)
    call(token, "GET", "/me/actions/{action_id}", action_id=made["id"])
    if chance.random() < 1 / 3:
        call(token, "POST", "/actions/{action_id}/withdrawal", action_id=made["id"])
    call(token, "GET", "/me/actions")


def attester(call: Caller, seeds: Seeds, chance: Random) -> None:
    """Identifies who stands there and vouches for two deeds, each signed with the clerk's key."""
    clerk, token = chance.choice(seeds.clerks), seeds.next_citizen()
    presence = call(token, "GET", "/me/presence")
    shown = {
        "programme_id": seeds.programme_id,
        "short_number": presence["short_number"],
        "time_code": code_at(presence["secret"], _now(seeds)),
    }
    visit = call(clerk["token"], "POST", "/attestations/visits", shown)
    for kind in ("glass-recycling", "paper-recycling"):
        deed = {"subject": visit["subject"], "action_type": kind}
        just_now = _now(seeds) - timedelta(minutes=chance.randrange(1, ON_THE_SPOT))
        deed |= {"quantity": chance.randrange(500, 4_000), "deed_at": just_now.isoformat()}
        draft = call(clerk["token"], "POST", "/attestations/drafts", deed)
        signed = Account.sign_typed_data(clerk["key"], full_message=draft["typed_data"])
        body = {"statement": draft["statement"], "signature": "0x" + signed.signature.hex()}
        call(clerk["token"], "POST", "/attestations", body)
    call(clerk["token"], "GET", "/attestations")


def merchant(call: Caller, seeds: Seeds, chance: Random) -> None:
    """Asks for a cent; whoever stands there finds the request, pays or declines; the till looks."""
    till, customer = seeds.merchant, chance.choice(seeds.citizens)
    asked = call(till, "POST", "/payments", {"amount_cents": 1, "label": "Pain"})
    found = call(customer, "GET", "/payments/by-code/{short_code}", short_code=asked["short_code"])
    money = call(customer, "GET", "/me/balance")
    answer = "acceptance" if money["available_cents"] > 0 else "decline"
    body: Any = {} if answer == "acceptance" else None
    call(customer, "POST", f"/payments/{{payment_id}}/{answer}", body, payment_id=found["id"])
    call(till, "GET", "/payments/{payment_id}", payment_id=asked["id"])
    call(till, "GET", "/till/payments")
    call(till, "GET", "/till/day")


def reader(call: Caller, seeds: Seeds, chance: Random) -> None:
    """Somebody without a name: programmes, their rules and what everybody did."""
    call(None, "GET", "/programmes")
    for what in ("", "/progress", "/possible-actions"):
        call(None, "GET", "/programmes/{programme_id}" + what, programme_id=seeds.programme_id)
    if chance.random() < 1 / 5:
        call(None, "GET", "/programmes/{programme_id}/rule-sets", programme_id=seeds.programme_id)


JOURNEYS: dict[str, Journey] = {
    "citizen": citizen,
    "attester": attester,
    "merchant": merchant,
    "reader": reader,
}


def _now(seeds: Seeds) -> datetime:
    """The city's clock, which a demo may have moved."""
    return datetime.fromtimestamp(time.time() + seeds.seconds_ahead, tz=UTC)


def _moment(seeds: Seeds, chance: Random) -> str:
    """A minute of the last days, so that nobody does the same twice in one."""
    at = _now(seeds) - timedelta(minutes=chance.randrange(MINUTES))
    return max(at, datetime.fromisoformat(seeds.not_before)).isoformat()
