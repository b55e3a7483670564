"""What can be wrong with a question about public figures."""

from __future__ import annotations

from app.errors import Problem, define
from app.impact.catalogue import catalogue

define(
    "indicator-unknown",
    404,
    en=(
        "There is no such indicator",
        "{indicator} is none of those that this city reports on.",
        "Choose one of the list; for programs it stands in /api/v1/catalogue.",
    ),
    fr=(
        "Cet indicateur n’existe pas",
        "{indicator} n’est pas un de ceux que suit cette ville.",
        "Choisissez-en un dans la liste ; pour les programmes, elle est dans /api/v1/catalogue.",
    ),
)


def check_indicator(code: str) -> None:
    """Raises indicator-unknown; empty stands for all."""
    if code and code not in catalogue().indicators:
        raise Problem("indicator-unknown", field="indicator", indicator=code)
