"""The signer process seals the access log: one signature per number, also after it was killed."""

from __future__ import annotations

import signal

import pytest

from app.chain.deploying.role_keys import ensure_role_keys
from app.chain.log_seals import NOTHING, LogSeal
from app.chain.typed import recover
from app.config import Settings
from app.errors import Problem
from tests.support.signer import ready_client, start_signer, write_deployment

FIRST = LogSeal(1, 20_000, 202_611, 0, 700, 2, bytes(range(32)), NOTHING)
SECOND = LogSeal(2, 20_000, 202_611, 700, 900, 0, NOTHING, FIRST.digest())
OTHER = LogSeal(2, 20_000, 202_611, 700, 900, 1, bytes(range(32)), FIRST.digest())


@pytest.mark.kill
def test_killed_it_still_knows_which_seal_was_the_last(settings: Settings) -> None:
    write_deployment(settings)
    addresses = ensure_role_keys(settings.home)
    process = start_signer(settings)
    client = ready_client(settings, process.poll)
    signature = client.sign_log_seal(FIRST)
    assert recover(FIRST.digest(), signature) == addresses["sealer"] == client.address_of("sealer")
    client.sign_log_seal(SECOND)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=20)
    again = start_signer(settings)
    ready_client(settings, again.poll)
    client.sign_log_seal(SECOND)
    for refused in (OTHER, FIRST):
        with pytest.raises(Problem) as said:
            client.sign_log_seal(refused)
        assert (said.value.code, said.value.values) == ("signer-seal-refused", {"number": 2})
    again.terminate()
    assert again.wait(timeout=20) == 0
    mode = (settings.home / "signer" / "log_seal.json").stat().st_mode
    assert mode & 0o077 == 0
