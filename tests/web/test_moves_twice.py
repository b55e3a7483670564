"""A list of moves is checked before any of them is signed: the signer counts what it signs."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from app.chain import typed
from app.chain.signer import SignerClient
from app.services import Services
from tests.support.own_key import DOMAIN, Body, OwnKey, hexed
from tests.support.paying import paying_city
from tests.support.recovering import recovering


@pytest.fixture
def owner(services: Services, signer: SignerClient) -> Iterator[OwnKey]:
    with paying_city(services, signer) as city:
        yield OwnKey(recovering(city)).proved()


def _signed(owner: OwnKey, key: bytes) -> Body:
    struct = owner.struct(typed.address_of(key))
    return {
        "programme_id": owner.account()["programme_id"],
        "sender": struct.sender,
        "receiver": struct.receiver,
        "amount_cents": struct.amount,
        "nonce": hexed(struct.nonce),
        "receiver_signature": hexed(typed.sign(typed.digest(DOMAIN, struct), key)),
        "owner_signature": None,
    }


def test_one_programme_is_named_once(owner: OwnKey) -> None:
    """Else a list of two would be signed for, counted and refused, until nobody moves that day."""
    moves = [_signed(owner, typed.new_key()) for _ in range(2)]
    refused = owner.send({"wallet": "device", "moves": moves})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "moves-twice")
    assert owner.account()["moving"] is False
    assert owner.send({"wallet": "device", "moves": moves[:1]}).status_code == 201


def test_one_new_account_is_named_once(owner: OwnKey) -> None:
    """An address is one account's, in one programme: the second could never be entered."""
    one = _signed(owner, typed.new_key())
    moves = [one, one | {"programme_id": str(uuid4())}]
    refused = owner.send({"wallet": "device", "moves": moves})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "moves-twice")
