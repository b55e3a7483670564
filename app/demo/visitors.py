"""Who a visitor of the demo may be, and where each begins."""

from __future__ import annotations

from typing import Any

from app.config import Settings
from app.demo.city import address

VISITORS = (
    "citizen",
    "clerk",
    "baker",
    "officer",
    "officer-2",
    "treasurer-1",
    "treasurer-2",
    "auditor",
    "bike-share",
)


def sign_in(settings: Settings) -> dict[str, Any]:
    """For a program: whom a code is sent to, and where the letter with it is read."""
    url = settings.public_url
    people = {who: address(who) for who in VISITORS}
    return {"url": f"{url}/sign-in", "people": people, "letters": f"{url}/mail"}


def how_to_sign_in(settings: Settings) -> str:
    """What `civis run` prints last."""
    how = sign_in(settings)
    return (
        f"Sign in with one click on a card of the first page, or at {how['url']}\n"
        f"as one of {', '.join(how['people'].values())}:\n"
        f"the code is in the letter at {how['letters']}. Everybody in this city is "
        "simulated.\n"
        "Ctrl-C ends it; the next start finds everything again."
    )
