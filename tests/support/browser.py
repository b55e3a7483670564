"""The Chromium found on this machine, driven by Playwright; no browser is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# An address bar that nobody sees renders a page of its own in each tab, at twice the tab's cost.
# Only the last list of a command line counts, so what Playwright turns off is named here again.
OFF = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
INSTALL = "apt-get install -y --no-install-recommends chromium"


def find_chromium() -> str:
    """The browser's path; CIVIS_CHROMIUM goes first. Raises LookupError with the remedy."""
    found = (os.environ.get("CIVIS_CHROMIUM"), *map(shutil.which, NAMES))
    path = next((one for one in found if one), None)
    if path is None:
        raise LookupError(f"No Chromium: run `{INSTALL}` or set CIVIS_CHROMIUM to its path.")
    return path


def flags() -> list[str]:
    off = f"--disable-features={','.join(OFF)}"
    return [*FLAGS, off, *(["--no-sandbox"] if os.geteuid() == 0 else [])]  # refused to root


@contextmanager
def launched_chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags())
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def losing_page(browser: Browser, **options: object) -> Iterator[Page]:
    """Like strict_page, but lost and refused answers, which the console names, are expected."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.set_default_timeout(30_000)
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield tab
    finally:
        context.close()
    assert not errors, f"the page's scripts failed: {errors}"


@contextmanager
def strict_page(browser: Browser, **options: object) -> Iterator[Page]:
    """An empty tab without cookies. A script error on any page it showed fails the test."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    try:
        yield tab
    finally:
        context.close()
    assert not errors, f"the page's scripts failed: {errors}"
