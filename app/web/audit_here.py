"""The audit as a page shows it: the same code that a stranger runs, on the city's own server."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.config import Settings
from app.reporting.audit.run import Report, audit


def gateway_url(settings: Settings) -> str:
    """Where the public reaches the gateway: beside the site, unless a proxy says otherwise."""
    site = urlsplit(settings.public_url)
    if settings.embedded:
        return f"{site.scheme}://{site.hostname}:{settings.gateway_port}"
    return f"{settings.public_url}/gateway"


def run_here(settings: Settings) -> Report:
    """Asks the local gateway and the local site, as a stranger would from outside."""
    loopback = "http://127.0.0.1"
    return audit(f"{loopback}:{settings.gateway_port}", f"{loopback}:{settings.port}")
