"""Where this package's routes are hung."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("identity_api", __name__, url_prefix="/api/v1")
