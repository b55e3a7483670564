"""Where a person is helped: shown on every page and error. Empty means not offered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Help:
    phone: str
    counter: str
    mail: str


NO_HELP = Help("", "", "")
# A telephone number of the range that France keeps for fiction: it rings nowhere.
DEMO_HELP = Help("01 99 00 12 34", "Mairie, guichet 1 (9 h – 17 h)", "aide@demo.example")
