"""Each page that a citizen opens renders in both languages, plurals with values included."""

from __future__ import annotations

import re
from html import unescape

import pytest

from app.application import build
from app.identity import service as identity
from app.identity.models import Role
from app.impact.catalogue import catalogue
from app.services import Services
from app.web.citizen.ideas import GROUPS, ideas
from tests.support.city import RULES, City
from tests.support.signer import write_deployment

PAGES = (
    "/", "/me", "/me/representatives", "/me/age", "/help", "/figures",
    "/figures?indicator=11.6.1", "/figures/kinds", "/verify", "/your-data",
)  # fmt: skip


@pytest.fixture
def new_citizen(services: Services) -> str:
    """The token of somebody who has done nothing yet, in a city whose programme runs."""
    write_deployment(services.settings)
    with services.database.transaction() as session:
        now = services.clock.now(session)
        city = City(session, now)
        city.programme()
        person = city.citizen()
        identity.grant_role(session, person_id=person.id, role=Role.CITIZEN, now=now)
        return identity.open_session(session, person.id, "api", now)


def test_a_citizen_s_pages_render_in_both_languages(services: Services, new_citizen: str) -> None:
    token, client = new_citizen, build(services.settings, parts=services).test_client()
    for path in PAGES:
        for language in ("en", "fr"):
            headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
            answer = client.get(path, headers=headers)
            assert answer.status_code == 200, path
            assert f'<html lang="{language}">' in answer.text


def test_an_empty_account_shows_every_kind_of_deed_in_folded_groups(
    services: Services, new_citizen: str
) -> None:
    client = build(services.settings, parts=services).test_client()
    headers = {"Authorization": f"Bearer {new_citizen}", "Accept-Language": "en"}
    page = unescape(client.get("/me", headers=headers).text)
    folds = re.findall(r"<details><summary>([^:]+): (\d+) kinds?.*?</details>", page, re.DOTALL)
    assert [name for name, _ in folds] == [str(name) for name in GROUPS.values()]
    assert sum(int(number) for _, number in folds) == len(catalogue().action_types())
    for kind in catalogue().action_types():
        assert page.count(f"<li>{kind.name['en']}:") == 1, kind.id


def test_a_kind_that_brings_no_token_is_shown_too() -> None:
    kinds = {kind.category for kind in catalogue().action_types()}
    assert kinds == set(GROUPS)
    first, *_ = ideas({**RULES, "rates": []})
    assert all(line.endswith(": no token.") for line in first.lines)
