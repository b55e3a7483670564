"""What becomes of the signer when it is killed or told to end."""

from __future__ import annotations

import signal

import pytest

from app.chain.deploying.role_keys import ensure_role_keys
from app.chain.signer_protocol import socket_path
from app.config import Settings
from app.services import Services
from tests.support.signer import (
    ready_client,
    start_signer,
    write_deployment,
)
from tests.support.signer_world import code, make_world


@pytest.mark.kill
def test_killed_it_comes_back_with_every_key_and_clients_reconnect(
    settings: Settings, services: Services
) -> None:
    write_deployment(settings)
    ensure_role_keys(settings.home)
    process = start_signer(settings)
    client = ready_client(settings, process.poll)
    world = make_world(services, client)
    first = world.order()
    signature = world.sign(first)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=20)
    assert code(lambda: world.sign(first)) == "signer-away"
    again = start_signer(settings)
    ready_client(settings, again.poll)
    assert world.sign(first) == signature
    again.terminate()
    assert again.wait(timeout=20) == 0
    assert not socket_path(settings.home).exists()
    assert not client.ping()
