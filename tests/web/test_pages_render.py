"""Each page that a citizen opens renders in both languages, plurals with values included."""

from __future__ import annotations

from app.application import build
from app.identity import service as identity
from app.identity.models import Role
from app.services import Services
from tests.support.city import City
from tests.support.signer import write_deployment

PAGES = ("/", "/me", "/help", "/figures", "/figures?indicator=11.6.1", "/verify", "/your-data")


def test_a_citizen_s_pages_render_in_both_languages(services: Services) -> None:
    write_deployment(services.settings)
    with services.database.transaction() as session:
        now = services.clock.now(session)
        city = City(session, now)
        city.programme()
        person = city.citizen()
        identity.grant_role(session, person_id=person.id, role=Role.CITIZEN, now=now)
        token = identity.open_session(session, person.id, "api", now)
    client = build(services.settings, parts=services).test_client()
    for path in PAGES:
        for language in ("en", "fr"):
            headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
            answer = client.get(path, headers=headers)
            assert answer.status_code == 200, path
            assert f'<html lang="{language}">' in answer.text
