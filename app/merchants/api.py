"""Routes under /api/v1 of payments, pay-outs and merchants."""

from __future__ import annotations

from app.merchants import office_routes, payment_routes, till_routes
from app.merchants.blueprint import blueprint

__all__ = ["blueprint", "office_routes", "payment_routes", "till_routes"]
