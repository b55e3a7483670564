"""Where a person is helped: shown on every page and error. Empty means not offered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Help:
    phone: str
    counter: str
    mail: str

    @classmethod
    def read(cls, text: Callable[[str, str], str], default: Help) -> Help:
        """`text`: a setting by its name, or what is given for it."""
        return cls(
            text("HELP_PHONE", default.phone),
            text("HELP_COUNTER", default.counter),
            text("HELP_MAIL", default.mail),
        )


NO_HELP = Help("", "", "")
# A telephone number of the range that France keeps for fiction: it rings nowhere.
DEMO_HELP = Help("01 99 00 12 34", "Mairie, guichet 1 (9 h – 17 h)", "aide@demo.example")
