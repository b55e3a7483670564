"""A fresh proof by program: for what it is needed, how long it counts, the token that changes."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from app.context import Application
from app.identity import service as identity
from app.identity.models import OrganisationKind, Person, Role
from app.security import auth_of, needs_step_up
from app.services import Services
from tests.support.someone import Someone, code, last_code, letters, with_passkey


@pytest.fixture
def someone(services: Services, application: Application) -> Someone:
    """Signed in by a code, without passkey."""
    made = Someone(services, application.test_client())
    made.client.environ_base["REMOTE_ADDR"] = f"10.7.{len(letters(services)) % 250}.1"
    made.sign_in_by_code()
    return made


def keeps_a_till(someone: Someone) -> None:
    """Some of these routes are for a role; the role alone is not enough."""
    with someone.services.database.transaction() as session:
        now, kind = someone.services.clock.now(session), OrganisationKind.MERCHANT
        slug = uuid4().hex[:20]
        shop = identity.create_organisation(session, slug=slug, kind=kind, name="S", now=now)
        person = UUID(someone.get("/me").get_json()["id"])
        role = {"role": Role.MERCHANT, "organisation_id": shop.id}
        identity.grant_role(session, person_id=person, now=now, **role)  # type: ignore[arg-type]


def test_every_route_that_needs_a_proof_refuses_a_session_without(
    someone: Someone, application: Application
) -> None:
    """Those of the staff are in tests/web/test_counter_api.py and test_emergencies.py."""
    keeps_a_till(someone)
    guarded = [
        (rule.rule.replace("<uuid:passkey_id>", str(uuid4())), "GET" in (rule.methods or ()))
        for rule in application.url_map.iter_rules()
        if needs_step_up(application.view_functions[rule.endpoint])
        and rule.rule.startswith("/api/v1")
        and Role.OFFICER.value not in str(auth_of(application.view_functions[rule.endpoint]))
    ]
    assert len(guarded) >= 5
    for path, reads in guarded:
        short = path.removeprefix("/api/v1")
        answer = someone.get(short) if reads else someone.post(short, {})
        assert (answer.status_code, code(answer)) == (403, "step-up-needed"), path
        assert "/api/v1/me/step-up" in answer.get_json()["remedy"]


def test_the_code_of_a_sign_in_proves_nothing_afresh(someone: Someone) -> None:
    assert someone.get("/me/export.zip").status_code == 403
    assert someone.step_up_by_code().status_code == 200
    assert someone.get("/me/export.zip").status_code == 200


def test_the_token_changes_and_the_one_before_is_dead(someone: Someone) -> None:
    """Whoever planted or copied a token before has nothing afterwards."""
    [before] = someone.get("/me/sessions").get_json()["items"]
    planted = someone.token
    someone.step_up_by_code()
    assert someone.token != planted
    [after] = someone.get("/me/sessions").get_json()["items"]
    assert (after["id"], after["expires_at"]) == (before["id"], before["expires_at"])
    someone.token = planted
    assert someone.get("/me").status_code == 401


def test_a_proof_counts_for_five_minutes(someone: Someone, services: Services) -> None:
    def moved(seconds: int) -> int:
        with services.database.transaction() as session:
            services.clock.move(session, seconds=seconds)
        return someone.get("/me/export.zip").status_code

    someone.step_up_by_code()
    assert [moved(240), moved(60), moved(-300)] == [200, 403, 200]


def test_a_code_serves_its_own_session_and_purpose(someone: Someone, services: Services) -> None:
    here = someone.token
    asked = someone.post("/me/step-up/code").get_json()["challenge"]
    said = {"challenge": asked, "code": last_code(services)}
    someone.sign_in_by_code()
    assert code(someone.post("/me/step-up/token", said)) == "sign-in-code-wrong"
    signs_in = someone.post("/sign-in/token", said | {"email": someone.email})
    assert code(signs_in) == "sign-in-code-wrong"
    told = {"email": someone.email}
    to_sign_in = someone.post("/sign-in/code", told).get_json()["challenge"]
    other = {"challenge": to_sign_in, "code": last_code(services)}
    assert code(someone.post("/me/step-up/token", other)) == "sign-in-code-wrong"
    someone.token = here
    assert someone.post("/me/step-up/token", said).status_code == 200
    assert someone.get("/me").status_code == 401


def test_a_code_has_five_tries_and_serves_once(someone: Someone, services: Services) -> None:
    asked = someone.post("/me/step-up/code").get_json()["challenge"]
    right = last_code(services)
    wrong = {"challenge": asked, "code": f"{(int(right) + 1) % 10**6:06d}"}
    for _ in range(5):
        assert code(someone.post("/me/step-up/token", wrong)) == "sign-in-code-wrong"
    said = {"challenge": asked, "code": right}
    assert code(someone.post("/me/step-up/token", said)) == "sign-in-code-wrong"


def test_a_passkey_proves_it_too_and_so_does_signing_in_with_it(
    services: Services, application: Application
) -> None:
    someone = with_passkey(services, application.test_client())
    someone.sign_in_by_code()
    assert someone.get("/me/export.zip").status_code == 403
    before = someone.token
    assert someone.step_up().status_code == 200
    assert someone.token != before
    assert someone.get("/me/export.zip").status_code == 200
    someone.sign_in()
    assert someone.get("/me/export.zip").status_code == 200


def test_confirming_makes_nobody_known(someone: Someone, services: Services) -> None:
    with services.database.session() as session:
        before = session.scalar(select(func.count()).select_from(Person))
    someone.step_up_by_code()
    with services.database.session() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == before
