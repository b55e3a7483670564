"""The pages of payer and till without a browser's script: words, ways back, tables."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.models import IdentityLevel, Role
from app.identity.presence import STEP_SECONDS
from app.services import Services
from tests.support.paying import City, paying_city
from tests.support.signer_world import shop_of


@pytest.fixture
def city(services: Services, signer: SignerClient) -> Iterator[City]:
    with paying_city(services, signer) as made:
        _may(made, made.world.mine.person_id, Role.CITIZEN)
        yield made


def _may(city: City, person: UUID, role: Role, place: UUID | None = None) -> None:
    with city.world.services.database.transaction() as session:
        identity.grant_role(
            session,
            person_id=person,
            role=role,
            organisation_id=place,
            now=city.world.services.clock.now(session),
        )


def _page(city: City, who: str, path: str, language: str = "fr", **form: str) -> TestResponse:
    """A page as this person's browser asks for it, or sends a form to."""
    headers = {"Authorization": f"Bearer {city.tokens[who]}"} if who else {}
    headers["Accept-Language"] = language
    if not form:
        return city.client.get(path, headers=headers)
    headers["Idempotency-Key"] = str(uuid4())
    return city.client.post(path, data=form, headers=headers)


def _text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True).replace("\xa0", " ").replace("&#39;", "'")


def test_polls_of_who_is_signed_out_are_refused_and_remember_nothing(city: City) -> None:
    asked = city.ask(320)
    answer = city.client.get(f"/api/v1/payments/{asked['id']}")
    assert (answer.status_code, answer.get_json()["code"]) == (401, "sign-in-needed")
    assert "Set-Cookie" not in answer.headers
    page = _text(_page(city, "citizen", f"/pay/{asked['id']}"))
    assert f'data-status-url="/api/v1/payments/{asked["id"]}"' in page


def test_a_baker_pays_elsewhere_and_is_told_how_it_stands(city: City) -> None:
    """Somebody of another shop's staff is a customer like any other."""
    with city.world.services.database.transaction() as session:
        now = city.world.services.clock.now(session)
        other = shop_of(session, city.world.signer, now).organisation_id
        baker = identity.register_person(session, None, level=IdentityLevel.CONTACT, now=now).id
        city.tokens["baker"] = identity.open_session(session, baker, "api", now)
    _may(city, baker, Role.CITIZEN)
    _may(city, baker, Role.MERCHANT, other)
    asked = city.ask(320)
    assert _page(city, "baker", f"/pay/{asked['id']}").status_code == 200
    assert city.get("baker", f"/payments/{asked['id']}")["state"] == "requested"


def test_a_code_in_the_address_survives_signing_in(city: City) -> None:
    asked = city.ask(320)
    path = f"/pay?short_code={asked['short_code']}"
    signed_out = _page(city, "", path)
    assert signed_out.headers["Location"].endswith(
        f"?next=%2Fpay%3Fshort_code%3D{asked['short_code']}"
    )
    assert _page(city, "citizen", path).headers["Location"] == f"/pay/{asked['id']}"
    wrong = _page(city, "citizen", "/pay?short_code=QQQQQQ")
    assert wrong.status_code == 404
    assert 'value="QQQQQQ"' in _text(wrong)


@pytest.mark.parametrize("what", ["acceptance", "refusal"])
def test_a_form_sent_by_who_is_signed_out_says_where_to_sign_in(city: City, what: str) -> None:
    path = f"/pay/{city.ask(320)['id']}/{what}"
    answer = _page(city, "", path, anything="x")
    assert answer.status_code == 401
    assert f'href="/sign-in?next={path}"' in _text(answer)
    assert _page(city, "citizen", path).headers["Location"] == path.rsplit("/", 1)[0]


def test_without_a_script_one_sees_pays_and_shows_a_code(city: City) -> None:
    """By what the pages themselves hold: links, forms and their fields."""
    code = city.ask(320)["short_code"]
    found = _page(city, "citizen", f"/pay?short_code={code}")
    asked = _text(_page(city, "citizen", found.location)) if found.location else _text(found)
    assert "3,20 €" in asked
    form = re.search(r'action="([^"]+/acceptance)" id="accept">', asked)
    assert form, "a form that waits for no script"
    key = re.search(r'name="idempotency_key" value="([^"]+)"', asked)
    assert key
    paid = _page(city, "citizen", form[1], idempotency_key=key[1])
    assert paid.status_code == 303
    assert "✓" in _text(_page(city, "citizen", paid.location))
    assert "3,20" in _text(_page(city, "citizen", "/me"))

    assert 'href="/me/code/now"' in _text(_page(city, "citizen", "/me/code")).split("<noscript>")[1]
    shown = _page(city, "citizen", "/me/code/now")
    assert 1 <= int(shown.headers["Refresh"]) <= STEP_SECONDS
    assert "no-store" in shown.headers["Cache-Control"]
    number, digits = re.findall(r'<p class="code-display">([0-9 ]+)</p>', _text(shown))
    with city.world.services.database.transaction() as session:
        person, now = city.world.mine.person_id, city.world.services.clock.now(session)
        body = shop_of(session, city.world.signer, now).organisation_id
        assert identity.identify_by_code(session, body, number, digits, now) == person


