"""Logs as JSON lines on standard output, each with the request's reference, none with secrets.

    log = telemetry.logger("merchants")
    log.info("payment_accepted", payment_id=str(payment.id))

Log ids and codes, never values of people. As a second line of defence, keys that sound like
secrets and texts that look like tokens, keys or addresses of people are replaced.
"""

from __future__ import annotations

import logging
import re
import sys
from contextlib import nullcontext
from functools import lru_cache
from json import JSONEncoder
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

HIDDEN = "[hidden]"
_SECRET_NAME = re.compile(
    r"(?i)(secret|token|password|passphrase|authorization|cookie|private|signature|sealed"
    r"|code$|^code_|e_?mail|iban|seed|csrf|api_?key|idempotency)"
)
_KEPT_NAMES = {"reason_code", "status_code", "problem_code", "exit_code"}
_SECRET_TEXT = re.compile(
    r"(?i)bearer\s+\S+"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"  # an e-mail address
    r"|(?<!\bbatch )\b0x[0-9a-f]{64}\b"  # a private key; a batch's id is public
    r"|\b0x[0-9a-f]{65,}\b"  # a signature
    r"|(?<=://)[^/@\s:]+:[^@\s]+(?=@)"  # user and password in a URL
    r"|\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b"  # an IBAN
)


@lru_cache(maxsize=1024)
def _names_a_secret(name: str) -> bool:
    return name not in _KEPT_NAMES and _SECRET_NAME.search(name) is not None


def redact(value: Any, name: str = "") -> Any:
    """The value without secrets; nested dictionaries and lists too."""
    if name and _names_a_secret(name):
        return HIDDEN
    if isinstance(value, dict):
        return {key: redact(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    if isinstance(value, bytes):
        return HIDDEN
    return _SECRET_TEXT.sub(HIDDEN, value) if isinstance(value, str) else value


def _redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: redact(value, key) for key, value in event.items()}


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _redact_event,
]


_JSON = JSONEncoder(default=str)


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return _JSON.encode(event)


class _Lines:
    """Where finished lines of ours go: to the stream of the standard library's handler, whose
    records and formatting would cost each request more than all else that a line needs."""

    def __init__(self, handler: logging.StreamHandler[TextIO], name: str) -> None:
        self._handler, self.name = handler, name

    def _write(self, line: str) -> None:
        try:
            with self._handler.lock or nullcontext():
                self._handler.stream.write(line + "\n")
                self._handler.flush()
        except (OSError, ValueError):  # nobody reads any more: no request fails for it
            self._handler.handleError(logging.makeLogRecord({"msg": line}))

    debug = info = warning = error = critical = _write


def configure(*, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Sends structlog's and the standard library's records the same way; once per process."""
    handler = logging.StreamHandler(stream or sys.stdout)
    structlog.configure(
        processors=[*_SHARED, _as_json],
        logger_factory=lambda name: _Lines(handler, name),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *_SHARED],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _as_json],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.getLogger("httpx").setLevel("WARNING")  # it logs whole addresses, keys included


def logger(name: str) -> FilteringBoundLogger:
    bound: FilteringBoundLogger = structlog.get_logger(name)
    return bound


def bind(**values: Any) -> None:
    """Values that every later line of this request or job carries."""
    structlog.contextvars.bind_contextvars(**values)


def clear() -> None:
    structlog.contextvars.clear_contextvars()
