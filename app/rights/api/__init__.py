"""Routes under /api/v1 of people's rights: their own, and at the city's counter."""

from __future__ import annotations

from app.rights.api import counter, counter_papers, disclosures, own
from app.rights.api.blueprint import blueprint

__all__ = ["blueprint", "counter", "counter_papers", "disclosures", "own"]
