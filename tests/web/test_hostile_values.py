"""Whatever is typed or sent into any field of any route: an answer below 500, by who may use it.

Fields of bodies come from the API's schemas; a form's field has the value whatever its name is when
it is asked for. So a new one is tried as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict

from app.context import Application
from app.openapi import DOCUMENT_MARK, Declared
from tests.rules.route_list import COMMITTED
from tests.support.belongings import Belongings
from tests.support.strangers import DEVICE, Strangers, path_of

ROUTES = [tuple(line.split()[:3]) for line in COMMITTED.read_text(encoding="utf-8").splitlines()]
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


class Whatever(ImmutableMultiDict[str, str]):
    """A form or query that has every field: those that were sent, any other with one value."""

    value: ClassVar[str] = ""
    asked: ClassVar[set[str]] = set()

    def getlist(self, key: str, type: Any = None) -> list[Any]:  # noqa: A002 - its name there
        """All other ways of reading one end here."""
        self.asked.add(key)
        sent: Any = super().getlist(key) or [self.value]
        return MultiDict[str, Any]({key: sent}).getlist(key, type)

    def get(  # type: ignore[override]
        self,
        key: str,
        default: Any = None,
        type: Any = None,  # noqa: A002 - its name there
    ) -> Any:
        return next(iter(self.getlist(key, type)), default)

    def __getitem__(self, key: str) -> str:
        return str(self.get(key))

    def __contains__(self, key: object) -> bool:
        return True

    def to_dict(self, flat: bool = True) -> dict[str, Any]:  # noqa: ARG002
        return Read(self)


class Read(dict[str, str]):
    """The same where a page's code has made a dictionary of it."""

    def __init__(self, whatever: Whatever) -> None:
        super().__init__({key: whatever[key] for key in whatever})
        self._whatever = whatever

    def get(self, key: str, default: Any = None) -> Any:
        return self._whatever.get(key, default)

    def __missing__(self, key: str) -> str:
        return self._whatever[key]


@contextmanager
def asked_for(app: Application, value: str) -> Iterator[set[str]]:
    """Whatever a request is asked for is this; the names that were asked for."""

    class Request(app.request_class):  # type: ignore[name-defined,misc]
        parameter_storage_class = Whatever

        @property
        def files(self) -> ImmutableMultiDict[str, FileStorage]:
            """None was sent, and a text is none."""
            return ImmutableMultiDict()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "request_class", Request)
        patch.setattr(Whatever, "value", value)
        patch.setattr(Whatever, "asked", set())
        yield Whatever.asked


@pytest.mark.parametrize("kind", TYPED)
def test_no_form_breaks(kind: str, owned: Belongings, others: Strangers) -> None:
    broken: list[str] = []
    with asked_for(others.app, TYPED[kind]) as names:
        for rule, method, auth in ROUTES:
            if method == "POST" and not rule.startswith("/api/"):
                answer = others.ask(who_may(auth), method, path_of(rule, owned))
                if answer.status_code >= 500 and not rule.startswith("/demo"):
                    broken.append(rule)
    assert broken == []
    assert names > {"iban", "amount", "rate_bike-trip", "pin"}


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
    broken: list[str] = []
    sent = {"lang": TYPED[kind]}  # what a page takes along from the address as it is
    with asked_for(others.app, TYPED[kind]) as names:
        for rule, method, auth in ROUTES:
            if method == "GET" and auth != DEVICE:
                client = others.app.test_client()
                client.set_cookie("civis", others.tokens[who_may(auth)])
                answer = client.get(path_of(rule, owned), query_string=sent)
                if answer.status_code >= 500:
                    broken.append(rule)
    assert broken == []
    assert names > {"cursor", "next", "months", "indicator"}


def _declared(app: Application, rule: str, method: str) -> Declared | None:
    for one in app.url_map.iter_rules():
        if one.rule == rule and method in (one.methods or ()):
            return getattr(app.view_functions[one.endpoint], DOCUMENT_MARK, None)
    return None
