"""The clerk's counter by mouse: nothing chosen beforehand, one press one deed, one visit two."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import address, become, identify
from tests.support.system import System


@pytest.fixture
def counter(visitor: Page, city: System) -> Page:
    """The counter with a citizen before it: every time another, whose code counts once there."""
    become(visitor, city, "clerk")
    visitor.goto(f"{address(city)}/attest")
    expect(visitor.locator("#attest")).to_have_attribute("data-key-state", "certified")
    identify(visitor, city)
    return visitor


def _rows(tab: Page) -> int:
    return tab.locator("tbody tr").count()


def test_a_deed_is_chosen_said_in_words_and_signed_once(counter: Page) -> None:
    before = _rows(counter)
    expect(counter.locator(".choice input:checked")).to_have_count(0)
    expect(counter.locator(".choice input").first).to_be_focused()
    confirm = counter.get_by_role("button", name="Confirm and sign")
    counter.get_by_role("textbox", name="Quantity").fill("1")
    confirm.click()
    chosen = counter.locator(".choice input").first.evaluate("tile => tile.validationMessage")
    assert chosen == "Choose what was done."
    assert _rows(counter) == before, "a quantity without a kind was signed"
    tile = counter.locator(".choice").first
    tile.click()
    expect(counter.get_by_role("textbox", name="Quantity")).to_be_focused()
    name = tile.locator("input").get_attribute("data-name") or "?"
    expect(counter.locator("#signed-words")).to_contain_text(f"{name}, 1 ")
    confirm.dblclick()
    expect(counter.locator(".success h2")).to_contain_text(name)
    expect(counter.locator("tbody tr")).to_have_count(before + 1)
    _another_of_the_same_person(counter, before + 1)


def _another_of_the_same_person(tab: Page, before: int) -> None:
    tab.get_by_role("link", name="Same person, another deed").click()
    expect(tab.locator(".choice input:checked")).to_have_count(0)
    tab.get_by_text("Another kind of deed").click()
    tab.locator("#others .choice").first.click()
    tab.get_by_role("textbox", name="Quantity").fill("1")
    tab.get_by_role("button", name="Confirm and sign").click()
    expect(tab.locator(".success h2")).to_be_visible()
    expect(tab.locator("tbody tr")).to_have_count(before + 1)


def test_nothing_is_sent_before_the_script_that_signs_it_runs(counter: Page) -> None:
    counter.route("**/js/attest.js*", lambda one: one.fulfill(content_type="text/javascript"))
    counter.reload()
    expect(counter.get_by_role("button", name="Confirm and sign")).to_be_disabled()


def test_what_a_scale_shows_is_taken_to_the_gram(counter: Page) -> None:
    """4.02 kg is 4020 g, which floating point would not say."""
    counter.locator("details#others").evaluate("fold => { fold.open = true; }")
    counter.locator(".choice", has_text="Glass").first.click()
    counter.get_by_role("textbox", name="Quantity").fill("4,02")
    counter.get_by_role("button", name="Confirm and sign").click()
    expect(counter.locator(".success h2")).to_contain_text("4.02 kg")


def test_the_most_is_said_first_and_a_corrected_number_asks_nothing(counter: Page) -> None:
    tile = counter.locator(".choice").first
    tile.click()
    kind = tile.locator("input")
    usual, most, scale = (
        int(kind.get_attribute(f"data-{name}") or 0) for name in ("usual", "most", "scale")
    )
    quantity = counter.get_by_role("textbox", name="Quantity")
    confirm = counter.get_by_role("button", name="Confirm and sign")
    expect(counter.locator("#h-quantity")).to_contain_text("At most")
    quantity.fill(str(most // scale + 1))
    confirm.click()
    expect(counter.locator("#unusual")).to_be_hidden()
    assert "At most" in str(quantity.evaluate("field => field.validationMessage"))
    quantity.fill(str(usual // scale + 1))
    confirm.click()
    expect(counter.locator("#unusual")).to_be_visible()
    quantity.fill("1")
    expect(counter.locator("#unusual")).to_be_hidden()
