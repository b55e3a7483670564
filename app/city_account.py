"""The bank account from which merchants are paid."""

from __future__ import annotations

from dataclasses import dataclass

from schwifty import IBAN


@dataclass(frozen=True)
class CityAccount:
    """IBAN without spaces. Raises ValueError, in words for whoever sets it."""

    holder: str
    iban: str

    def __post_init__(self) -> None:
        if not self.holder:
            raise ValueError("Set BANK_HOLDER to the holder of the account BANK_IBAN.")
        if not IBAN(self.iban, allow_invalid=True).is_valid:
            raise ValueError("BANK_IBAN is no valid IBAN.")


DEMO_ACCOUNT = CityAccount("Ville de demonstration", "FR1420041010050500013M02606")
