"""`civis pay-out`: an operator sees which shop waits for its euros, and pays out what is there."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlmodel import col

from app.config import ConfigError, DatabaseRole
from app.identity.models import Organisation
from app.merchants.models import PayOut
from app.merchants.pay_outs import close_due_periods
from app.merchants.periods import last_week
from app.outbox.models import Incident
from app.outbox.pay_out_command import command
from app.services import Services
from tests.integration.merchants.test_pay_outs import Trade
from tests.support.shop import Shop


def run(services: Services, *words: str) -> Result:
    settings = services.settings
    environ = {
        "CIVIS_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url(DatabaseRole.APP).replace("+psycopg", ""),
        "CHAIN_RPC_URLS": "http://127.0.0.1:1",
        "PUBLIC_URL": "https://civis.example",
    }
    return CliRunner(env=environ).invoke(command, list(words))


@pytest.fixture
def waiting(services: Services) -> tuple[str, str]:
    """Shop and programme: 5.00 and 4.00 are owed, 6.00 are there."""
    with services.database.transaction() as session:
        now = services.clock.now(session)
        shop = Shop(session, now)
        programme, payer = shop.programme(), shop.payer()
        shop.give(payer, programme, 10_000)
        trade = Trade(shop, programme, shop.merchant(programme), payer)
        period, cut_off = last_week(session, now)
        for cents in (500, 400):
            trade.sell(cents, cut_off - timedelta(days=1))
        shop.balance(trade.merchant.address, programme, -300)
        close_due_periods(session, period=period, cut_off=cut_off, now=now)
        found = session.get_one(Organisation, trade.merchant.organisation_id)
        return found.slug, programme.slug


def test_who_waits_is_listed_and_paid_what_is_there_once(
    services: Services, waiting: tuple[str, str]
) -> None:
    shop, programme = waiting
    rows = json.loads(run(services, "list", "--json").stdout)
    [row] = [one for one in rows if one["shop"] == shop]
    assert row["programme"] == programme
    assert "900 cents are owed to it, and 600 are there" in row["detail"]
    assert "900 cents are owed" in run(services, "list").stdout

    done = run(services, "partly", shop, programme, "--reason", "a lost pay-out", "--json")
    assert json.loads(done.stdout.splitlines()[-1])["gross_cents"] == 500
    with services.database.session() as session:
        query = select(PayOut).join(Organisation, col(Organisation.id) == col(PayOut.merchant_id))
        [made] = session.scalars(query.where(col(Organisation.slug) == shop)).all()
        assert made.gross_cents == 500
        about = f"{made.merchant_id}:{made.programme_id}"
        noted = select(Incident).where(
            col(Incident.code) == "pay_out_partly", col(Incident.reference) == about
        )
        [deed] = session.scalars(noted).all()
    assert "a lost pay-out" in deed.detail
    again = run(services, "partly", shop, programme, "--reason", "again")
    assert isinstance(again.exception, ConfigError)
    assert "wait for the next week" in str(again.exception)


def test_a_shop_that_is_not_there_and_no_reason_are_refused(
    services: Services, waiting: tuple[str, str]
) -> None:
    shop, programme = waiting
    for words in ((shop, "none", "--reason", "x"), (shop, programme, "--reason", " ")):
        refused = run(services, "partly", *words)
        assert isinstance(refused.exception, ConfigError)
