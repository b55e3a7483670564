"""The package's API, one blueprint filled by the modules beside this one."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("endings_api", __name__, url_prefix="/api/v1")
