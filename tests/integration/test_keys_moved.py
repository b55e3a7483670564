"""Key files change their keeper, and the month its key, while people read and write."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.privacy import service
from app.privacy.keys import Keyring, attach
from app.privacy.models import SubjectKey
from app.privacy.retention import rotate_epochs
from app.privacy.service import Actor, Ref
from app.services import Services
from tests.support.security_module import by_module, needs_softhsm, set_to, softhsm

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
REF = Ref("person", "email_sealed", "row-1")


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    with softhsm(tmp_path_factory.mktemp("softhsm")) as given:
        yield given


@needs_softhsm
def test_keys_move_into_the_module_and_are_renewed_while_people_read_and_write(
    services: Services, module: Mapping[str, str]
) -> None:
    home = services.settings.home
    moving = Keyring(home, by_module(module))  # a second process, set anew already
    late = Keyring(home, set_to(**module))  # a third, set to read both, writes by file
    before = _entry(services, services.keyring, NOW)
    assert set(late.kept().values()) == {"file"}
    with _Busy(services, late) as busy:
        busy.wait_for_more()
        assert "master" in moving.move()
        busy.wait_for_more()
        fresh = moving.fresh_epoch(NOW)
        with services.database.session() as session:
            attach(session, moving)
            assert rotate_epochs(session, NOW).epoch == fresh == "2026-11.01"
        busy.wait_for_more()
    assert busy.faults == []
    assert set(late.kept().values()) == {"pkcs11"}
    _check_all_under_the_fresh_key(services, Keyring(home, by_module(module)), before)


def _check_all_under_the_fresh_key(
    services: Services, keyring: Keyring, earlier: tuple[UUID, bytes]
) -> None:
    with services.database.session() as session:
        attach(session, keyring)
        while rotate_epochs(session, NOW).rewrapped:
            """Those that were made while the others were wrapped."""
        used = select(col(SubjectKey.epoch)).distinct()
        assert session.scalars(used).all() == ["2026-11.01"]
        letter = service.seal_for_service(session, "mail", b"letter", "row-1")
        assert service.open_for_service(session, "mail", letter, "row-1") == b"letter"
        december = datetime(2026, 12, 5, tzinfo=UTC)
        rotate_epochs(session, december)
        assert rotate_epochs(session, december).destroyed == ("2026-11", "2026-11.01")
    _read(*earlier)(services, keyring)


class _Busy:
    """People who register, write and read, all the time, in a process that nobody restarts."""

    def __init__(self, services: Services, keyring: Keyring) -> None:
        self.services, self.keyring = services, keyring
        self.faults: list[BaseException] = []
        self._rounds, self._stop = threading.Semaphore(0), threading.Event()
        self._people = [threading.Thread(target=self._live) for _ in range(2)]

    def __enter__(self) -> _Busy:
        for person in self._people:
            person.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for person in self._people:
            person.join()

    def wait_for_more(self) -> None:
        """Until rounds that began after this call are over, however long they take."""
        while self._rounds.acquire(blocking=False):
            """Earlier ones."""
        for _ in range(6):
            assert self._rounds.acquire(timeout=60), self.faults

    def _live(self) -> None:
        earlier = _entry(self.services, self.keyring, NOW)
        try:
            while not self._stop.is_set():
                entry = _entry(self.services, self.keyring, NOW)
                for one in (earlier, entry):
                    _read(*one)(self.services, self.keyring)
                earlier = entry
                self._rounds.release()
        except BaseException as error:  # noqa: BLE001 - said by the test
            self.faults.append(error)


def _entry(services: Services, keyring: Keyring, now: datetime) -> tuple[UUID, bytes]:
    with services.database.transaction() as session:
        attach(session, keyring)
        subject = service.create_subject(session, now)
        return subject, service.seal(session, subject, REF, "hello")


def _read(subject: UUID, value: bytes) -> Callable[[Services, Keyring], None]:
    def read(services: Services, keyring: Keyring) -> None:
        with services.database.transaction() as session:
            attach(session, keyring)
            actor = Actor.system("test")
            text = service.open_sealed(
                session,
                subject,
                REF,
                value,
                purpose="review",
                actor=actor,
            )
            assert text == "hello"

    return read
