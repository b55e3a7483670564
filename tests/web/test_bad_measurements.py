"""What a device must not send: each is refused by its own code, as a problem, writing nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.actions.models import Action, ActionLog, Attestation
from app.chain import typed
from app.chain.signer import SignerClient
from app.identity.models import PresenceSecret, PresenceUse
from app.outbox.models import Incident
from app.rewards.models import RewardCounter
from app.services import Services
from tests.support.city import City
from tests.support.scale import Scale, Site, site
from tests.support.signer import running_signer, write_deployment

WRITTEN = (Action, ActionLog, Attestation, RewardCounter, Incident, PresenceUse)
Make = Callable[[Scale], dict[str, Any]]
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def signer(services: Services) -> Iterator[SignerClient]:
    write_deployment(services.settings)
    with running_signer(services.settings) as client:
        yield client


@pytest.fixture
def here(services: Services, signer: SignerClient) -> Site:
    return site(services, signer)


def rows(here: Site) -> list[int | None]:
    with here.services.database.session() as session:
        return [session.scalar(select(func.count()).select_from(table)) for table in WRITTEN]


def refused(scale: Scale, body: dict[str, Any], status: int, code: str, field: str | None) -> None:
    before = rows(scale.site)
    answer = scale.send(body)
    said = answer.get_json()
    assert (answer.status_code, said["code"]) == (status, code), answer.text
    assert answer.mimetype == "application/problem+json"
    assert said["remedy"]
    if field is not None:
        assert field in [flaw["field"] for flaw in said["errors"]]
    assert rows(scale.site) == before


def changed(**changes: Any) -> Make:
    return lambda scale: scale.body(**changes)


def after(**changes: Any) -> Make:
    return lambda scale: scale.body(after=changes)


def with_statement(**changes: Any) -> Make:
    """Altered after it was signed."""

    def make(scale: Scale) -> dict[str, Any]:
        body = scale.body()
        return {**body, "statement": {**body["statement"], **changes}}

    return make


def elsewhere(scale: Scale) -> dict[str, Any]:
    own = scale.domain()
    return scale.body(domain=typed.Domain(own.name, own.chain_id + 1, own.contract, own.salt))


def wrong_code(scale: Scale) -> dict[str, Any]:
    """A right signature over a code that nobody's device showed."""
    body = scale.body()
    code = f"{(int(body['time_code']) + 1) % 10**6:06d}"
    salt = bytes.fromhex(body["salt"][2:])
    subject = typed.keccak(salt + (body["short_number"] + code).encode())
    return _shown(scale, body["short_number"], code, salt, subject)


def unknown_number(scale: Scale) -> dict[str, Any]:
    salt = bytes(32)
    return _shown(scale, "00000000", "123456", salt, typed.keccak(salt + b"00000000123456"))


def _shown(scale: Scale, number: str, code: str, salt: bytes, subject: bytes) -> dict[str, Any]:
    shown = {"short_number": number, "time_code": code, "salt": "0x" + salt.hex()}
    return scale.body(subject=subject, after=shown)


def code_of_another_minute(scale: Scale) -> dict[str, Any]:
    """Shown three minutes before the moment that the statement names."""
    return scale.body(ago=3 * timedelta(minutes=1), deed_at=int(scale.site.now.timestamp()))


