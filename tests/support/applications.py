"""The application on a module's services and signer: built once, since its routes take a while."""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

from app.application import build
from app.chain.signer import SignerClient
from app.context import Application
from app.services import Services

_OF_SIGNER: WeakKeyDictionary[SignerClient, tuple[Services, Application]] = WeakKeyDictionary()


def application_with(services: Services, signer: SignerClient) -> Application:
    """The same one for the same two; it keeps nothing of its own between requests."""
    known = _OF_SIGNER.get(signer)
    if known is None or known[0] is not services:
        known = services, build(parts=replace(services, signer=signer))
        _OF_SIGNER[signer] = known
    return known[1]
