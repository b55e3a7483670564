"""`civis draft` takes an administrator's act with arguments that fit, and nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.chain.contracts.artifacts import PLACES
from app.chain.deploying.draft_command import command
from app.chain.deploying.record import Deployment
from app.config import ConfigError

PROGRAMME = "0x" + "ab" * 32
SLIP = "0x5aAeb6053f3E94C9b9A09f33669435E7Ef1BeAed"  # of EIP-55's first: one capital is wrong
SAID = ("--about", "a test")


def run(folder: Path, *words: str) -> str:
    """What it is refused with."""
    stands = Deployment(1, "0x" + bytes(32).hex(), 0, *("0x" + "11" * 20 for _ in PLACES))
    record = folder / "deployment.json"
    record.write_text(json.dumps(asdict(stands)))
    environ = {
        "CIVIS_HOME": str(folder),
        "CHAIN_DEPLOYMENT": str(record),
        "DATABASE_URL": "postgresql://civis_app:x@127.0.0.1:9/civis",
        "PUBLIC_URL": "https://civis.example",
        "CHAIN_RPC_URLS": "http://127.0.0.1:9",
    }
    told = [*words, *SAID, "--to", str(folder / "decision.json")]
    refused = CliRunner(env=environ).invoke(command, told)
    assert isinstance(refused.exception, ConfigError), refused.exception or refused.output
    assert not (folder / "decision.json").exists()
    return str(refused.exception)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("commitBatch", "1"), "it has: handOver(address), setDailyCeiling(bytes32,uint128)"),
        (("setDailyCeiling", PROGRAMME), "takes bytes32, uint128, in this order"),
        (("setDailyCeiling", "0xab", "1"), "bytes32 has 64 hexadecimal digits"),
        (("setDailyCeiling", "0x" + "zz" * 32, "1"), "bytes32 has 64 hexadecimal digits"),
        (("setDailyCeiling", PROGRAMME, "a lot"), "uint128: a lot is no whole number from 0 to 34"),
        (("setDailyCeiling", PROGRAMME, "+1"), "+1 is no whole number"),
        (("setDailyCeiling", PROGRAMME, "1e3"), "1e3 is no whole number"),
        (("setDailyCeiling", PROGRAMME, str(2**128)), "is no whole number from 0 to 34"),
        (("setDailyCeiling", PROGRAMME, "9" * 5000), "is no whole number from 0 to 34"),
        (("handOver", "0x12"), "takes address: 0x12 is no address: 0x and 40 hexadecimal digits"),
        (("handOver", "ab" * 20), "is no address"),
        (("handOver", SLIP), f"{SLIP} has a slip in it"),
    ],
)
def test_what_is_no_act_of_the_administrator_s_is_refused_with_what_is(
    tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    assert why in run(tmp_path, "ActionRegistry", *words)
