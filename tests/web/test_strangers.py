"""Another person's object, by every route that names one: refused, unchanged, and nothing told.

Generated from the list of routes. Whoever is neither the owner nor of the city's staff that the
route is for gets 403 or 404, with a body that the owner's own request would succeed with.
"""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.rules.route_list import COMMITTED
from tests.support.belongings import Belongings
from tests.support.strangers import (
    DEVICE,
    NOBODY,
    ROLES,
    Rows,
    Strangers,
    arguments,
    filled,
)

ROUTES = COMMITTED.read_text(encoding="utf-8").splitlines()
STAFF = frozenset({"officer", "treasurer", "auditor"})
"""Their business is everybody's objects, where a route names their role."""
ALSO = {"/api/v1/roles/<uuid:grant_id>/end": {"officer", "operator"}}
"""Entitled though the route is open to whoever is signed in."""
NOBODYS = {
    "/me/partners/<uuid:organisation_id> POST citizen": "one's own link with a public partner",
    "/me/partners/<uuid:organisation_id>/end POST citizen": "ends one's own link, or nothing",
    "/pay/<uuid:payment_id>/acceptance GET citizen": "leads to the payment's page, reads nothing",
    "/pay/<uuid:payment_id>/refusal GET citizen": "leads to the payment's page, reads nothing",
    "/pay/<uuid:payment_id>/contest GET citizen": "leads to the payment's page, reads nothing",
    "/till/payments/<uuid:payment_id>/card GET merchant": "leads to the payment's page",
    "/till/payments/<uuid:payment_id>/cancellation GET merchant": "leads to the payment's page",
    "/till/payments/<uuid:payment_id>/refunds GET merchant": "leads to the payment's page",
}
TAKEN = {
    "/api/v1/payments/<uuid:payment_id>/acceptance",
    "/api/v1/payments/<uuid:payment_id>/decline",
    "/api/v1/payments/<uuid:payment_id>/orders",
}
"""Two may scan one code: the slower learns that somebody answered, and neither who nor what."""
SIGNATURE = "0x" + "11" * 64 + "1b"
BODIES: dict[str, Any] = {
    "/api/v1/actions/<uuid:action_id>/appeal": {"text": "I was there"},
    "/api/v1/attester-keys/<address>/certificate": {"signature": SIGNATURE},
    "/api/v1/attester-keys/<address>/revocation": {"for_cause": True},
    "/api/v1/devices/<uuid:device_id>/revocation": {"for_cause": True},
    "/api/v1/emergencies/requests/<uuid:request_id>/answer": {"granted": True, "text": "Yes"},
    "/office/emergencies/requests/<uuid:request_id>": {"decision": "granted", "text": "Yes"},
    "/api/v1/me/mandates/<uuid:mandate_id>/objection": {"text": "I do not agree"},
    "/api/v1/payments/<uuid:payment_id>/card-charge": {"card_number": "2345-6789", "pin": "2580"},
    "/api/v1/payments/<uuid:payment_id>/contest": {"reason": "not-mine"},
    "/api/v1/payments/<uuid:payment_id>/refunds": {"amount_cents": 100},
    "/attest/keys/<address>/certificate": {"signature": SIGNATURE},
    "/me/mandates/<uuid:mandate_id>": {"decision": "end"},
    "/me/mandates/<uuid:mandate_id>/objection": {"text": "I do not agree"},
    "/me/deeds/<uuid:action_id>/appeal": {"text": "I was there"},
    "/till/payments/<uuid:payment_id>/refunds": {"amount": "1.00", "confirmed": "100"},
}
OF_SOMEBODY = [
    line for line in ROUTES if "<" in line and not line.endswith(" public") and line not in NOBODYS
]


def test_every_argument_of_a_route_has_an_object_of_somebody(owned: Belongings) -> None:
    named = {name for line in ROUTES for name in arguments(line)}
    assert named - owned.of.keys() == set(), "add it to tests/support/belongings.py"
    assert set(NOBODYS) <= set(ROUTES)
    assert {line.split()[0] for line in ROUTES} >= set(BODIES) | set(ALSO)
    assert len(OF_SOMEBODY) > 90


