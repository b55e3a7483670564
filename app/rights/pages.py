"""What stands at well-known addresses."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from app.context import services
from app.rights.consent_receipts import public_keys
from app.security import public

blueprint = Blueprint("well_known", __name__, url_prefix="/.well-known")


@blueprint.get("/jwks.json")
@public
def keys() -> dict[str, Any]:
    """The key that consent receipts are signed with."""
    return public_keys(services().keyring)
