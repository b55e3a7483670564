"""The demo's mail folder: letters that a real city would send. Exists only in a demo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path

from flask import Blueprint, Response, request, url_for

from app.context import services
from app.errors import Problem
from app.security import public
from app.web import formats
from app.web.shell import page

blueprint = Blueprint("mail", __name__)
MOST = 50


@dataclass(frozen=True)
class Letter:
    name: str
    subject: str
    to: str
    at: str
    lines: list[str]


def _folder() -> Path:
    """Raises not-found outside the demo: a real person's letters are nobody's to show."""
    if not services().settings.demo:
        raise Problem("not-found")
    return services().settings.mail.folder


def _read(path: Path) -> Letter:
    message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    body = message.get_body(preferencelist=("plain",))
    lines = body.get_content().splitlines() if body else []
    subject, to, at = (str(message[name] or "") for name in ("Subject", "To", "Date"))
    when = formats.moment(parsedate_to_datetime(at)) if at else ""
    return Letter(path.stem, subject, to, when, lines)


@blueprint.get("/mail")
@public
def folder() -> Response:
    """Newest first; `to`: a part of the address; `before`: the last of the page before."""
    to, before = request.args.get("to", "").strip().lower(), request.args.get("before", "")
    found = list(islice(_newest(to, before), MOST + 1))
    shown, more = found[:MOST], len(found) > MOST
    older = url_for("mail.folder", to=to or None, before=shown[-1].name) if more else None
    return page("mail/folder.html", letters=shown, to=to, before=before, next_url=older)


def _newest(to: str, before: str) -> Iterator[Letter]:
    """Read one by one: a city writes many."""
    for path in sorted(_folder().glob("*.eml"), key=lambda path: path.name, reverse=True):
        if before and path.stem >= before:
            continue
        one = _read(path)
        if to in one.to.lower():
            yield one


@blueprint.get("/mail/<name>")
@public
def letter(name: str) -> Response:
    known = {path.stem: path for path in _folder().glob("*.eml")}
    if name not in known:
        raise Problem("not-found")
    return page("mail/letter.html", letter=_read(known[name]))