@pytest.mark.parametrize("line", OF_SOMEBODY)
def test_who_has_no_business_with_it_gets_nothing(
    line: str, owned: Belongings, others: Strangers, rows: Rows
) -> None:
    rule, method, auth = line.split()[:3]
    argument, *inner = arguments(rule)
    path = rule
    for name in inner:  # what lies in the object, of somebody too
        path = filled(path, name, owned.of[name][0])
    before = rows.read()
    for who in (*ROLES, DEVICE, NOBODY):
        if _entitled(rule, auth, who):
            continue
        let_in = who in ROLES and {who, "signed-in"} & set(auth.split(","))
        for value in owned.of[argument] if let_in else owned.of[argument][:1]:
            answer = others.ask(who, method, filled(path, argument, value), BODIES.get(rule))
            _check_refused(answer, who, rule)
            told = answer.get_data(as_text=True)
            assert [word for word in owned.words if word in told] == [], who
    assert _changed(before, rows.read()) == {}


def test_a_visit_is_its_clerk_s_alone(owned: Belongings, others: Strangers) -> None:
    """Who stood before one clerk is nobody whom another can vouch for."""
    visit, action = owned.of["visit"][0], owned.of["action_id"][0]
    deed = {"subject": "0x" + visit, "action_type": "glass-recycling", "quantity": 2000}
    drawn = others.ask("attester", "POST", "/api/v1/attestations/drafts", deed)
    assert drawn.get_json()["code"] == "visit-unknown"
    page = others.ask("attester", "GET", f"/attest?visit={visit}&done={action}&again={visit}")
    assert 'name="short_number"' in page.text, "the counter asks for a code, as for anybody"
    assert f"/attest/undo/{action}" not in page.text
    assert visit not in page.text.partition("<main")[2]


def test_a_code_that_names_another_s_object_finds_nothing(
    owned: Belongings, others: Strangers
) -> None:
    """A payment that somebody began themselves; a link that is meant for another partner."""
    started = owned.of["short_code"][0]
    assert (
        "Label-of-the-owner" not in others.ask("citizen", "GET", f"/pay?short_code={started}").text
    )
    assert others.ask("citizen", "GET", f"/pay?short_code={started}").status_code == 404
    link = {"rider_ref": "r-1", "code": owned.of["link_code"][0]}
    linked = others.ask("partner", "POST", "/api/v1/rider-links", link)
    assert linked.get_json()["code"] == "link-code-wrong"


@pytest.mark.parametrize("who", [who for who in ROLES if who not in STAFF])
def test_no_list_of_one_s_own_tells_of_others(
    who: str, owned: Belongings, others: Strangers
) -> None:
    asked = 0
    for rule, method, auth in (line.split()[:3] for line in ROUTES):
        if method == "GET" and "<" not in rule and {who, "signed-in"} & set(auth.split(",")):
            told = others.ask(who, method, rule).get_data().decode(errors="replace")
            assert [word for word in owned.words if word in told] == [], rule
            asked += 1
    assert asked > 6


def _entitled(rule: str, auth: str, who: str) -> bool:
    return who in STAFF & set(auth.split(",")) or who in ALSO.get(rule, ())


def _check_refused(answer: TestResponse, who: str, rule: str) -> None:
    """Who isn't signed in as a person is asked to be; the others are told nothing."""
    page = not rule.startswith("/api/")
    if page and who in {DEVICE, NOBODY} and answer.status_code == 302:
        assert answer.location.startswith("/sign-in?"), who
        return
    expected = {401} if who in {DEVICE, NOBODY} else {403, 404}
    if rule in TAKEN and answer.status_code == 409:
        assert answer.get_json()["code"] == "payment-taken"
        return
    assert answer.status_code in expected, (who, answer.get_data(as_text=True))


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {name: after[name] for name in after if after[name] != before[name]}
