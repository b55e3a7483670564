"""A device whose confirmation a restore forgot, and whose key the chain has."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.chain.signer import SignerClient
from app.outbox.models import OutboxItem, OutboxState
from app.services import Services
from tests.support.scale import Site, site
from tests.web.test_devices_api import heard


@pytest.fixture
def here(services: Services, signer: SignerClient) -> Site:
    return site(services, signer)


def test_a_key_that_the_chain_has_is_confirmed_again_as_it_is_there(here: Site) -> None:
    """After a restore: its row came back, and the officer's yes was forgotten."""
    scale = here.scale(confirmed=False)
    here.ok("officer", "POST", f"/devices/{scale.id}/confirmation")
    [item] = heard(here, scale.address)
    with here.services.database.transaction() as session:
        row = session.get_one(OutboxItem, item.id)
        row.state = OutboxState.FINAL
        row.payload = {**row.payload, "valid_from": row.payload["valid_from"] - 600}
    scale.change(confirmed_at=None, confirmed_by=None)
    again = here.ok("officer", "POST", f"/devices/{scale.id}/confirmation")
    began = datetime.fromisoformat(again["valid_from"]).timestamp()
    assert (began, len(heard(here, scale.address))) == (row.payload["valid_from"], 1)
    scale.change(confirmed_at=None, confirmed_by=None, scope_hash=b"\1" * 32)
    other = here.call("officer", "POST", f"/devices/{scale.id}/confirmation")
    assert (other.status_code, other.get_json()["code"]) == (409, "key-registered-otherwise")
