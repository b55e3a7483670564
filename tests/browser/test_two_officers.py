"""Two officers by page: rules with a preview, a shop with its account, a key's end."""

from __future__ import annotations

from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.browser.conftest import address, become
from tests.support.system import System

IBAN = "FR76 3000 6000 0112 3456 7890 189"


def _open(tab: Page, city: System, path: str) -> None:
    tab.goto(address(city) + path)


def _waits_for_another(tab: Page) -> None:
    """Who proposed may withdraw, and is shown who may confirm."""
    expect(tab.get_by_text("You proposed this: another officer must confirm it.")).to_be_visible()
    expect(tab.get_by_role("button", name="Confirm", exact=True)).to_have_count(0)


def _second_confirms(tab: Page) -> None:
    tab.get_by_role("button", name="Be the second officer").click()
    tab.get_by_role("button", name="Confirm", exact=True).click()
    expect(tab.get_by_text("Nothing waits for a second officer.")).to_be_visible()


def test_rules_are_previewed_proposed_and_confirmed(visitor: Page, city: System) -> None:
    become(visitor, city, "officer")
    _open(visitor, city, "/office/programmes")
    visitor.get_by_role("link", name="Propose other rules").first.click()
    visitor.locator("input[name=rate_glass-recycling]").fill("0.07")
    visitor.locator("input[name=cap_contact_day]").fill("9.00")
    visitor.get_by_role("button", name="Preview").click()
    expect(visitor.get_by_role("alert")).to_contain_text("The caps are not safe")
    visitor.locator("input[name=cap_contact_day]").fill("3.00")
    visitor.get_by_role("button", name="Preview").click()
    expect(visitor.get_by_text("Glass brought to recycling, 4 kg: 0.28 tokens.")).to_be_visible()
    visitor.get_by_role("button", name="Propose to another officer").click()
    _waits_for_another(visitor)
    expect(visitor.get_by_text("7 token cents per kg")).to_be_visible()
    _second_confirms(visitor)
    _open(visitor, city, "/office/programmes")
    expect(visitor.get_by_text("Version 2 holds from")).to_be_visible()


def test_a_programme_is_proposed_with_its_budget(visitor: Page, city: System) -> None:
    become(visitor, city, "officer")
    _open(visitor, city, "/office/programmes/new")
    name = f"Summer {uuid4().hex[:6]}"
    for field, text in {
        "name_fr": "Saison d'été", "name_en": name, "slug": f"summer-{uuid4().hex[:8]}",
        "token_symbol": "SUM", "first_day": "2027-06-01", "last_day_to_earn": "2027-08-31",
        "last_day_to_spend": "2027-09-30", "budget": "12000",
    }.items():  # fmt: skip
        visitor.locator(f"input[name={field}]").fill(text)
    visitor.get_by_role("button", name="Propose to another officer").click()
    expect(visitor.get_by_role("heading", name=f"New programme: {name}")).to_be_visible()
    visitor.get_by_text("All of it").click()
    expect(visitor.get_by_text("Budget: €12,000.00.")).to_be_visible()
    _second_confirms(visitor)
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
    visitor.get_by_label("IBAN").fill(IBAN[:-1] + "8")
    visitor.get_by_role("button", name="Enter").click()
    expect(visitor.get_by_role("alert")).to_contain_text("This is no valid IBAN")
    visitor.get_by_label("IBAN").fill(IBAN)
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
    row.get_by_text("Revoke").click()
    row.get_by_label("Reason").select_option("stolen")
    row.get_by_role("button", name="Propose to revoke this key").click()
    _waits_for_another(visitor)
    _second_confirms(visitor)
    _open(visitor, city, "/office/organisations")
    expect(row).to_contain_text("Revoked for cause. Statements received until")
