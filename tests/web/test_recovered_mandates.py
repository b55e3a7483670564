"""Whoever had the account for a while: what they gave, and what lies in the mailbox of before."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from app.chain.signer import SignerClient
from app.errors import Problem
from app.identity.mandates import service as mandates
from app.identity.mandates.models import Act
from app.services import Services
from tests.support.mandated import Mandated, mandated, offered, scope
from tests.support.paying import paying_city
from tests.support.recovering import Recovering, recovering

REP, GIVER = "representative", "citizen"


@pytest.fixture
def town(services: Services, signer: SignerClient) -> Iterator[Recovering]:
    with paying_city(services, signer) as city:
        yield recovering(city)


def as_both(town: Recovering, made: Mandated) -> Mandated:
    town.city.tokens |= {REP: made.token, GIVER: made.giver}
    return made


def acts(town: Recovering, method: str, path: str, body: Any = None) -> tuple[int, str]:
    answer = town.city.call(REP, method, path, body)
    return answer.status_code, (answer.get_json(silent=True) or {}).get("code", "")


def test_what_a_thief_gave_ends_with_the_recovery(town: Recovering) -> None:
    made = as_both(town, mandated(town.city.world, frozenset(Act)))
    town.city.post(REP, "/me/acting", {"mandate_id": str(made.mandate.id)}, status=204)
    email = f"{secrets.token_hex(6)}@elsewhere.example"
    town.confirm(town.propose(email), email)
    assert acts(town, "GET", "/me/balance")[0] == 200, "until the recovery is done"
    town.age(hours=72)
    assert town.rounds() == 1
    assert acts(town, "GET", "/me/balance") == (403, "mandate-ended")
    paying = f"/payments/{town.city.ask(100)['id']}/acceptance"
    assert acts(town, "POST", paying, {}) == (403, "mandate-ended")
    with pytest.raises(Problem, match="signer-mandate"):
        made.sign(town.city.world.order())


@pytest.mark.parametrize("known_by", ["giver", "representative"])
def test_a_block_of_either_side_stops_all_but_looking(town: Recovering, known_by: str) -> None:
    made = as_both(town, mandated(town.city.world, frozenset(Act)))
    town.city.post(REP, "/me/acting", {"mandate_id": str(made.mandate.id)}, status=204)
    email = town.email
    if known_by == REP:
        email = town.city.get(GIVER, "/me/representatives")["named"][0]["email"]
    town.city.post("officer", "/blocks", {"known_by": email, "channel": "telephone"}, status=201)
    paying = f"/payments/{town.city.ask(100)['id']}/acceptance"
    assert acts(town, "POST", paying, {}) == (409, "wallet-blocked")
    assert acts(town, "POST", "/me/requests", {"kind": "restriction"}) == (409, "wallet-blocked")
    assert acts(town, "GET", "/me/balance")[0] == 200
    with pytest.raises(Problem, match="wallet-blocked"):
        made.sign(town.city.world.order())


def test_nobody_is_named_or_accepts_while_the_wallet_is_blocked(town: Recovering) -> None:
    made = as_both(town, offered(town.city.world, frozenset({Act.SEE})))
    email = town.city.get(GIVER, "/me/representatives")["named"][0]["email"]
    said = {"known_by": town.email, "channel": "counter"}
    town.city.post("officer", "/blocks", said, status=201)
    accepting = f"/me/mandates/{made.mandate.id}/acceptance"
    assert acts(town, "POST", accepting) == (409, "wallet-blocked")
    session_of = town.services.database.transaction
    now = town.city.world.now()
    with session_of() as session, pytest.raises(Problem, match="wallet-blocked"):
        mandates.offer(session, made.mandate.person_id, email, scope(now), now=now)


def test_links_in_the_mailbox_of_before_stop_nothing_any_more(town: Recovering) -> None:
    assert town.pay().status_code == 200
    link = town.link(town.email)
    email = f"{secrets.token_hex(6)}@elsewhere.example"
    town.confirm(town.propose(email), email)
    town.age(hours=72)
    assert town.rounds() == 1
    assert town.press(link) == 410
