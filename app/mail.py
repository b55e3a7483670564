"""Letters: written as a row with the effect they announce, sent by a worker, never in between.

    queue_letter(session, to=address, subject=..., text=..., now=now)   in the use case
    send_waiting(parts)                                                 in the worker

With SMTP_URL they leave by SMTP (with TLS unless the server is this very machine); without, they
are files `*.eml` in the mail folder, which the demo shows. A letter may arrive twice when the
machine dies between sending and noting it; its Message-ID is the same then. What fails for more
than a day is kept, not tried again, and an incident: one per day, however many letters.
"""

from __future__ import annotations

import json
import os
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import letter_times, telemetry
from app.db import uuid7
from app.mail_models import OutgoingMail
from app.mail_settings import Mail
from app.outbox.service import report_incident
from app.privacy.keys import KeyDestroyed
from app.privacy.service import SealBroken, open_for_service, seal_for_service
from app.services import Services
from app.typography import with_breaks_kept

log = telemetry.logger("mail")
SITE = "civis-site:"  # stands in a letter's text for this installation's address
AUTHORITY = "civis-authority:"  # for whom people can complain to
MAX_TRIES = 12
FOR_GOOD = timedelta(days=365 * 100)
_PURPOSE = "mail"
UNREADABLE = (KeyDestroyed, SealBroken)  # nothing was sent for days, or the month's key was lost
# An address or a text that no message can be made of stops no other letter either.
UNSENT = (OSError, smtplib.SMTPException, ValueError, LookupError, HeaderParseError)
_TIMEOUT_SECONDS = 20


@dataclass(frozen=True)
class Letter:
    """One letter on its way."""

    id: UUID
    to: str
    subject: str
    text: str
    written_at: datetime


def queue_letter(session: Session, *, to: str, subject: str, text: str, now: datetime) -> UUID:
    """Sealed into `outgoing_mail` in the caller's transaction. Raises ValueError for line ends."""
    if len((to + subject).splitlines()) != 1:
        raise ValueError("receiver and subject of a letter are one line each")
    letter_id = uuid7()
    content = json.dumps({"to": to, "subject": subject, "text": text}).encode()
    sealed = seal_for_service(session, _PURPOSE, content, letter_id.bytes)
    session.add(OutgoingMail(id=letter_id, sealed=sealed, created_at=now, not_before=now))
    return letter_id


def send_waiting(parts: Services, *, most: int = 100) -> int:
    """Sends what is due; returns how many letters left."""
    sent = 0
    _give_up(parts)
    for _ in range(most):
        letter = _claim(parts)
        if letter is None:
            break
        sent += _send_one(parts, letter)
    return sent


def _claim(parts: Services) -> Letter | None:
    """The next letter due, put off first: if we die now, it is tried again later."""
    with parts.database.transaction() as session:
        now = parts.clock.now(session)
        due = select(OutgoingMail).where(
            col(OutgoingMail.not_before) <= now, col(OutgoingMail.tries) < MAX_TRIES
        )
        first = due.order_by(col(OutgoingMail.not_before), col(OutgoingMail.id)).limit(1)
        row = session.scalar(first.with_for_update(skip_locked=True))
        if row is None:
            return None
        row.tries += 1
        row.not_before = now + timedelta(minutes=min(2**row.tries, 360))
        try:
            content = json.loads(open_for_service(session, _PURPOSE, row.sealed, row.id.bytes))
        except UNREADABLE as error:  # it holds up no other letter
            row.tries, row.not_before, row.last_error = MAX_TRIES, now, type(error).__name__
            return None
        text = content["text"].replace(SITE, parts.settings.public_url)
        text = text.replace(AUTHORITY, str(parts.settings.authority))
        text = letter_times.in_words(text, parts.settings.time_zone)
        content |= {"text": with_breaks_kept(text), "subject": with_breaks_kept(content["subject"])}
        return Letter(id=row.id, written_at=row.created_at, **content)


def _give_up(parts: Services) -> None:
    """Also of a letter whose last try was cut short by the machine's end."""
    with parts.database.transaction() as session:
        now = parts.clock.now(session)
        tried = select(OutgoingMail).where(
            col(OutgoingMail.not_before) <= now, col(OutgoingMail.tries) >= MAX_TRIES
        )
        rows = session.scalars(tried.limit(1000).with_for_update(skip_locked=True)).all()
        for row in rows:
            row.not_before = now + FOR_GOOD
        if rows:
            report_incident(
                session,
                code="letters_given_up",
                detail=f"{len(rows)} of this round, the first {rows[0].id}: {rows[0].last_error}",
                now=now,
                reference=f"{now:%Y-%m-%d}",
            )


def _send_one(parts: Services, letter: Letter) -> bool:
    try:
        deliver(parts.settings.mail, letter)
    except UNSENT as error:
        log.warning("letter_failed", letter_id=str(letter.id), kind=type(error).__name__)
        with parts.database.transaction() as session:
            session.get_one(OutgoingMail, letter.id).last_error = type(error).__name__
        return False
    with parts.database.transaction() as session:
        session.delete(session.get_one(OutgoingMail, letter.id))
    return True


def forget(session: Session, mail: Mail, address: str) -> int:
    """Letters to somebody who left: the waiting ones, and those in the folder; how many.

    What an SMTP server took is at its receiver's. Few letters wait at any time.
    """
    rows = session.scalars(select(OutgoingMail).with_for_update(skip_locked=True)).all()
    theirs = [row for row in rows if _receiver(session, row) == address]
    for row in theirs:
        session.delete(row)
    session.flush()
    return len(theirs) + _forget_files(mail, address)


def _receiver(session: Session, row: OutgoingMail) -> str | None:
    """None for one that no key opens any more."""
    try:
        content = json.loads(open_for_service(session, _PURPOSE, row.sealed, row.id.bytes))
    except UNREADABLE:
        return None
    return str(content["to"])


def _forget_files(mail: Mail, address: str) -> int:
    if mail.smtp_url is not None or not mail.folder.is_dir():
        return 0
    theirs = [path for path in mail.folder.glob("*.eml") if _is_to(path, address)]
    for path in theirs:
        path.unlink(missing_ok=True)
    return len(theirs)


def _is_to(path: Path, address: str) -> bool:
    try:
        return str(message_from_bytes(path.read_bytes(), policy=default)["To"]) == address
    except FileNotFoundError:
        return False


def deliver(mail: Mail, letter: Letter) -> None:
    """Hands one letter over. Raises OSError or SMTPException."""
    message = EmailMessage()
    message["From"] = mail.sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.id}@{mail.sender.rpartition('@')[2]}>"
    message.set_content(letter.text)
    if mail.smtp_url is None:
        _write(mail.folder, letter, bytes(message))
    else:
        _hand_over(mail.smtp_url, message)


def _write(folder: Path, letter: Letter, content: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{letter.written_at:%Y%m%dT%H%M%S}-{letter.id}.eml"
    draft = folder / f".{name}.draft"  # nobody who looks for letters finds it
    with suppress(FileNotFoundError):
        draft.unlink()
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.rename(folder / name)


def _hand_over(smtp_url: str, message: EmailMessage) -> None:
    url = urlsplit(smtp_url)
    host, tls = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, url.port or 465, timeout=_TIMEOUT_SECONDS, context=tls
        )
    else:
        server = smtplib.SMTP(host, url.port or 587, timeout=_TIMEOUT_SECONDS)
    with server:
        if url.scheme != "smtps" and host not in {"localhost", "127.0.0.1", "::1"}:
            server.starttls(context=tls)
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)
