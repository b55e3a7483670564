"""Once: the same write sent again gets the same answer and has no second effect.

    @blueprint.post("/payments")
    @requires(Role.MERCHANT)
    @idempotent
    @body(NewPayment)
    ...

Programs send the header Idempotency-Key, forms the hidden field `idempotency_key`. A key counts
within one principal and route. Missing: 400; the first request still running: 409; another body
or address: 422. The key's row, the effect and the sealed answer are one transaction (the
request's, see app.context); an advisory lock that ends with it tells who is first, and the
table's primary key has the last word.

Refusals are not kept: nothing was written, so the same key may be tried again. Rows are kept
48 hours (app.privacy.retention); after that the natural keys of each table still hold.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from flask import Response, current_app, g, request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.context import db_session, is_api, now
from app.driver import Fixed
from app.errors import Problem, on_constraint
from app.privacy.keyed import joined
from app.privacy.service import keyed_hash, open_for_service, seal_for_service

View = Callable[..., Any]

on_constraint("pk_idempotency_key", "idempotency-in-flight")

IDEMPOTENT_MARK = "__civis_idempotent__"
_KEY = re.compile(r"[\x21-\x7e]{8,128}")
_KEPT_HEADERS = ("Content-Type", "Location", "ETag")
_PURPOSE, _BODY = "idempotency", "idempotency-body"
_CLAIM = Fixed("""
    with claim as materialized (select pg_try_advisory_xact_lock(%(number)s) as first)
    select claim.first, kept.body_hash, kept.status, kept.answer, kept.headers
    from claim left join idempotency_key kept
        on kept.principal = %(principal)s and kept.route = %(route)s and kept.key = %(key)s
""")
_KEEP = Fixed("""
    insert into idempotency_key
        (principal, route, key, body_hash, status, answer, headers, created_at)
    values (%(principal)s, %(route)s, %(key)s, %(body_hash)s, %(status)s, %(answer)s,
        cast(%(headers)s as jsonb), %(created_at)s)
""")


class _Kept(NamedTuple):
    """What was once answered."""

    body_hash: bytes
    status: int
    answer: bytes
    headers: dict[str, str]


class _Place(NamedTuple):
    """Where a key counts."""

    principal: str
    route: str
    key: str

    def lock_number(self) -> int:
        digest = hashlib.sha256(joined(self.principal, self.route, self.key)).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


def idempotent(view: View) -> View:
    """Makes a write safe to send again; belongs between the auth decorator and @body."""

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        session, place, body_hash = db_session(), _place(), _body_hash()
        earlier = _claim(session, place)
        if earlier is not None:
            return _again(session, place, earlier, body_hash)
        try:
            answer = current_app.make_response(view(*args, **kwargs))
            if answer.status_code < 400:
                _keep(session, place, body_hash, answer)
        except IntegrityError:
            session.rollback()  # the first may have ended while our claim was being asked
            earlier = _claim(session, place)
            if earlier is None:
                raise
            return _again(session, place, earlier, body_hash)
        return answer

    setattr(once, IDEMPOTENT_MARK, True)
    return once


def _place() -> _Place:
    given = request.headers.get("Idempotency-Key")
    if given is None and not is_api():
        given = request.form.get("idempotency_key")
    if given is None or not _KEY.fullmatch(given):
        raise Problem("idempotency-key-missing")
    person, device = g.get("principal"), g.get("device")
    caller = _caller(person) if person else f"device:{device.id}" if device else "public"
    return _Place(caller, f"{request.method} {request.url_rule}", given)


def _caller(person: Any) -> str:
    """Somebody for themselves, and for another, are two: neither reads the other's answer."""
    acting = person.acting
    return f"{acting.person_id}:{person.person_id}" if acting else str(person.person_id)


def _body_hash() -> bytes:
    """What must be the same the second time: address, query and content. Keyed, since a PIN in a
    form would be found by trying them all."""
    if request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        fields = request.form.items(multi=True)
        kept = sorted(item for item in fields if item[0] not in {"csrf_token", "idempotency_key"})
        content = json.dumps([*kept, *_file_hashes()]).encode()
    else:
        content = request.get_data(cache=True)
    return keyed_hash(db_session(), _BODY, request.path, request.query_string, content)


def _file_hashes() -> list[tuple[str, str]]:
    found = []
    for name, file in sorted(request.files.items(multi=True), key=lambda item: item[0]):
        found.append((name, hashlib.file_digest(file.stream, "sha256").hexdigest()))  # type: ignore[arg-type]
        file.stream.seek(0)
    return found


def _claim(session: Session, place: _Place) -> _Kept | None:
    """The earlier answer under this key; None for the first, who now holds the lock."""
    values = {**place._asdict(), "number": place.lock_number()}
    [(first, *kept)] = _CLAIM.rows(session, values)
    if not first:
        raise Problem("idempotency-in-flight", headers={"Retry-After": "1"})
    return None if kept[0] is None else _Kept(*kept)


def _keep(session: Session, place: _Place, body_hash: bytes, answer: Response) -> None:
    sealed = seal_for_service(
        session, _PURPOSE, answer.get_data(), place.principal, place.route, place.key
    )
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    kept = {
        **place._asdict(),
        "body_hash": body_hash,
        "status": answer.status_code,
        "answer": sealed,
        "headers": json.dumps(headers),
        "created_at": now(),
    }
    _KEEP.rows(session, kept)


def _again(session: Session, place: _Place, row: _Kept, body_hash: bytes) -> Response:
    if row.body_hash != body_hash:
        raise Problem("idempotency-other-body")
    content = open_for_service(
        session, _PURPOSE, row.answer, place.principal, place.route, place.key
    )
    answer = Response(content, status=row.status)
    answer.headers.update(row.headers)
    answer.headers["Idempotent-Replayed"] = "true"
    return answer
