"""The application on a module's services and signer: built once, since its routes take a while."""

from __future__ import annotations

from dataclasses import replace

from app.application import build
from app.chain.signer import SignerClient
from app.context import Application
from app.services import Services

_last: list[tuple[Services, SignerClient, Application]] = []  # one at the most: modules follow


def application_with(services: Services, signer: SignerClient) -> Application:
    """The same one for the same two; it keeps nothing of its own between requests."""
    if not _last or _last[0][0] is not services or _last[0][1] is not signer:
        _last[:] = [(services, signer, build(parts=replace(services, signer=signer)))]
    return _last[0][2]
