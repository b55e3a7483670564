"""The till keeps a slip of what was accepted, and gives back by itself what a restore took away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from playwright.sync_api import Browser, Page, expect

from app.config import DatabaseRole
from app.outbox.operator import By, pause_key, resume_key
from tests.browser.conftest import address, world_of
from tests.browser.test_till_page import paid
from tests.support.browser import losing_page
from tests.support.processes import eventually
from tests.support.system import System

OPERATOR = By("tests", "a payment that no transaction carries yet")
STORE = """import("/static/js/database.js").then(({ storeOf }) => {
    const run = storeOf("civis-slips", "slips", "id");
    return %s;
})"""
KEPT = "run('readonly', (store) => store.getAll())"
FOREIGN = """run('readonly', (store) => store.getAll()).then(([one]) => {
    const id = "00000000-0000-7000-8000-000000000007";
    return run('readwrite', (store) => store.put({ ...one, id, code: "XXXX", slip: "AAAA" }));
})"""
# As a backup from before the payment has it.
FORGET = """
    delete from outbox_item where key in
      (select encode(id, 'hex') from payment_order where payment_id = %(id)s);
    delete from hold where reference in (select id from payment_order where payment_id = %(id)s);
    delete from payment_order where payment_id = %(id)s;
    delete from payment where id = %(id)s
"""
HELD = """
    select p.state, h.amount_cents, i.state from payment p
    join payment_order o on o.payment_id = p.id
    left join hold h on h.reference = o.id and h.ended_at is null
    left join outbox_item i on i.key = encode(o.id, 'hex') and i.kind = 'settle_orders'
    where p.id = %(id)s
"""


@contextmanager
def _nothing_settles(city: System) -> Iterator[None]:
    with world_of(city) as world:
        database = world.parts.database
        with database.transaction() as session:
            pause_key(session, "settler", OPERATOR, world.now(session))
        try:
            yield
        finally:
            with database.transaction() as session:
                resume_key(session, "settler", OPERATOR, world.now(session))


def _asked(city: System, statement: str, payment_id: str) -> list[tuple[Any, ...]]:
    url = city.settings.database_url(DatabaseRole.MIGRATOR).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        for one in statement.split(";"):
            found = connection.execute(one.encode(), {"id": payment_id})
        return found.fetchall() if found.description else []


def _kept(tab: Page) -> list[str]:
    """The codes of the slips in this browser."""
    return sorted(one["code"] for one in tab.evaluate(STORE % KEPT))


def test_a_forgotten_payment_is_handed_in_once_and_what_is_refused_is_told(
    chromium: Browser, city: System
) -> None:
    with losing_page(chromium, locale="en-GB") as tab:
        with _nothing_settles(city):
            code = paid(tab, city, "0,60")
            payment = tab.url.rpartition("/")[2]
            assert eventually(lambda: code in _kept(tab))
            for one in tab.evaluate(STORE % KEPT):
                assert set(one) == {"id", "code", "slip", "shop", "at"}
            before = _asked(city, HELD, payment)
            assert before == [("accepted", 60, "waiting")]
            _asked(city, FORGET, payment)
            assert _asked(city, HELD, payment) == []
            tab.evaluate(STORE % FOREIGN)
            _back_at_the_till(tab, city)
            assert _asked(city, HELD, payment) == before, "there again, and once"
            _told_in_french(tab, city)
            assert _asked(city, HELD, payment) == before
        assert eventually(lambda: _asked(city, HELD, payment)[0][0] == "settled", 120)
        tab.goto(f"{address(city)}/till")
        assert eventually(lambda: code not in _kept(tab)), "what is settled is kept no longer"
        assert "XXXX" in _kept(tab)


def _back_at_the_till(tab: Page, city: System) -> None:
    tab.goto(f"{address(city)}/till")
    said = tab.locator("#slips")
    expect(said).to_contain_text("had forgotten one accepted payment: this till has handed it in")
    expect(said.locator("li")).to_have_text("XXXX · This slip is not ours, or too old")
    tab.goto(f"{address(city)}/till")
    expect(said.locator("li")).to_be_visible()  # until the month is over
    expect(said.get_by_text("had forgotten")).to_be_hidden()


def _told_in_french(tab: Page, city: System) -> None:
    tab.goto(f"{address(city)}/till?lang=fr")
    expect(tab.locator("#slips")).to_contain_text("après une restauration, et refusé")
