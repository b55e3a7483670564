"""`make pictures`: the README's four pictures, taken from a small demo city that really runs."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import httpx
from playwright.sync_api import Page

from tests.browser.conftest import address, become
from tests.support.browser import launched_chromium, strict_page
from tests.support.processes import eventually
from tests.support.system import System, running_system

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = {"width": 1100, "height": 760}


def _citizen(tab: Page, city: System) -> None:
    become(tab, city, "citizen")
    tab.goto(f"{address(city)}/me")


def _till(tab: Page, city: System) -> None:
    become(tab, city, "baker")
    tab.goto(f"{address(city)}/till")
    tab.get_by_label("Amount in euros").fill("3,20")
    tab.keyboard.press("Enter")
    tab.get_by_role("img", name=re.compile("QR")).wait_for()


def _figures(tab: Page, city: System) -> None:
    tab.goto(f"{address(city)}/figures?indicator=12.5.1")


def _audit(tab: Page, city: System) -> None:
    """An altered figure, caught; then the truth is put back."""
    tab.goto(f"{address(city)}/verify")
    tab.get_by_role("button", name="Alter a figure").click()
    tab.get_by_text("A published figure has been altered").wait_for()
    tab.get_by_role("button", name="Run the audit now").click()
    tab.locator("[role=status] h3").scroll_into_view_if_needed()


PICTURES = {"citizen": _citizen, "till": _till, "figures": _figures, "audit": _audit}


def _wait_for_figures(city: System) -> None:
    """A period or two after the city was built, its first cells are public."""
    export = f"{address(city)}/figures/export.json"
    assert eventually(lambda: len(httpx.get(export, timeout=60).json()["figures"]) > 9, seconds=180)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="civis-", ignore_cleanup_errors=True) as folder,
        running_system(Path(folder) / "home", CIVIS_DEMO="small") as city,
        launched_chromium() as browser,
    ):
        _wait_for_figures(city)
        for name, show in PICTURES.items():
            with strict_page(browser, locale="en-GB", viewport=SIZE) as tab:
                tab.set_default_timeout(60_000)
                show(tab, city)
                tab.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
