"""Routes under /api/v1 of payments, pay-outs and merchants."""

from __future__ import annotations

from app.merchants.api import office, payments, till
from app.merchants.api.blueprint import blueprint

__all__ = ["blueprint", "office", "payments", "till"]
