"""Whatever is typed or sent into any field of any route: an answer below 500, by who may use it.

Fields come from the schemas of the API and the names on the pages, so a new one is tried as well.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from app.context import Application
from app.openapi import DOCUMENT_MARK, Declared
from tests.rules.route_list import COMMITTED
from tests.support.belongings import Belongings
from tests.support.strangers import DEVICE, Strangers, path_of

ROUTES = [tuple(line.split()[:3]) for line in COMMITTED.read_text(encoding="utf-8").splitlines()]
TEMPLATES = Path(__file__).parents[2] / "app/web/templates"
TYPED = {
    "superscript": "²", "long number": "9" * 5000, "power": "1e999", "bracket": "//[",
    "turned": "\u202e\U0001f600" * 50, "last day": "9999-12-31", "hexadecimal": "0x" + "f" * 130,
    "markup": '{"a": [1]} %s {0.x} <b>',
}  # fmt: skip
SENT: dict[str, Any] = {
    "null": None, "true": True, "minus": -1, "fraction": 1.5, "huge": 2**200, "list": [[]],
    "object": {"a": {}}, "text": "²", "long text": "x" * 70_000, "turned": "\u202e",
    "last moment": "9999-12-31T23:59:59Z", "first moment": "0001-01-01T00:00:00+14:00",
    "hexadecimal": "0x" + "f" * 64,
}  # fmt: skip


def who_may(auth: str) -> str:
    return "citizen" if auth in {"public", "signed-in"} else auth.split(",", maxsplit=1)[0]


def fields_of_pages() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")]
    names = {name for text in texts for name in re.findall(r'name="([a-z_]+)"', text)}
    return names - {"csrf_token", "idempotency_key", "viewport"}


@pytest.mark.parametrize("kind", TYPED)
def test_no_form_breaks(kind: str, owned: Belongings, others: Strangers) -> None:
    form = dict.fromkeys(fields_of_pages(), TYPED[kind])
    assert len(form) > 30
    for rule, method, auth in ROUTES:
        if method == "POST" and not rule.startswith("/api/"):
            answer = others.ask(who_may(auth), method, path_of(rule, owned), form)
            assert answer.status_code < 500 or rule.startswith("/demo"), rule


@pytest.mark.parametrize("kind", SENT)
def test_no_body_breaks(kind: str, owned: Belongings, others: Strangers) -> None:
    tried = 0
    for rule, method, auth in ROUTES:
        declared = _declared(others.app, rule, method)
        if not rule.startswith("/api/") or declared is None or declared.body is None:
            continue
        if declared.body_media != "application/json":
            continue
        body = dict.fromkeys(declared.body().fields, SENT[kind])
        who = DEVICE if auth == DEVICE else who_may(auth)
        answer = others.ask(who, method, path_of(rule, owned), [body] if kind == "list" else body)
        assert answer.status_code < 500, rule
        tried += 1
    assert tried > 35


@pytest.mark.parametrize("kind", ["superscript", "long number", "bracket", "turned"])
def test_no_query_breaks(kind: str, owned: Belongings, others: Strangers) -> None:
    names = ("cursor", "limit", "lang", "next", "then", "months", "indicator", "visit", "done",
             "again", "short_code", "amount", "year", "month", "day", "label")  # fmt: skip
    for rule, method, auth in ROUTES:
        if method == "GET" and auth != DEVICE:
            client = others.app.test_client()
            client.set_cookie("civis", others.tokens[who_may(auth)])
            answer = client.get(
                path_of(rule, owned), query_string=dict.fromkeys(names, TYPED[kind])
            )
            assert answer.status_code < 500, rule


def _declared(app: Application, rule: str, method: str) -> Declared | None:
    for one in app.url_map.iter_rules():
        if one.rule == rule and method in (one.methods or ()):
            return getattr(app.view_functions[one.endpoint], DOCUMENT_MARK, None)
    return None
