"""Logs say what happened and to which id, never a secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from app import telemetry

SECRETS = [
    "citizen-1@demo.example",
    "Bearer abc.def-123",
    "postgresql://civis_app:hunter2@localhost/civis",
    "0x" + "ab" * 32,
    "FR7630006000011234567890189",
]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    telemetry.configure(stream=stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    telemetry.clear()


def last(stream: io.StringIO) -> dict[str, object]:
    found: dict[str, object] = json.loads(stream.getvalue().splitlines()[-1])
    return found


def test_a_line_is_json_with_the_bound_reference(lines: io.StringIO) -> None:
    telemetry.bind(request_id="7KMPQ-X2BRT")
    telemetry.logger("merchants").info("payment_accepted", payment_id="p-1", amount_cents=320)
    line = last(lines)
    assert line["event"] == "payment_accepted"
    assert line["request_id"] == "7KMPQ-X2BRT"
    assert line["amount_cents"] == 320
    assert line["level"] == "info"
    assert line["logger"] == "merchants"


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_hidden_wherever_it_stands(lines: io.StringIO, secret: str) -> None:
    log = telemetry.logger("x")
    hidden = secret.removeprefix("Bearer ").removeprefix("postgresql://civis_app:")[:7]
    event = f"said {secret}"
    log.info(event, detail=secret, nested={"deep": [secret]})
    logging.getLogger("library").warning("said %s", secret, extra={"other": secret})
    try:
        int(secret)
    except ValueError:
        log.exception("failed")
    assert hidden not in lines.getvalue()
    assert lines.getvalue().count(telemetry.HIDDEN) >= 6


@pytest.mark.parametrize(
    "name", ["token", "email", "sign_in_code", "Authorization", "signature", "csrf_token", "seed"]
)
def test_a_value_under_a_secret_name_is_hidden(lines: io.StringIO, name: str) -> None:
    telemetry.logger("x").info("said", **{name: "harmless-looking"})
    assert "harmless-looking" not in lines.getvalue()


def test_a_batch_s_public_id_is_kept(lines: io.StringIO) -> None:
    said = f"batch 0x{'ab' * 32}: 2 of 3 deeds are lost"
    telemetry.logger("x").error("incident", detail=said)
    assert last(lines)["detail"] == said
    for other in ("key 0x" + "ab" * 32, "batch 0x" + "ab" * 65):
        assert telemetry.redact(other).endswith(telemetry.HIDDEN)


def test_codes_that_explain_are_kept(lines: io.StringIO) -> None:
    telemetry.logger("x").info("refused", reason_code="counted-twice", problem_code="invalid")
    assert last(lines)["reason_code"] == "counted-twice"
    assert last(lines)["problem_code"] == "invalid"


def test_a_stream_that_nobody_reads_any_more_fails_no_request(
    lines: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    lines.close()
    telemetry.logger("x").info("said", reason_code="none")
    assert "I/O operation on closed file" in capsys.readouterr().err
