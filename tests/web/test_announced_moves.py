"""Tokens that are to go under another key: the thief's story, which the owner stops in time, and
the owner's, who has had a passkey for long and waits a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.chain import typed
from app.chain.signer import SignerClient
from app.errors import Problem
from app.identity import service as identity
from app.identity.blocks import block_of
from app.identity.passkeys.models import Passkey
from app.recovery.move_models import AnnouncedMove
from app.recovery.rules import moves_challenge
from app.services import Services
from tests.support.authenticator import Device, cose
from tests.support.authenticator import text as b64
from tests.support.own_key import DOMAIN, OwnKey, fresh, moved, refused
from tests.support.paying import City, paying_city
from tests.support.recovering import recovering
from tests.support.signer_world import code
from tests.web.test_recovery_pages import press, shown

WARNED = "Your tokens are about to go under another key"


@pytest.fixture(scope="module")
def city(services: Services, signer: SignerClient) -> Iterator[City]:
    with paying_city(services, signer) as made:
        yield made


@pytest.fixture
def owner(city: City) -> OwnKey:
    return OwnKey(recovering(city))


def _thief_asks(owner: OwnKey) -> str:
    """With the telephone and its mailbox: a session, proved afresh by a code. The new address."""
    key, address = fresh()
    answer = owner.proved().move(owner.struct(address), new=key)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    [told] = answer.get_json()["items"]
    assert (told["id"], told["ready_at"] is None) == (None, False)
    return address


def _nothing_goes(owner: OwnKey) -> None:
    assert owner.account()["announced"] is None
    assert owner.waited().rounds() == []
    assert owner.account()["wallet"] == "custodial"


def test_the_letter_s_link_stops_the_thief_for_good(owner: OwnKey) -> None:
    _thief_asks(owner)
    assert owner.town.press(owner.town.link(owner.town.email)) == 200
    owner.town.age(hours=73)  # the block is over
    owner.waited(hours=73)
    owner.town.city.tokens["citizen"] = _signed_in_elsewhere(owner)  # the link ended all others
    _nothing_goes(owner)
    assert owner.town.pay(100).status_code == 200


@pytest.mark.parametrize("channel", ["counter", "telephone"])
def test_an_officer_stops_him_for_who_telephones_or_comes(owner: OwnKey, channel: str) -> None:
    address = _thief_asks(owner)
    visit = owner.town.city.post(
        "officer", "/counter/visits/by-email", {"email": owner.town.email}, status=201
    )
    read = owner.town.city.get("officer", f"/counter/visits/{visit['id']}/rights")
    assert [one["new_address"] for one in read["wallet"]["announced"]] == [address]
    said = {"known_by": owner.town.email, "channel": channel}
    owner.town.city.post("officer", "/blocks", said, status=201)
    _nothing_goes(owner)


def test_another_session_stops_him_and_the_same_key_waits_anew(owner: OwnKey) -> None:
    key, address = fresh()
    assert owner.proved().move(owner.struct(address), new=key).status_code == 201
    thief, mine = owner.town.city.tokens["citizen"], _signed_in_elsewhere(owner)
    owner.town.city.tokens["citizen"] = mine
    for page in ("/me", "/me/key", "/me/data"):
        assert WARNED in shown(owner.town, "citizen", page)
    [told] = owner.town.city.get("citizen", "/me/wallet")["announced"]
    assert told["new_address"] == address
    assert press(owner.town, "citizen", "/me", "/me/key/stop").status_code == 303
    owner.town.city.tokens["citizen"] = thief
    _nothing_goes(owner)
    assert WARNED not in shown(owner.town, "citizen", "/me")
    assert owner.proved().move(owner.struct(address), new=key).get_json()["items"][0]["id"] is None
    assert owner.rounds() == [], "the hours that it had waited count no more"
    owner.town.city.post("citizen", "/me/wallet/moves/stop", status=204)
    _nothing_goes(owner)


def test_nothing_goes_to_an_address_that_another_account_awaits(owner: OwnKey) -> None:
    """Named later, by whoever writes past the checks; the announcement stands, and waits."""
    address, theirs = _thief_asks(owner), owner.town.city.world.other
    with owner.town.services.database.transaction() as session:
        now = owner.town.services.clock.now(session)
        session.add(
            AnnouncedMove(
                person_id=theirs.person_id,
                account_id=theirs.id,
                new_address=address,
                asked_at=now,
                ready_at=now + timedelta(days=9),
            )
        )
    with pytest.raises(Problem, match="recovery-account-used"):
        owner.waited().rounds()
    assert owner.account()["announced"] is not None


def _signed_in_elsewhere(owner: OwnKey) -> str:
    services = owner.town.services
    with services.database.transaction() as session:
        person = identity.person_by_email(session, owner.town.email)
        assert person is not None
        return identity.open_session(session, person.id, "api", services.clock.now(session))


def test_who_has_had_a_passkey_for_a_week_waits_a_day(owner: OwnKey) -> None:
    device = Device(origin="https://civis.example")
    key, address = fresh()
    struct = owner.proved().struct(address)
    options = {
        "challenge": b64(moves_challenge([typed.digest(DOMAIN, struct)])),
        "rpId": "civis.example",
    }
    stranger = owner.move(struct, new=key, passkey=device.get(options))
    refused(stranger, "passkey-refused")
    _has_had(owner, device, days=6)
    young = owner.move(struct, new=key, passkey=device.get(options))
    refused(young, "signer-passkey-young")
    assert owner.account()["announced"] is None, "nothing was half done"
    owner.as_owner("update signer.seen_passkey set seen_at = seen_at - :span", timedelta(days=1))
    [made] = owner.move(struct, new=key, passkey=device.get(options)).get_json()["items"]
    wait = datetime.fromisoformat(made["ready_at"]) - datetime.now(UTC)
    assert timedelta(hours=23) < wait <= timedelta(hours=24)
    assert owner.waited(hours=23).rounds() == []
    [sent] = owner.waited(hours=1).rounds()
    told, done = owner.town.letters(owner.town.email)
    assert "pas avant" in told
    assert "passent sous une autre clé" in done
    owner.final(sent)
    assert owner.account()["wallet"] == "device"


def _has_had(owner: OwnKey, device: Device, *, days: int) -> None:
    services = owner.town.services
    with services.database.transaction() as session:
        person = identity.person_by_email(session, owner.town.email)
        assert person is not None
        row = Passkey(
            person_id=person.id,
            credential_id=device.credential_id,
            public_key=cose(device),
            sign_count=0,
            name_sealed=b"sealed",
            created_at=services.clock.now(session),
        )
        session.add(row)
    owner.town.city.world.signer.tidy_moves()
    owner.as_owner("update signer.seen_passkey set seen_at = seen_at - :span", timedelta(days=days))


def test_nothing_moves_while_a_payment_is_on_its_way_or_the_wallet_is_blocked(
    owner: OwnKey,
) -> None:
    key, address = fresh()
    assert owner.proved().move(owner.struct(address), new=key).status_code == 201
    assert owner.waited().town.pay(100).status_code == 200, "until then it pays as before"
    refused(owner.move(owner.struct(address), new=key), "wallet-holds-open")
    assert owner.rounds() == []
    signer = owner.town.city.world.signer
    here = owner.struct(signer.new_account())
    assert code(lambda: signer.accept_move(here, "custodial", None)) == "signer-order-refused"
    owner.town.city.post("citizen", "/me/wallet/block", status=201)
    refused(owner.move(owner.struct(address), new=key), "wallet-blocked")


def test_the_owner_is_told_with_a_link_that_blocks(owner: OwnKey) -> None:
    moved(owner)
    assert owner.town.press(owner.town.link(owner.town.email)) == 200
    with owner.town.services.database.session() as session:
        person = identity.person_by_email(session, owner.town.email)
        assert person is not None
        assert block_of(session, person.id, owner.town.services.clock.now(session)) is not None
