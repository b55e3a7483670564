"""Fixtures for everybody. Each brings up the real thing on a free port and ends it.

postgres    the session's server                 (tests.support.postgres.Cluster)
settings    of a fresh, migrated database        (app.config.Settings, one per module)
services    connected as the application's role  (app.services.Services, one per module)
db          a session that is rolled back        (sqlalchemy Session, one per test)
anvil       an empty node, a block per transaction  (tests.support.anvil.Node, one per module)
city        a small demo city that really runs; for tests/browser and tests/city
                                                 (tests.support.system.System, one per session)
chromium    the browser found on the machine     (playwright Browser, one per session)
page        an empty tab that tolerates no script error  (playwright Page, one per test)
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.orm import Session

from app.config import Settings
from app.journal import Journal
from app.journal import attach as attach_journal
from app.privacy.keys import attach
from app.services import Services, connect
from app.web.catalogues import compile_catalogues
from tests.support.anvil import Node, running_anvil
from tests.support.browser import launched_chromium, strict_page
from tests.support.compiled_pages import share_compiled_pages
from tests.support.lanes import Lanes, turn
from tests.support.network import no_network
from tests.support.postgres import Cluster, running_cluster
from tests.support.system import (
    System,
    end_system,
    killed_while_made,
    start_system,
    wait_ready,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from xdist.remote import Producer


def pytest_sessionstart(session: pytest.Session) -> None:
    """Before anything reads the words of the pages: an outdated catalogue stays in memory.

    Once, by the process that starts the lanes.
    """
    if not hasattr(session.config, "workerinput"):
        compile_catalogues()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    return Lanes(config, log)


@pytest.fixture(scope="session", autouse=True)
def _pages_are_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        share_compiled_pages(patch)
        yield


@pytest.fixture(autouse=True)
def _unit_tests_reach_nobody(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test under tests/unit that opens a connection fails."""
    if Path(__file__).parent / "unit" in request.path.parents:
        with no_network():
            yield
    else:
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    with temporary_home() as home, running_cluster(home) as cluster:
        cluster.migrate_template()
        yield cluster


@pytest.fixture(scope="module")
def settings(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home of its own, so keys of its own; the clock may be moved; no chain unless replaced."""
    home = tmp_path_factory.mktemp("home")
    with postgres.fresh() as database:
        base = Settings.from_env({"CIVIS_HOME": str(home)})
        yield dataclasses.replace(base, database_urls=postgres.urls(database))


@pytest.fixture(scope="module")
def services(settings: Settings) -> Iterator[Services]:
    parts = connect(settings, name="tests")
    yield parts
    parts.database.dispose()


@pytest.fixture
def db(services: Services) -> Iterator[Session]:
    """Commits inside end a savepoint only; nothing is seen by other connections."""
    with services.database.engine.connect() as connection, connection.begin() as outer:
        session = Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        attach(session, services.keyring)
        attach_journal(session, Journal(services.settings.kept.journal))
        with session:
            yield session
        outer.rollback()


@pytest.fixture(scope="module")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running_anvil(tmp_path_factory.mktemp("anvil")) as node:
        yield node


@pytest.fixture(scope="session")
def city() -> Iterator[System]:
    """Parts of it were killed while it was being made; it came about all the same."""
    with temporary_home() as home:
        running = start_system(home, CIVIS_DEMO="small")
        try:
            killed_while_made(running)
            wait_ready(running)
            yield running
        finally:
            end_system(running)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with launched_chromium() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with strict_page(chromium) as tab:
        yield tab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=turn)


class temporary_home:  # noqa: N801 - used as a function
    """A folder that is gone afterwards, also where root made files of nobody's in it."""

    def __enter__(self) -> Path:
        self.folder = Path(tempfile.mkdtemp(prefix="civis-"))
        return self.folder / "home"

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder)
