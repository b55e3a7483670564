"""Who a visitor of the demo may be, and where each begins."""

from __future__ import annotations

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


def how_to_sign_in(settings: Settings) -> str:
    """What `civis run` prints last."""
    names = ", ".join(address(who) for who in VISITORS)
    return (
        f"Sign in with one click on a card of the first page, or at {settings.public_url}/sign-in\n"
        f"as one of {names}:\n"
        f"the code is in the letter at {settings.public_url}/mail. Everybody in this city is "
        "simulated.\n"
        "Ctrl-C ends it; the next start finds everything again."
    )
