"""Clerks' keys in words: how each stands, and for which kinds of deed it speaks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.actions.models import AttesterKey
from app.identity.models import Organisation
from app.impact.catalogue import catalogue
from app.web.words import gettext as _
from app.web.words import locale


def key_state(key: AttesterKey, organisation: Organisation, at: datetime) -> str:
    """One of asked, certified, revoked and ended; a new key of the organisation asks anew."""
    if key.revoked_at is not None:
        return "revoked"
    if key.valid_until < at:
        return "ended"
    certified = key.certificate_signature and key.certified_by_address == organisation.key_address
    return "certified" if certified else "asked"


def kind_words(slug: str) -> str:
    return catalogue().action_type(slug).name[locale()]


def kinds_words(scope: Iterable[str]) -> str:
    """A scope as its holder reads it; an empty one is every kind."""
    return ", ".join(map(kind_words, scope)) or _("every kind of deed")
