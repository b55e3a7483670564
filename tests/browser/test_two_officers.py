"""Two officers by page: rules with a preview, a shop with its account, a key's end."""

from __future__ import annotations

from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import address, become
from tests.support.system import System

IBAN = "FR76 3000 6000 0112 3456 7890 189"


def _open(tab: Page, city: System, path: str) -> None:
    tab.goto(address(city) + path)


def _waits_for_another(tab: Page, title: str) -> Locator:
    """Who proposed may withdraw, and is shown who may confirm; the proposal."""
    found = tab.get_by_role("region", name=title)
    expect(found.get_by_text("another officer must confirm it.")).to_be_visible()
    expect(found.get_by_role("button", name="Confirm", exact=True)).to_have_count(0)
    return found


def _second_confirms(tab: Page, title: str) -> None:
    tab.get_by_role("button", name="Be the second officer").click()
    found = tab.get_by_role("region", name=title)
    found.get_by_role("button", name="Confirm", exact=True).click()
    expect(found).to_have_count(0)


def _refused(tab: Page, **changes: str) -> str:
    """The page that answers the form as it stands, with these fields typed otherwise."""
    form = tab.locator("main form").last
    read = "f => [...new FormData(f)].map(([k, v]) => [k, String(v)])"
    typed = dict(form.evaluate(read)) | changes
    english = {"Accept-Language": "en"}
    answer = tab.request.post(form.evaluate("f => f.action"), form=typed, headers=english)
    assert answer.status == 422
    return answer.text()


def test_rules_are_previewed_proposed_and_confirmed(visitor: Page, city: System) -> None:
    become(visitor, city, "officer")
    _open(visitor, city, "/office/programmes")
    visitor.get_by_role("link", name="Propose other rules").last.click()
    expect(visitor.locator("input[name=rate_glass-recycling]")).to_be_hidden()  # folded
    visitor.locator("summary", has_text="Sorting and clearing up").click()
    visitor.locator("summary", has_text="Limits, in their order").click()
    visitor.locator("input[name=rate_glass-recycling]").fill("0.07")
    assert "days was not understood" in _refused(visitor, max_age_days="soon", step="preview")
    visitor.locator("input[name=cap1_most]").fill("9.00")
    expect(visitor.locator("#found")).to_contain_text("gives people who are known less more than")
    visitor.locator("input[name=cap1_most]").fill("3.00")
    expect(visitor.locator("#samples")).to_contain_text("0.07 tokens")
    visitor.get_by_role("button", name="Preview").last.click()
    expect(visitor.get_by_text("Glass brought to recycling, 4 kg: 0.28 tokens.")).to_be_visible()
    expect(visitor.locator("input[name=rate_glass-recycling]")).to_be_visible()  # still open
    visitor.get_by_label("I have read the warnings").check()
    visitor.get_by_role("button", name="Propose to another officer").click()
    title = "Other rules for Simulated city (short timetable)"
    waits = _waits_for_another(visitor, title)
    expect(waits).to_contain_text("recycling”: 0.07 tokens for each 1 kg")
    expect(waits).not_to_contain_text("water")  # whose rate is the same, however it is written
    _second_confirms(visitor, title)
    _open(visitor, city, "/office/programmes")
    expect(visitor.get_by_text("Version 2 holds from")).to_be_visible()


def test_a_programme_is_proposed_with_its_budget(visitor: Page, city: System) -> None:
    become(visitor, city, "officer")
    _open(visitor, city, "/office/programmes/new")
    name = f"Summer {uuid4().hex[:6]}"
    for field, text in {
        "name_fr": "Saison d'été", "name_en": name, "slug": f"summer-{uuid4().hex[:8]}",
        "token_symbol": "SUM", "first_day": "2027-06-01", "last_day_to_earn": "2027-08-31",
        "last_day_to_spend": "2027-11-30", "budget": "12000",
    }.items():  # fmt: skip
        visitor.locator(f"input[name={field}]").fill(text)
    visitor.get_by_label("I have read the warnings").check()
    visitor.get_by_role("button", name="Propose to another officer").click()
    title = f"New programme: {name}"
    expect(_waits_for_another(visitor, title)).to_contain_text("Budget: €12,000.00.")
    _second_confirms(visitor, title)
    _open(visitor, city, "/office/programmes")
    expect(visitor.get_by_role("heading", name=name)).to_be_visible()


def test_a_shop_is_entered_and_compared_by_another(visitor: Page, city: System) -> None:
    become(visitor, city, "officer")
    _open(visitor, city, "/office/shops")
    name = f"Grocer {uuid4().hex[:6]}"
    visitor.get_by_text("Enter a shop or an association").click()
    visitor.get_by_label("Name", exact=True).fill(name)
    visitor.get_by_label("Short name for addresses").fill(f"grocer-{uuid4().hex[:8]}")
    visitor.get_by_label("Account holder").fill("Grocer Ltd")
    visitor.get_by_label("IBAN").fill(IBAN)
    assert "This is no valid IBAN" in _refused(visitor, iban=IBAN[:-1] + "8")
    visitor.get_by_role("button", name="Enter").click()
    expect(visitor.get_by_text("You entered this: another officer")).to_be_visible()
    visitor.get_by_role("button", name="Be the second officer").click()
    expect(visitor.get_by_text("FR76 3000 6000 0112 3456 7890 189")).to_be_visible()
    visitor.get_by_role("button", name="It is as on the papers").click()
    expect(visitor.get_by_text("This bank account waits")).to_have_count(0)
    expect(
        visitor.get_by_text("being registered").or_(visitor.get_by_text("active"))
    ).to_be_visible()


def test_a_key_ends_for_cause_by_two(visitor: Page, city: System) -> None:
    become(visitor, city, "officer")
    _open(visitor, city, "/office/organisations")
    row = visitor.get_by_role("row").filter(has_text="Maison de la nature")
    row.locator("summary", has_text="Revoke").click()
    row.get_by_label("Reason").select_option("stolen")
    row.get_by_role("button", name="Propose to revoke this key").click()
    title = "Revoke the key of Maison de la nature"
    expect(_waits_for_another(visitor, title)).to_contain_text("the key is in other hands")
    _second_confirms(visitor, title)
    _open(visitor, city, "/office/organisations")
    expect(row).to_contain_text("Revoked for cause. Statements received until")
