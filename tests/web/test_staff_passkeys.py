"""Outside the demo staff need a passkey; a code opens what a citizen may, and adding the first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.application import build
from app.context import Application
from app.identity import service as identity
from app.identity.models import IdentityLevel, OrganisationKind, Role
from app.identity.roles import OF_AN_ORGANISATION
from app.services import Services
from tests.support.authenticator import Device
from tests.support.signer import write_deployment
from tests.support.someone import Someone, code, letters

STAFF = [Role.OFFICER, Role.TREASURER, Role.AUDITOR, Role.OPERATOR, Role.ATTESTER_ADMIN]


@pytest.fixture(scope="module")
def production(services: Services) -> Application:
    """The same database, where no demo is wanted."""
    write_deployment(services.settings)
    return build(parts=replace(services, settings=replace(services.settings, demo=False)))


def staff(services: Services, app: Application, role: Role = Role.OFFICER) -> Someone:
    """Signed in by the code in a letter."""
    made = Someone(services, app.test_client())
    with services.database.transaction() as session:
        now = services.clock.now(session)
        level = IdentityLevel.CONTACT
        person = identity.register_person(session, made.email, level=level, now=now, language="en")
        place = None
        if role in OF_AN_ORGANISATION:
            slug, kind = made.email[:20], OrganisationKind.ATTESTER
            place = identity.create_organisation(session, slug=slug, kind=kind, name="D", now=now)
        identity.grant_role(
            session,
            person_id=person.id,
            role=role,
            now=now,
            organisation_id=place.id if place else None,
        )
    made.client.environ_base["REMOTE_ADDR"] = f"10.9.{len(letters(services)) % 250}.1"
    made.sign_in_by_code()
    return made


def roles(someone: Someone) -> set[str]:
    return {one["role"] for one in someone.get("/me").get_json()["roles"]}


@pytest.mark.parametrize("role", STAFF)
def test_a_code_alone_carries_no_staff_role_until_a_passkey_stands_behind_it(
    services: Services, production: Application, role: Role
) -> None:
    someone = staff(services, production, role)
    assert roles(someone) == {"citizen"}
    assert someone.step_up_by_code().status_code == 200
    assert roles(someone) == {"citizen"}, "a fresh code is still a code"
    assert someone.add().status_code == 201
    assert roles(someone) == {"citizen", role.value}
    someone.sign_in_by_code()
    assert roles(someone) == {"citizen"}
    assert someone.sign_in().status_code == 200
    assert roles(someone) == {"citizen", role.value}


@pytest.mark.parametrize("role", STAFF)
def test_in_the_demo_a_code_will_do_and_the_pages_say_so(
    services: Services, application: Application, production: Application, role: Role
) -> None:
    someone = staff(services, production, role)
    banner = "Here staff sign in with a code"
    for app, held in ((application, {"citizen", role.value}), (production, {"citizen"})):
        someone.client = app.test_client()
        assert roles(someone) == held
        someone.client.set_cookie("civis", someone.token)
        page = someone.client.get("/me?lang=en").text
        assert (banner in page) is (role.value in held)


def test_a_citizen_reads_no_word_of_staff(services: Services, application: Application) -> None:
    someone = Someone(services, application.test_client())
    someone.sign_in_by_code()
    someone.client.set_cookie("civis", someone.token)
    assert "staff sign in" not in someone.client.get("/me?lang=en").text


def test_what_is_refused_says_what_to_do(services: Services, production: Application) -> None:
    someone = staff(services, production)
    assert (someone.get("/roles").status_code, code(someone.get("/roles"))) == (
        403,
        "passkey-needed",
    )
    someone.client.set_cookie("civis", someone.token)
    led = someone.client.get("/office")
    assert (led.status_code, led.location) == (303, "/me/data#passkeys")
    page = someone.client.get("/me/data?lang=en").text
    assert "Your role counts only with a passkey: officer." in page
    assert "Add your first one now" in page


def test_the_other_officers_read_of_a_first_passkey_only(
    services: Services, production: Application
) -> None:
    colleague, someone = staff(services, production), staff(services, production)
    before = len(letters(services))
    someone.step_up_by_code()
    someone.add()
    told = letters(services)[before + 1 :]
    assert (someone.email, "A passkey was added") in told
    assert (colleague.email, f"First passkey of {someone.email}") in told
    assert someone.email not in [to for to, subject in told if subject.startswith("First")]
    before = len(letters(services))
    someone.device = Device()
    assert someone.add("second").status_code == 201
    assert letters(services)[before:] == [(someone.email, "A passkey was added")]


def test_a_citizens_first_passkey_is_their_own_affair(
    services: Services, production: Application
) -> None:
    staff(services, production)
    someone = Someone(services, production.test_client())
    someone.sign_in_by_code()
    someone.step_up_by_code()
    before = len(letters(services))
    someone.add()
    assert [to for to, _ in letters(services)[before:]] == [someone.email]


def test_a_stolen_mailbox_opens_nothing_of_staff_who_have_a_passkey(
    services: Services, production: Application
) -> None:
    officer = staff(services, production)
    officer.step_up_by_code()
    officer.add()
    [passkey] = officer.passkeys()
    [own] = [
        one for one in officer.get("/roles").get_json()["items"]
        if one["person_id"] == officer.get("/me").get_json()["id"]
    ]  # fmt: skip
    thief = Someone(services, production.test_client(), email=officer.email)
    thief.client.environ_base["REMOTE_ADDR"] = "10.8.0.1"
    thief.sign_in_by_code()
    assert code(thief.post("/me/step-up/code")) == "step-up-passkey-only"
    assert code(thief.post("/me/passkeys/challenge")) == "step-up-needed"
    assert code(thief.post(f"/me/passkeys/{passkey['id']}/removal")) == "step-up-needed"
    assert code(thief.get("/me/export.zip")) == "step-up-needed"
    assert code(thief.post(f"/roles/{own['id']}/end")) == "passkey-needed"
    assert roles(officer) == {"citizen", "officer"}


def test_a_merchant_with_a_passkey_confirms_with_it_too(
    services: Services, production: Application
) -> None:
    """What they confirm is the shop's: a browser in which others open shifts, for one."""
    merchant = staff(services, production, Role.MERCHANT)
    assert merchant.step_up_by_code().status_code == 200, "before the first passkey"
    merchant.add()
    assert code(merchant.post("/me/step-up/code")) == "step-up-passkey-only"
    assert merchant.step_up().status_code == 200


def test_a_passkey_registered_by_a_thief_before_is_no_way_round(
    services: Services, production: Application
) -> None:
    """A code asked for before the first passkey was there confirms nothing after."""
    officer = staff(services, production)
    thief = Someone(services, production.test_client(), email=officer.email)
    thief.client.environ_base["REMOTE_ADDR"] = "10.8.0.2"
    thief.sign_in_by_code()
    asked = thief.post("/me/step-up/code").get_json()["challenge"]
    stolen = letters(services)[-1][1][-6:]
    officer.step_up_by_code()
    officer.add()
    answer = thief.post("/me/step-up/token", {"challenge": asked, "code": stolen})
    assert code(answer) == "step-up-passkey-only"


def test_roles_end_with_the_passkey_in_every_session_that_it_opened(
    services: Services, production: Application
) -> None:
    officer = staff(services, production)
    officer.step_up_by_code()
    officer.add()
    here = officer.token
    officer.sign_in()
    [passkey] = officer.passkeys()
    assert officer.post(f"/me/passkeys/{passkey['id']}/removal").status_code == 204
    for token in (here, officer.token):
        officer.token = token
        assert roles(officer) == {"citizen"}
