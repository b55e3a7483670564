"""A programme's budget as one bar: what became of each token, and what is left."""

from __future__ import annotations

from types import SimpleNamespace

from app.rewards.money.budget import WARN_AT, Budget
from app.web import formats
from app.web.words import gettext as _

WARN_PERCENT = WARN_AT


def parts(budget: Budget) -> list[SimpleNamespace]:
    """From left to right, in percent of what was funded; together they are all of it."""
    lost = budget.expired + budget.given_back
    amounts = [
        ("b-paid-out", _("paid out to shops"), budget.paid_out),
        ("b-spent", _("spent, not yet paid out"), budget.spent - budget.paid_out),
        ("b-held", _("with citizens"), budget.minted - budget.spent - lost),
        ("b-lost", _("expired or given back"), lost),
        ("b-reserved", _("promised, not yet minted"), budget.reserved),
        ("b-left", _("left"), budget.left),
    ]
    whole, begin, found = budget.funded or 1, 0.0, []
    for name, words, cents in amounts:
        if cents > 0:
            width = cents * 100 / whole
            said = f"{words} {formats.tokens(cents)}"
            found.append(SimpleNamespace(name=name, words=said, x=begin, width=width))
            begin += width
    return found
