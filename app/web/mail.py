"""The demo's mail folder: letters that a real city would send. Exists only in a demo."""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from pathlib import Path

from flask import Blueprint, Response

from app.context import services
from app.errors import Problem
from app.security import public
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
    return Letter(path.stem, subject, to, at, lines)


@blueprint.get("/mail")
@public
def folder() -> Response:
    newest = sorted(_folder().glob("*.eml"), key=lambda path: path.name, reverse=True)[:MOST]
    return page("mail/folder.html", letters=[_read(path) for path in newest])


@blueprint.get("/mail/<name>")
@public
def letter(name: str) -> Response:
    known = {path.stem: path for path in _folder().glob("*.eml")}
    if name not in known:
        raise Problem("not-found")
    return page("mail/letter.html", letter=_read(known[name]))
