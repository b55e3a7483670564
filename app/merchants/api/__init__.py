"""Routes under /api/v1 of payments, pay-outs and merchants."""

from __future__ import annotations

from app.merchants.api import cards, office, payments, slips, till
from app.merchants.api.blueprint import blueprint

__all__ = ["blueprint", "cards", "office", "payments", "slips", "till"]
