"""Letters leave after the effect they announce, once, and lie sealed until then."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.controller import Authority
from app.letter_times import moment
from app.mail import AUTHORITY, MAX_TRIES, SITE, forget, queue_letter, send_waiting
from app.mail_models import OutgoingMail
from app.outbox.models import Incident
from app.privacy.retention import rotate_epochs
from app.services import Services

TO = "citizen-1@demo.example"


@pytest.fixture
def parts(services: Services, tmp_path: Path) -> Iterator[Services]:
    mail = replace(services.settings.mail, folder=tmp_path / "mail", smtp_url=None)
    yield replace(services, settings=replace(services.settings, mail=mail))
    with services.database.transaction() as session:
        session.execute(OutgoingMail.__table__.delete())  # type: ignore[attr-defined]


def queue(parts: Services, subject: str = "Crédité : 3,20") -> None:
    with parts.database.transaction() as session:
        now = parts.clock.now(session)
        queue_letter(session, to=TO, subject=subject, text="Réponse\nà vous\n", now=now)


def waiting(parts: Services) -> int:
    with parts.database.session() as session:
        return session.scalar(select(func.count()).select_from(OutgoingMail)) or 0


def letters(parts: Services) -> list[EmailMessage]:
    files = sorted(parts.settings.mail.folder.glob("*.eml"))
    found = [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [letter for letter in found if isinstance(letter, EmailMessage)]


def test_a_letter_lands_in_the_folder_once(parts: Services) -> None:
    queue(parts)
    assert (send_waiting(parts), send_waiting(parts)) == (1, 0)
    (letter,) = letters(parts)
    assert (letter["To"], letter["Subject"]) == (TO, "Crédité\u00a0: 3,20")
    assert letter.get_content() == "Réponse\nà vous\n"
    assert waiting(parts) == 0
    (file,) = parts.settings.mail.folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_letter_that_is_being_written_is_found_by_nobody(
    parts: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, seen = Path.rename, list[list[EmailMessage]]()

    def look_before(draft: Path, target: Path) -> Path:
        seen.append(letters(parts))
        return rename(draft, target)

    monkeypatch.setattr(Path, "rename", look_before)
    queue(parts)
    assert (send_waiting(parts), seen, len(letters(parts))) == (1, [[]], 1)


def test_what_only_the_installation_knows_is_put_in_when_it_leaves(parts: Services) -> None:
    at = datetime(2026, 12, 3, 13, 5, tzinfo=UTC)
    text = f"{SITE}/me, {moment(at, 'en')}; {AUTHORITY}.\n"
    with parts.database.transaction() as session:
        now = parts.clock.now(session)
        queue_letter(session, to=TO, subject="x", text=text, now=now)
    watch = Authority("BE", "Autorité", "1 rue de la Loi", "https://authority.example")
    brussels = ZoneInfo("Europe/Brussels")
    there = replace(parts.settings, authority=watch, time_zone=brussels)
    assert send_waiting(replace(parts, settings=there)) == 1
    (letter,) = letters(parts)
    when = "Thursday 3 December 2026 at 14:05 (Central European Standard Time)"
    assert letter.get_content() == f"{there.public_url}/me, {when}; {watch}.\n"


def test_what_is_rolled_back_is_never_sent(parts: Services) -> None:
    with parts.database.session() as session:
        now = parts.clock.now(session)
        queue_letter(session, to=TO, subject="x", text="x", now=now)
        session.flush()
    assert send_waiting(parts) == 0


def test_a_waiting_letter_shows_nothing(parts: Services) -> None:
    queue(parts)
    with parts.database.session() as session:
        (row,) = session.scalars(select(OutgoingMail)).all()
    assert TO.encode() not in row.sealed
    assert b"3,20" not in row.sealed


def test_a_letter_that_fails_waits_and_is_sent_later(parts: Services) -> None:
    parts.settings.mail.folder.write_text("in the way of the folder")
    queue(parts)
    assert send_waiting(parts) == 0
    assert waiting(parts) == 1
    parts.settings.mail.folder.unlink()
    assert send_waiting(parts) == 0, "not before its time"
    with parts.database.transaction() as session:
        parts.clock.move(session, hours=1)
    assert send_waiting(parts) == 1
    assert waiting(parts) == 0


def test_a_letter_given_up_is_kept_and_an_incident_once(parts: Services) -> None:
    parts.settings.mail.folder.write_text("in the way of the folder")
    queue(parts)
    queue(parts)
    for _ in range(MAX_TRIES):
        assert send_waiting(parts) == 0
        assert incidents(parts) == []
        with parts.database.transaction() as session:
            parts.clock.move(session, hours=7)
    parts.settings.mail.folder.unlink()
    assert [send_waiting(parts) for _ in range(2)] == [0, 0]
    (incident,) = incidents(parts)
    assert incident.code == "letters_given_up"
    assert incident.detail.startswith("2 of this round")
    assert TO not in incident.detail
    with parts.database.transaction() as session:
        session.get_one(Incident, incident.id).acknowledged_at = parts.clock.now(session)
        parts.clock.move(session, hours=48)
    assert send_waiting(parts) == 0
    assert len(incidents(parts)) == 1, "said once"
    assert waiting(parts) == 2


def test_a_letter_whose_months_key_is_gone_holds_up_no_other(parts: Services) -> None:
    """Nothing was sent for days after the month's end; what is new goes out."""
    before = len(incidents(parts))
    queue(parts, "old")
    with parts.database.transaction() as session:
        later = parts.clock.now(session) + timedelta(days=40)
        for _ in range(2):
            rotate_epochs(session, later)
    queue(parts, "new")
    assert [send_waiting(parts) for _ in range(2)] == [0, 1]
    assert [letter["Subject"] for letter in letters(parts)] == ["new"]
    assert len(incidents(parts)) == before + 1