FORGED, OTHER = "attestation-forged", "attestation-other-statement"
CASES: list[tuple[str, Make, int, str, str | None]] = [
    ("another key", changed(key=typed.new_key()), 422, FORGED, "signature"),
    ("no signature", after(signature="0x" + "00" * 65), 422, FORGED, "signature"),
    ("short signature", after(signature="0x00"), 422, "invalid", "signature"),
    ("another chain", elsewhere, 422, FORGED, "signature"),
    ("altered quantity", with_statement(quantity=9000), 422, FORGED, "signature"),
    ("altered salt", after(salt="0x" + "11" * 32), 422, OTHER, "statement.subject"),
    ("altered number", after(short_number="12345678"), 422, OTHER, "statement.subject"),
    ("altered code", after(time_code="12345"), 422, OTHER, "statement.subject"),
    ("no digits", after(time_code="abc"), 422, OTHER, "statement.subject"),
    ("other's name", changed(attester="0x" + "1" * 40), 422, OTHER, "statement.attester"),
    ("programme", changed(programme_id=bytes(32)), 422, OTHER, "statement.programme_id"),
    ("wrong code", wrong_code, 422, "presence-code-wrong", "time_code"),
    ("unknown number", unknown_number, 422, "presence-code-wrong", "time_code"),
    ("another minute", code_of_another_minute, 422, "presence-code-wrong", "time_code"),
    ("unknown type", changed(action_type_id=4_000_000), 422, "action-type-unknown",
     "statement.action_type_id"),
    ("unknown version", changed(action_type_version=99), 422, "action-type-unknown",
     "statement.action_type_id"),
    ("out of scope", changed(action_type_id=1), 403, "out-of-scope", "statement.action_type_id"),
    ("zero", changed(quantity=0), 422, "quantity-zero", "quantity"),
    ("too much", changed(quantity=10**9), 422, "quantity-too-large", "quantity"),
    ("unusual", changed(quantity=10_001), 422, "quantity-unusual", "confirmed_unusual"),
    ("fractional", with_statement(quantity=1.5), 422, "invalid", "statement.quantity"),
    ("negative", with_statement(quantity=-1), 422, "invalid", "statement.quantity"),
    ("in the future", changed(ago=-HOUR), 422, "deed-in-the-future", "deed_at"),
    ("too late", changed(ago=72 * HOUR + timedelta(minutes=5)), 422, "statement-too-late",
     "statement.deed_at"),
    ("before its time", changed(ago=timedelta(days=31)), 403, "key-not-valid", "signature"),
    ("no year of ours", with_statement(deed_at=2**40), 422, "invalid", "statement.deed_at"),
    ("unknown field", after(person="me"), 422, "invalid", "person"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_bad_statement(here: Site, case: tuple[str, Make, int, str, str | None]) -> None:
    _, make, status, code, field = case
    scale = here.scale()
    refused(scale, make(scale), status, code, field)
    assert scale.send(scale.body()).status_code == 201, "the right one is taken afterwards"


def test_replayed_under_another_idempotency_key(here: Site) -> None:
    scale = here.scale()
    body = scale.body()
    assert scale.send(body).status_code == 201
    refused(scale, body, 409, "attestation-replayed", None)
    refused(scale, scale.body(), 409, "presence-code-used", "time_code")


def test_another_organisations_device(here: Site, services: Services, signer: SignerClient) -> None:
    """Its statement under this device's token, and its key in this device's name."""
    scale = here.scale()
    stranger = site(services, signer).scale()
    refused(scale, stranger.body(), 422, OTHER, "statement.attester")
    refused(scale, scale.body(key=stranger.key), 422, FORGED, "signature")


@pytest.mark.parametrize("ago", [HOUR, 71 * HOUR])
def test_without_network_up_to_72_hours_late(here: Site, ago: timedelta) -> None:
    scale = here.scale()
    answer = scale.send(scale.body(ago=ago))
    assert answer.status_code == 201, answer.text
    assert answer.get_json()["deed_at"] == (here.now - ago).isoformat().replace("+00:00", "Z")
    refused(scale, scale.body(ago=ago), 409, "presence-code-used", "time_code")


def at(here: Site, ago: timedelta) -> datetime:
    return here.now - ago


def test_a_revoked_key_still_counts_for_what_it_signed_before(here: Site) -> None:
    scale = here.scale()
    here.ok("admin", "POST", f"/devices/{scale.id}/revocation", {"for_cause": False})
    scale.change(revoked_at=at(here, 2 * HOUR))
    refused(scale, scale.body(ago=HOUR), 403, "key-not-valid", "signature")
    assert scale.send(scale.body(ago=3 * HOUR)).status_code == 201


def test_a_key_revoked_for_cause_counts_for_nothing_any_more(here: Site) -> None:
    scale = here.scale()
    here.ok("officer", "POST", f"/devices/{scale.id}/revocation", {"for_cause": True})
    scale.change(revoked_at=at(here, 2 * HOUR))
    for ago in (HOUR, 3 * HOUR):
        refused(scale, scale.body(ago=ago), 403, "key-not-valid", "signature")


def test_a_key_that_ran_out_or_has_not_begun(here: Site) -> None:
    scale = here.scale()
    scale.change(valid_until=at(here, 2 * HOUR))
    refused(scale, scale.body(ago=HOUR), 403, "key-not-valid", "signature")
    assert scale.send(scale.body(ago=3 * HOUR)).status_code == 201
    scale.change(valid_from=here.now + HOUR, valid_until=here.now + 2 * HOUR)
    refused(scale, scale.body(), 403, "key-not-valid", "signature")


def test_wrong_codes_are_limited_and_a_flaw_elsewhere_uses_none_up(here: Site) -> None:
    scale = here.scale()
    for _ in range(12):
        refused(scale, scale.body(key=typed.new_key()), 422, FORGED, "signature")
    for _ in range(10):
        refused(scale, wrong_code(scale), 422, "presence-code-wrong", "time_code")
    refused(scale, scale.body(), 429, "presence-too-many-tries", None)
    assert scale.send(scale.body(who="neighbour")).status_code == 201


def test_a_code_from_before_the_citizen_had_a_secret(here: Site) -> None:
    """Whoever has a secret can make its codes of any past minute."""
    scale = here.scale()
    body = scale.body(ago=5 * HOUR)
    with here.services.database.transaction() as session:
        secret = session.get_one(PresenceSecret, here.people["citizen"])
        secret.created_at = at(here, 4 * HOUR)
    refused(scale, body, 422, "presence-code-wrong", "time_code")


def test_a_programme_that_takes_something_else_only(here: Site) -> None:
    rules = {
        "version": 1,
        "rates": [{"action_type": "glass-recycling", "cents_per_action": 5}],
        "caps": [],
        "proof_levels": ["measured"],
        "max_age_days": 7,
    }
    with here.services.database.transaction() as session:
        other = City(session, here.now).programme(rules=rules).chain_id
    scale = here.scale()
    code = "action-type-not-in-programme"
    refused(scale, scale.body(programme_id=other), 422, code, "action_type")
    named = here.ok(scale.token, "GET", "/devices/own")["programmes"]
    assert "0x" + other.hex() not in [one["chain_id"] for one in named]
