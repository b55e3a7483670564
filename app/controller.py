"""Who answers for people's data and who watches over that, as receipts, register and letters name
them."""

from __future__ import annotations

import re
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


@dataclass(frozen=True)
class Authority:
    """To whom people can complain, and the country whose law holds: data lie there alone."""

    country: str  # ISO 3166-1, two letters
    name: str
    address: str
    url: str

    @classmethod
    def read(cls, text: Callable[[str, str], str]) -> Authority:
        """All four, or none. Raises ValueError for what is no such setting."""
        given = cls(
            text("CONTROLLER_COUNTRY", "").upper(),
            text("AUTHORITY_NAME", ""),
            text("AUTHORITY_ADDRESS", ""),
            text("AUTHORITY_URL", ""),
        )
        if given == cls("", "", "", ""):
            return FRENCH
        names = "CONTROLLER_COUNTRY, AUTHORITY_NAME, AUTHORITY_ADDRESS and AUTHORITY_URL"
        if "" in (given.country, given.name, given.address, given.url):
            raise ValueError(f"{names} are set together, or none of them.")
        if not _COUNTRY.fullmatch(given.country):
            raise ValueError("CONTROLLER_COUNTRY is two letters, such as FR.")
        if not _PAGE.fullmatch(given.url):
            raise ValueError("AUTHORITY_URL is an address that begins with https://.")
        return given

    def __str__(self) -> str:
        return f"{self.name} ({self.url})"


_COUNTRY = re.compile(r"[A-Z]{2}")
_PAGE = re.compile(r"https://[^\s<>\"']+")
FRENCH = Authority("FR", "CNIL", "3 place de Fontenoy, 75007 Paris", "https://www.cnil.fr/plaintes")