def test_a_letter_that_no_key_opens_holds_up_no_other_and_nobody_who_leaves(
    parts: Services,
) -> None:
    """Such as after the month's key file was lost, and made anew."""
    queue(parts, "sealed by a key that is lost")
    queue(parts, "new")
    with parts.database.transaction() as session:
        first = session.scalars(select(OutgoingMail).order_by(col(OutgoingMail.id))).all()[0]
        first.sealed = first.sealed[:-1] + bytes([first.sealed[-1] ^ 1])
        assert forget(session, parts.settings.mail, "somebody@demo.example") == 0
    assert [send_waiting(parts) for _ in range(2)] == [0, 1]
    assert [letter["Subject"] for letter in letters(parts)] == ["new"]


def test_an_address_that_no_message_can_name_is_given_up_and_the_others_go(
    parts: Services,
) -> None:
    with parts.database.transaction() as session:
        now = parts.clock.now(session)
        queue_letter(session, to="=?utf-8?q??=@demo.example", subject="never", text="x", now=now)
    queue(parts, "new")
    assert send_waiting(parts) == 1, "Python's own parser meets an IndexError at it"
    assert [letter["Subject"] for letter in letters(parts)] == ["new"]


def incidents(parts: Services) -> list[Incident]:
    with parts.database.session() as session:
        return list(session.scalars(select(Incident)))


def test_a_line_end_in_a_subject_adds_no_header(parts: Services) -> None:
    with pytest.raises(ValueError, match="one line"):
        queue(parts, "Hello\nBcc: other@demo.example")
    assert waiting(parts) == 0


class _Mailbox(socketserver.StreamRequestHandler):
    """Enough of SMTP for one letter."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                content = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.received.append(content)  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@contextmanager
def mailbox() -> Iterator[tuple[int, list[bytes]]]:
    with socketserver.TCPServer(("127.0.0.1", 0), _Mailbox) as server:
        server.received = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], server.received  # type: ignore[attr-defined]
        server.shutdown()


def test_with_smtp_it_is_handed_to_the_server(parts: Services) -> None:
    queue(parts)
    with mailbox() as (port, received):
        mail = replace(parts.settings.mail, smtp_url=f"smtp://127.0.0.1:{port}")
        sender = replace(parts, settings=replace(parts.settings, mail=mail))
        assert send_waiting(sender) == 1
    assert len(received) == 1
    assert TO.encode() in received[0]
    assert waiting(parts) == 0
