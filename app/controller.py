"""Who answers for people's data, as a consent's receipt names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Controller:
    """Empty where nothing is set: the receipt then names the site's own address."""

    name: str
    address: str

    @classmethod
    def read(cls, text: Callable[[str, str], str], demo: bool) -> Controller:
        """`text`: a setting by its name, or what is given for it."""
        default = _DEMO if demo else cls("", "")
        return cls(
            text("CONTROLLER_NAME", default.name), text("CONTROLLER_ADDRESS", default.address)
        )


_DEMO = Controller("Ville de démonstration", "1 place de la Mairie, Démoville")