def test_what_was_typed_at_the_till_survives_signing_in(city: City) -> None:
    answer = _page(city, "", "/till", amount="1,20", label="Pain & lait")
    link = re.search(r'href="(/sign-in\?next=[^"]+)"', answer.get_data(as_text=True))
    assert link
    back = parse_qs(urlsplit(unescape(link[1])).query)["next"][0]
    page = _text(_page(city, "till", back))
    assert 'value="1,20"' in page
    assert 'value="Pain & lait"' in unescape(page)


def test_amounts_are_written_as_the_reader_writes_them(city: City) -> None:
    path = f"/pay/{city.ask(1001)['id']}/acceptance"
    assert "Vous pouvez payer 10,00 € ici." in _text(_page(city, "citizen", path, yes="1"))
    assert "You can pay €10.00 here." in _text(_page(city, "citizen", path, "en", yes="1"))


def test_a_payment_already_made_cannot_be_cancelled(city: City) -> None:
    asked = city.ask(320)
    city.post("citizen", f"/payments/{asked['id']}/acceptance", {})
    answer = _page(city, "till", f"/till/payments/{asked['id']}/cancellation", yes="1")
    assert answer.status_code == 409
    assert "Le paiement est déjà accepté" in _text(answer)
    assert "Rendre tout ou partie" in _text(answer)
    other = city.ask(330)
    assert _page(city, "till", f"/till/payments/{other['id']}/cancellation", yes="1").location
    page = _text(_page(city, "citizen", f"/pay/{other['id']}"))
    assert "Le commerce a annulé sa demande" in page


def test_money_goes_back_only_for_the_amount_that_was_confirmed(city: City) -> None:
    asked = city.ask(320)
    city.post("citizen", f"/payments/{asked['id']}/acceptance", {})
    path = f"/till/payments/{asked['id']}/refunds"
    for form in (
        {"amount": "1,00"},
        {"amount": "1,00", "confirmed": "10"},
        {"amount": "1,00", "confirmed": "9" * 5000},
    ):
        assert "Rendre 1,00 € ?" in _text(_page(city, "till", path, **form))
    assert city.get("till", f"/payments/{asked['id']}")["refunded_cents"] == 0
    assert _page(city, "till", path, amount="1,00", confirmed="100").status_code == 303
    assert city.get("till", f"/payments/{asked['id']}")["refunded_cents"] == 100


def test_a_refund_on_its_way_is_seen_by_who_waits_for_it(city: City) -> None:
    asked = city.ask(320)
    city.post("citizen", f"/payments/{asked['id']}/acceptance", {})
    before = city.get("citizen", "/me/balance")["available_cents"]
    city.post("till", f"/payments/{asked['id']}/refunds", {"amount_cents": 120}, status=201)
    balance = city.get("citizen", "/me/balance")
    assert (balance["available_cents"], balance["coming_back_cents"]) == (before, 120)
    for path in ("/me", f"/pay/{asked['id']}"):
        page = _text(_page(city, "citizen", path))
        assert "dont 1,20 € rendus · 1,20 € en route vers vous" in page


def test_who_may_not_open_a_page_is_led_back_to_their_own(city: City) -> None:
    for who, label in (("till", "Caisse"), ("officer", "Service"), ("citizen", "Mon compte")):
        answer = _page(city, who, "/attest/keys")
        assert answer.status_code == 403
        assert f"Retour : {label}" in _text(answer)


def test_a_shop_reads_when_it_gets_its_euros(city: City) -> None:
    asked = city.ask(320)
    city.post("citizen", f"/payments/{asked['id']}/acceptance", {})
    before = _text(_page(city, "till", "/till/pay-outs"))
    assert "3,20 € déjà payés" in before
    assert "sans frais" in before
    city.settle(asked["id"])
    after = _text(_page(city, "till", "/till/pay-outs"))
    assert '<p class="big">3,20 €</p>' in after
    assert "déjà payés" not in after


def test_the_table_opens_in_the_readers_spreadsheet(city: City) -> None:
    city.post("citizen", f"/payments/{city.ask(320)['id']}/acceptance", {})
    french = _page(city, "till", "/till/payments.csv").get_data(as_text=True)
    row = next(csv.DictReader(io.StringIO(french.removeprefix("\ufeff")), delimiter=";"))
    assert (row["Montant"], row["Remboursé"], row["État"]) == ("3,20", "0,00", "payé")
    english = _page(city, "till", "/till/payments.csv", "en").get_data(as_text=True)
    row = next(csv.DictReader(io.StringIO(english.removeprefix("\ufeff"))))
    assert (row["Amount"], row["State"]) == ("3.20", "paid")


@pytest.mark.parametrize("label", ["x" * 81, "x" * 5000, "a\x07b", "a\u202eb"])
def test_a_payment_s_label_is_what_the_api_takes(city: City, label: str) -> None:
    shown = _page(city, "till", "/till", amount="3,20", label=label)
    assert (shown.status_code, 'class="problem"' in _text(shown)) == (422, True)
