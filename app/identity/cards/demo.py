"""The numbers of the simulated city's cards, which seeding makes and the demo's pages show.

No other installation has cards with them: numbers are drawn at random there.
"""

from __future__ import annotations

DEMO_CARDS = (
    "DEMACARD2222222W",
    "DEMACARD3333333M",
    "DEMACARD4444444B",
)
DEMO_PIN = "2580"
