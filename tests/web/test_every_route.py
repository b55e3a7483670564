"""What holds for every route, generated from the list of them: roles, sign-in, form token, methods.

Objects of somebody's are tests/web/test_strangers.py's; here nobody is entitled to what they ask.
"""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from tests.rules.route_list import COMMITTED
from tests.support.belongings import Belongings
from tests.support.strangers import DEVICE, NOBODY, ROLES, Rows, Strangers, path_of

ROUTES = [tuple(line.split()[:3]) for line in COMMITTED.read_text(encoding="utf-8").splitlines()]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW")
SAFE = {"GET", "HEAD"}
CLOSED = [route for route in ROUTES if route[2] != "public"]
WRITES_OF_PAGES = [r for r in ROUTES if r[1] not in SAFE and not r[0].startswith("/api/")]
# Programs sign in there; a cookie opens nothing, so another site's page gains nothing.
NO_COOKIE = {"public", "device"}
WRITES_BY_COOKIE = WRITES_OF_PAGES + [
    r for r in ROUTES if r[1] not in SAFE and r[0].startswith("/api/") and r[2] not in NO_COOKIE
]
EXPIRED = "form-expired"
TITLE = "This form is too old"


def names(routes: list[tuple[str, ...]]) -> list[str]:
    return [f"{method} {rule}" for rule, method, _ in routes]


@pytest.mark.parametrize("who", [*ROLES, DEVICE])
def test_a_role_opens_its_own_routes_and_no_other(
    who: str, owned: Belongings, others: Strangers, rows: Rows
) -> None:
    """Everybody is a citizen too."""
    held = {DEVICE} if who == DEVICE else {who, "citizen", "signed-in"}
    before, refused = rows.read(), 0
    for rule, method, auth in CLOSED:
        if "<" in rule or held & set(auth.split(",")):
            continue
        answer = others.ask(who, method, path_of(rule, owned))
        expected = {401, 302} if who == DEVICE else {401 if auth == DEVICE else 403}
        assert answer.status_code in expected, (method, rule, answer.get_data(as_text=True))
        refused += 1
    assert refused > 30
    assert rows.read() == before


def test_without_sign_in_every_closed_route_asks_for_it(
    owned: Belongings, others: Strangers, rows: Rows
) -> None:
    before = rows.read()
    for rule, method, _ in CLOSED:
        answer = others.ask(NOBODY, method, path_of(rule, owned))
        if rule.startswith("/api/") or method not in SAFE:
            assert answer.status_code == 401, (method, rule)
        else:
            assert answer.status_code == 302, rule
            assert answer.location.startswith("/sign-in?next="), rule
    assert rows.read() == before


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        ({}, {}),
        ({}, {"csrf_token": "another"}),
        ({"Origin": "https://evil.example"}, {"csrf_token": "form-token-of-a-stranger"}),
        ({"Origin": "null"}, {"csrf_token": "form-token-of-a-stranger"}),
    ],
    ids=["no token", "wrong token", "another site", "no site"],
)
def test_no_other_site_writes_with_somebody_s_cookie(
    headers: dict[str, str],
    form: dict[str, str],
    owned: Belongings,
    others: Strangers,
    rows: Rows,
) -> None:
    before = rows.read()
    token = form.get("csrf_token")
    sent = {**headers, **({"X-CSRF-Token": token} if token else {})}
    for rule, method, auth in WRITES_BY_COOKIE:
        who = "citizen" if auth in {"public", "signed-in"} else auth.split(",")[0]
        answer = others.by_cookie(who, method, path_of(rule, owned), sent, form)
        assert answer.status_code == 403, (method, rule)
        told = answer.get_data(as_text=True)
        assert EXPIRED in told if rule.startswith("/api/") else TITLE in told, (method, rule)
    assert rows.read() == before


def test_the_same_write_with_the_page_s_own_token_passes(others: Strangers) -> None:
    """So the refusals above are the token's doing and nothing else's."""
    form = {"csrf_token": "form-token-of-a-stranger", "language": "en"}
    answer = others.by_cookie("citizen", "POST", "/me/data/language", {}, form)
    assert answer.status_code == 303


def test_a_method_that_a_route_does_not_take_is_refused(
    owned: Belongings, others: Strangers, rows: Rows
) -> None:
    taken: defaultdict[str, set[str]] = defaultdict(set)
    for rule, method, _ in ROUTES:
        taken[rule] |= {method, "HEAD"} if method == "GET" else {method}
    before = rows.read()
    for rule, methods in taken.items():
        for method in METHODS:
            if method in methods:
                continue
            answer = others.ask("citizen", method, path_of(rule, owned))
            led_back = method == "GET" and answer.status_code == 303  # to the form's own page
            assert led_back or answer.status_code in {404, 405}, (method, rule)
    assert rows.read() == before


def test_reading_changes_nothing(owned: Belongings, others: Strangers, rows: Rows) -> None:
    """GET is safe, so that a picture or a link on another site does nothing with a cookie.

    What reading may write is named: who looked, and what the first look makes.
    """
    made = {"access_record", "presence_secret", "sign_in_session", "subject_key", "idempotency_key"}
    made |= {"rights_request", "rights_step"}  # the journal of who took their data along, or read
    before = rows.read()
    for rule, method, auth in ROUTES:
        if method != "GET" or rule.startswith("/static") or auth == DEVICE:
            continue
        who = "citizen" if auth in {"public", "signed-in"} else auth.split(",")[0]
        others.ask(who, method, path_of(rule, owned))
        after = rows.read()
        changed = {name for name in after if after[name] != before[name]}
        assert changed <= made, rule
        before = after


def test_the_list_of_routes_is_read(owned: Belongings) -> None:
    assert len(CLOSED) > 150
    assert len(WRITES_BY_COOKIE) > 90
    assert all(re.fullmatch(r"[A-Z]+ /\S*", name) for name in names(ROUTES))
    assert all("<" not in path_of(rule, owned) for rule, _, _ in ROUTES)
