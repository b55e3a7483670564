"""The audit as a page shows it: the same code that a stranger runs, on the city's own server."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.config import Settings
from app.reporting.audit.run import Report, audit


def gateway_url(settings: Settings) -> str:
    """Where the public reaches the gateway; empty where the city offers none."""
    if settings.gateway_url or not settings.embedded:
        return settings.gateway_url
    site = urlsplit(settings.public_url)
    return f"{site.scheme}://{site.hostname}:{settings.gateway_port}"


def run_here(settings: Settings) -> Report:
    """Asks what a stranger would ask; in the embedded system by the loopback address."""
    if not settings.embedded:
        return audit(settings.gateway_url, settings.public_url)
    loopback = "http://127.0.0.1"
    rpc = settings.gateway_url or f"{loopback}:{settings.gateway_port}"
    return audit(rpc, f"{loopback}:{settings.port}")
