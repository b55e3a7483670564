"""Forms of the office, the treasury and the till: what the API refuses, no page writes."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.actions.models import Appeal
from app.change_models import Change
from app.governance.models import Proposal
from app.identity.models import Organisation
from app.merchants.models import BankDetails, Merchant
from app.reporting.models import NetShare
from app.rewards.models import Funding
from tests.support.shop import IBAN
from tests.support.town import Town
from tests.unit.rewards.rules_world import limit, rules
from tests.web.test_bad_forms import browser_of, send

WRITTEN = (Appeal, BankDetails, Change, Funding, Merchant, NetShare, Organisation, Proposal)
LONG = "x" * 3000
ORGANISATION = {"kind": "attester", "name": "Depot", "slug": "depot", "district": "Nord"}
SHOP = {**ORGANISATION, "kind": "merchant", "account_holder": "Grocer Ltd", "iban": IBAN}
FUNDING = {"amount": "10,00", "bank_reference": "VIR-2026-1"}
CEILING = {"actions_per_day": "5", "reward_per_day": "5,00"}
NET = {
    "action_type": "bike-trip", "percent": "45,5", "month": "2026-03",
    "source": "Survey of 412 riders by the university, May 2026",
}  # fmt: skip
PROGRAMME = {
    "step": "propose", "name_fr": "Été", "name_en": "Summer", "slug": "summer",
    "token_symbol": "SUM", "budget": "1000", "first_day": "2027-06-01",
    "last_day_to_earn": "2027-08-31", "last_day_to_spend": "2027-11-30", "proof_attested": "yes",
    "max_age_days": "30", "seen": "yes",
    "base": json.dumps(rules(limits=[limit("day", 1, most=500)])),
}  # fmt: skip
NAMES: list[dict[str, str]] = [
    {"slug": ""}, {"slug": "A B!"}, {"slug": "ab"}, {"slug": "a" * 41}, {"slug": "a\x00bc"},
    {"name": ""}, {"name": "   "}, {"name": LONG}, {"name": "a\x07b"}, {"district": LONG},
    {"kind": ""}, {"kind": "city"}, {"kind": "dragon"},
]  # fmt: skip
FLAWS: dict[tuple[str, str], tuple[dict[str, str], list[dict[str, str]]]] = {
    ("officer", "/office/organisations"): (ORGANISATION, [*NAMES, {"kind": "merchant"}]),
    ("officer", "/office/shops"): (
        SHOP,
        [
            *NAMES, {"kind": "partner"}, {"account_holder": ""}, {"account_holder": LONG},
            {"iban": ""}, {"iban": "FR76"}, {"iban": LONG},
        ],
    ),
    ("officer", "/office/organisations/BODY/ceiling"): (
        CEILING,
        [
            {"actions_per_day": ""}, {"actions_per_day": "-1"}, {"actions_per_day": "²"},
            {"actions_per_day": "٣"}, {"actions_per_day": "1000001"}, {"actions_per_day": "1e3"},
            {"reward_per_day": ""}, {"reward_per_day": "-1"}, {"reward_per_day": "1e9"},
            {"reward_per_day": "9" * 400},
        ],
    ),
    ("officer", "/office/organisations/BODY/revocation"): (
        {"reason": "lost"}, [{"reason": ""}, {"reason": "boredom"}, {"reason": "\x00"}],
    ),
    ("officer", "/office/programmes/SEASON/net-shares"): (
        NET,
        [
            {"action_type": "flying"}, {"action_type": ""}, {"percent": "101"}, {"percent": "1e1"},
            {"percent": "٣"}, {"source": "mine"}, {"source": LONG}, {"source": "a\x00survey of us"},
            {"month": ""}, {"month": "2026-3"}, {"month": "9999-12"},
        ],
    ),
    ("officer", "/office/programmes/new"): (
        PROGRAMME,
        [
            {"slug": "A B!"}, {"slug": ""}, {"name_fr": ""}, {"name_en": LONG}, {"budget": "free"},
            {"token_symbol": "€€"}, {"first_day": "soon"}, {"last_day_to_spend": "9999-12-31"},
            {"max_age_days": "²"},
        ],
    ),
    ("officer", "/office/people"): (
        {"email": "", "role": "attester", "last_day": "2027-01-01"},
        [
            {}, {"email": LONG}, {"email": "a\x07@b.example"}, {"role": "king"}, {"role": ""},
            {"last_day": "9999-12-31"}, {"last_day": "soon"}, {"organisation_id": "x"},
        ],
    ),
    ("treasurer", "/treasury/fundings"): (
        FUNDING,
        [
            {"bank_reference": ""}, {"bank_reference": "abc"}, {"bank_reference": "x" * 5000},
            {"bank_reference": "VIR\x00 26"}, {"amount": ""}, {"amount": "0"}, {"amount": "-5"},
            {"amount": "1e5"}, {"amount": "9" * 400}, {"programme_id": ""}, {"programme_id": "x"},
            {"programme_id": str(uuid4())},
        ],
    ),
}  # fmt: skip
SOUND = [key for key in FLAWS if key[1] != "/office/people"]
CASES = [(who, path, flaw) for (who, path), (_, flaws) in FLAWS.items() for flaw in flaws]


def written(town: Town) -> list[int]:
    with town.services.database.session() as session:
        counts = [session.scalar(select(func.count()).select_from(one)) for one in WRITTEN]
    return [count or 0 for count in counts]


def form_of(town: Town, who: str, path: str, flaw: dict[str, str]) -> dict[str, str]:
    sound, _flaws = FLAWS[who, path]
    return {"programme_id": str(town.programme_id), **sound, **flaw}


def sent(town: Town, who: str, path: str, form: dict[str, str]) -> tuple[int, str]:
    (client,) = browser_of(town, who)
    path = path.replace("SEASON", str(town.programme_id))
    return send(client, path.replace("BODY", str(town.clerk.organisation.id)), form)


@pytest.mark.parametrize(("who", "path", "flaw"), CASES)
def test_what_the_api_refuses_no_form_writes(
    town: Town, who: str, path: str, flaw: dict[str, str]
) -> None:
    before = written(town)
    status, page = sent(town, who, path, form_of(town, who, path, flaw))
    assert status in {400, 404, 409, 422}, page
    assert "<h1" in page
    assert written(town) == before


@pytest.mark.parametrize(("who", "path"), SOUND)
def test_a_sound_form_writes(town: Town, who: str, path: str) -> None:
    """Without this, a form that is always refused would pass the test above."""
    unique = {"slug": f"depot-{uuid4().hex[:8]}", "bank_reference": f"VIR-{uuid4().hex[:8]}"}
    sound, _flaws = FLAWS[who, path]
    changed = {name: text for name, text in unique.items() if name in sound}
    before = written(town)
    status, page = sent(town, who, path, form_of(town, who, path, changed))
    assert status == 303, page
    assert written(town) != before


def test_the_page_names_the_field(town: Town) -> None:
    form = form_of(town, "treasurer", "/treasury/fundings", {"bank_reference": "abc"})
    _status, page = sent(town, "treasurer", "/treasury/fundings?lang=en", form)
    assert "Reference of the bank transfer: please correct this" in page
    assert "Between 4 and 140 signs are expected." in page


def test_a_net_share_stands_on_its_page_with_its_source(town: Town) -> None:
    path = "/office/programmes/SEASON/net-shares"
    sent(town, "officer", path, NET)
    (client,) = browser_of(town, "officer")
    page = client.get(path.replace("SEASON", str(town.programme_id)) + "?lang=en").text
    assert "Trip by bicycle: 45.5%" in page
    assert NET["source"] in page
    assert "By you." in page
