"""A card's code read by the camera, which here sees a film of the card; and without a camera."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Browser, Page, expect

from app.identity.cards.demo import DEMO_CARDS, DEMO_PIN
from app.identity.cards.numbers import in_groups
from tests.browser.conftest import address, become
from tests.support.browser import find_chromium, flags, strict_page
from tests.support.system import System

NUMBER = in_groups(DEMO_CARDS[0])
WIDE, HIGH, DOT = 640, 480, 9  # pixels of the film, and of one dot of the code
SCAN = "Lire la carte avec l’appareil photo"
# Every stream that a page opened, so that the test can see each of them end.
NOTED = """const real = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
window.streams = [];
if (real) navigator.mediaDevices.getUserMedia = async (asked) => {
  const stream = await real(asked);
  window.streams.push(stream);
  return stream;
};"""
ENDED = """() => window.streams.length > 0 && window.streams.every(
  (one) => one.getTracks().every((track) => track.readyState === "ended"))"""
# What Chrome says on a telephone without its maker's services, though it promised to read.
BROKEN = """globalThis.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { throw new DOMException("service unavailable", "NotSupportedError"); }
};"""


def film(path: Path, content: str) -> Path:
    """One picture over and over: the code as it lies on a table."""
    code = [list(row) for row in segno.make(content, error="m").matrix]
    top, left = (HIGH - len(code) * DOT) // 2, (WIDE - len(code) * DOT) // 2
    light = [bytearray(b"\xd8" * WIDE) for _ in range(HIGH)]
    for y, row in enumerate(code):
        for x, dark in enumerate(row):
            if dark:
                for line in range(top + y * DOT, top + (y + 1) * DOT):
                    light[line][left + x * DOT : left + (x + 1) * DOT] = b"\x18" * DOT
    colour = b"\x80" * (WIDE * HIGH // 2)
    head = f"YUV4MPEG2 W{WIDE} H{HIGH} F10:1 Ip A1:1 C420jpeg\nFRAME\n".encode()
    path.write_bytes(head + b"".join(light) + colour)
    return path


@contextmanager
def camera(chromium: Browser, *more: str) -> Iterator[Page]:
    """A telephone's tab in a browser of its own, whose camera is set when it starts."""
    device = "--use-fake-device-for-media-stream"
    browser = chromium.browser_type.launch(
        executable_path=find_chromium(), args=[*flags(), device, *more]
    )
    try:
        with strict_page(browser, locale="fr-FR", viewport={"width": 360, "height": 740}) as tab:
            tab.set_default_timeout(30_000)
            tab.add_init_script(NOTED)
            yield tab
    finally:
        browser.close()


@pytest.fixture
def seeing(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """The camera is allowed, and sees the demo's card."""
    seen = film(tmp_path / "card.y4m", NUMBER)
    allowed = "--use-fake-ui-for-media-stream"
    with camera(chromium, allowed, f"--use-file-for-fake-video-capture={seen}") as tab:
        yield tab


def test_a_card_is_read_at_the_counter_and_at_the_till(seeing: Page, city: System) -> None:
    become(seeing, city, "officer")
    seeing.goto(f"{address(city)}/counter")
    expect(seeing.locator("video")).to_be_hidden()
    assert seeing.evaluate("window.streams.length") == 0  # nothing is asked for before the tap
    seeing.get_by_role("button", name=SCAN).click()
    seeing.wait_for_url("**/counter/visits/*")
    become(seeing, city, "baker")
    seeing.goto(f"{address(city)}/till")
    seeing.locator("#f-amount").fill("0,10")
    seeing.get_by_role("button", name="Afficher le code").click()
    seeing.locator("summary").filter(has_text="carte en papier").click()
    seeing.add_init_script(BROKEN)
    seeing.get_by_role("button", name=SCAN).click()
    expect(seeing.locator("#f-card_number")).to_have_value(NUMBER)
    expect(seeing.locator("#f-pin")).to_be_focused()
    expect(seeing.locator("video")).to_be_hidden()
    assert seeing.evaluate(ENDED)
    seeing.locator("#f-pin").fill(DEMO_PIN)
    seeing.get_by_role("button", name="Payer").click()
    expect(seeing.locator(".screen-result.good")).to_be_visible()


def test_the_camera_ends_when_asked_after_a_minute_and_on_leaving(
    seeing: Page, city: System
) -> None:
    become(seeing, city, "citizen")
    seeing.clock.install()
    seeing.add_init_script(BROKEN)
    page = seeing.goto(f"{address(city)}/pay")
    assert page
    assert page.headers["permissions-policy"].startswith("camera=(self),")
    start = seeing.get_by_role("button", name="Lire le code de la caisse")
    said, stop = seeing.locator(".scan [role=status]"), seeing.get_by_role("button", name="Arrêter")
    start.click()
    expect(said).to_contain_text("code d’une autre sorte")  # a card is no till's code
    expect(seeing).to_have_url(f"{address(city)}/pay")
    stop.click()
    assert seeing.evaluate(ENDED)
    start.click()
    expect(said).to_contain_text("code d’une autre sorte")
    assert not seeing.evaluate(ENDED)
    seeing.clock.fast_forward(60_000)
    expect(said).to_contain_text("au bout d’une minute")
    assert seeing.evaluate(ENDED)
    start.click()
    expect(said).to_contain_text("code d’une autre sorte")
    seeing.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert seeing.evaluate(ENDED)
    expect(start).to_be_visible()


def test_a_refused_camera_leaves_the_typed_field(chromium: Browser, city: System) -> None:
    with camera(chromium, "--use-fake-ui-for-media-stream=deny") as tab:
        become(tab, city, "officer")
        tab.goto(f"{address(city)}/counter")
        tab.get_by_role("button", name=SCAN).click()
        expect(tab.locator(".scan [role=status]")).to_contain_text("a été refusé")
        expect(tab.locator("#f-card_number")).to_be_focused()
        tab.keyboard.type(NUMBER)
        tab.keyboard.press("Enter")
        tab.wait_for_url("**/counter/visits/*")
        page = tab.goto(f"{address(city)}/office")
        assert page
        assert page.headers["permissions-policy"].startswith("camera=(),")


def test_a_tills_code_opens_its_payment_here(
    chromium: Browser, city: System, tmp_path: Path
) -> None:
    payment = "01890000-0000-7000-8000-000000000000"
    seen = film(tmp_path / "till.y4m", f"https://elsewhere.example/pay/{payment}")
    allowed = "--use-fake-ui-for-media-stream"
    with camera(chromium, allowed, f"--use-file-for-fake-video-capture={seen}") as tab:
        become(tab, city, "citizen")
        tab.goto(f"{address(city)}/pay")
        tab.route("**/pay/*", lambda route: route.fulfill(status=200, body="reached"))
        tab.get_by_role("button", name="Lire le code de la caisse").click()
        tab.wait_for_url(f"{address(city)}/pay/{payment}")  # of this city, whatever stands there
