"""What a route takes and gives, declared once: checked at run time and shown in the document.

    @body(NewPayment)              the JSON body, checked, as the argument `body`
    @body(NewAcceptance, optional=True)   no body at all is taken as {}
    @query(PaymentFilter)          the query string, checked, as the argument `query`
    @answers(PaymentOut, status=201)   the returned object, dumped; (object, headers) too
    @answers(None, status=204)     no content
    @answers(PaymentOut, etag=True)    a read that pages poll: 304 when nothing changed
    load_form(NewPayment)          the fields of a page's form, by the same schema

A view's docstring is its description. Schemas: app.fields. A list is
`@answers(PaymentPage)` with `items` and `next_cursor`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from flask import Response, g, request
from marshmallow import Schema

from app.errors import Problem
from app.json_depth import TOO_DEEP, TOO_LONG, TooDeepError, Unlike, check_depth

AnyView = Callable[..., Any]

DOCUMENT_MARK = "__civis_openapi__"
MAX_DIGITS = 78  # 2**256 has that many
_FORM_OWN = {"csrf_token", "idempotency_key"}


@dataclass
class Declared:
    """What the decorators of one view said."""

    body: type[Schema] | None = None
    query: type[Schema] | None = None
    answer: type[Schema] | None = None
    status: int = 200
    media: str = "application/json"
    body_media: str = "application/json"
    body_optional: bool = False
    etag: bool = False


def declared(view: AnyView) -> Declared:
    if not hasattr(view, DOCUMENT_MARK):
        setattr(view, DOCUMENT_MARK, Declared())
    return cast("Declared", getattr(view, DOCUMENT_MARK))


def body(schema: type[Schema], *, optional: bool = False) -> Callable[[AnyView], AnyView]:
    checker = schema()

    def decorate(view: AnyView) -> AnyView:
        noted = declared(view)
        noted.body, noted.body_optional = schema, optional

        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            given = read_json() if not optional or request.get_data(cache=True) else {}
            return view(*args, body=checker.load(given), **kwargs)

        return checked

    return decorate


def query(schema: type[Schema]) -> Callable[[AnyView], AnyView]:
    checker = schema()

    def decorate(view: AnyView) -> AnyView:
        declared(view).query = schema

        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            given = {name: value for name, value in request.args.items() if name != "lang"}
            return view(*args, query=checker.load(given), **kwargs)

        return checked

    return decorate


def answers(
    schema: type[Schema] | None, *, status: int = 200, etag: bool = False
) -> Callable[[AnyView], AnyView]:
    """Dumps what the view returns: an object, or an object and headers; a Response passes."""
    dumper = schema() if schema is not None else None

    def decorate(view: AnyView) -> AnyView:
        noted = declared(view)
        noted.answer, noted.status, noted.etag = schema, status, etag

        @wraps(view)
        def answered(*args: Any, **kwargs: Any) -> Response:
            given = view(*args, **kwargs)
            if isinstance(given, Response):
                return given
            value, headers = given if isinstance(given, tuple) else (given, {})
            content = "" if dumper is None else json.dumps(dumper.dump(value), ensure_ascii=False)
            response = Response(content, status=status, mimetype="application/json")
            response.headers.update(headers)
            return _with_etag(response) if etag else response

        return answered

    return decorate


def streams(media: str, *, status: int = 200) -> Callable[[AnyView], AnyView]:
    """Documents an answer that the view builds itself: CSV, NDJSON, XML."""

    def decorate(view: AnyView) -> AnyView:
        noted = declared(view)
        noted.media, noted.status = media, status
        return view

    return decorate


def uploads(media: str) -> Callable[[AnyView], AnyView]:
    """Documents a body that the view reads itself, such as text/csv."""

    def decorate(view: AnyView) -> AnyView:
        declared(view).body_media = media
        return view

    return decorate


def _with_etag(response: Response) -> Response:
    own = g.get("principal") is not None or g.get("device") is not None
    response.headers["Cache-Control"] = "no-store" if own else "private, no-cache"
    response.vary.add("Authorization")
    response.add_etag()
    response.make_conditional(request)
    return response


def load_form(schema: type[Schema]) -> dict[str, Any]:
    """A form's fields through a schema; raises marshmallow.ValidationError."""
    given = {name: text for name, text in request.form.items() if name not in _FORM_OWN}
    return cast("dict[str, Any]", schema().load(given))


def read_json() -> Any:
    """The JSON body. Raises problems for every way in which it can be none."""
    if not request.is_json:
        raise Problem("body-type", expected="application/json")
    try:
        text = request.get_data(cache=True).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("body-not-utf8") from error
    try:
        check_depth(text)
        value = json.loads(text, parse_int=_whole, parse_constant=_refuse_constant)
    except TooDeepError as error:
        raise Problem("body-not-json", line=1, column=1, what=TOO_DEEP) from error
    except json.JSONDecodeError as error:
        raise Problem(
            "body-not-json", line=error.lineno, column=error.colno, what=Unlike(error.msg)
        ) from error
    _refuse_control(value)
    return value


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS + 1:
        raise Problem("body-not-json", line=1, column=1, what=TOO_LONG)
    return int(digits)


def _refuse_constant(name: str) -> Any:
    what = Unlike(f"{name} is not JSON", f"{name} n’est pas du JSON")
    raise Problem("body-not-json", line=1, column=1, what=what)


def _refuse_control(value: Any) -> None:
    """NUL and lone surrogates fit no column; looked for without recursion."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.keys())
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str) and any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in item):
            raise Problem("bad-characters")
