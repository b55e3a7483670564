"""The OpenID provider that people may sign in with, if the operator names one."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Profile(enum.StrEnum):
    """What the provider's word is worth: that somebody came back, or who they are."""

    GENERIC = "generic"
    FRANCECONNECT = "franceconnect"  # v2: eIDAS levels, the pivot identity, its own logout


@dataclass(frozen=True)
class OpenId:
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    profile: Profile = Profile.GENERIC

    @property
    def verifies(self) -> bool:
        """Whether a sign-in there proves the person's identity."""
        return self.profile is Profile.FRANCECONNECT

    @property
    def scope(self) -> str:
        return "openid given_name family_name birthdate email" if self.verifies else "openid email"

    @property
    def acr(self) -> str | None:
        """The level asked for: FranceConnect's lowest, which its banks and tax office meet."""
        return "eidas1" if self.verifies else None


def openid_of(text: Callable[[str], str]) -> OpenId | None:
    """`text` reads a variable. Raises ValueError, in words for whoever sets it."""
    issuer, client_id = text("OPENID_ISSUER").rstrip("/"), text("OPENID_CLIENT_ID")
    if not (issuer or client_id):
        return None
    if not (issuer and client_id):
        raise ValueError("Set OPENID_ISSUER and OPENID_CLIENT_ID both, or neither.")
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ValueError("OPENID_ISSUER must begin with https://.")
    try:
        profile = Profile(text("OPENID_PROFILE") or "generic")
    except ValueError as error:
        known = " and ".join(Profile)
        raise ValueError(f"OPENID_PROFILE is unknown: there are {known}.") from error
    name = text("OPENID_NAME") or ("FranceConnect" if profile is Profile.FRANCECONNECT else "")
    return OpenId(issuer, client_id, _secret(text), name or (parts.hostname or issuer), profile)


def _secret(text: Callable[[str], str]) -> str:
    file = text("OPENID_CLIENT_SECRET_FILE")
    try:
        secret = Path(file).read_text("utf-8").strip() if file else text("OPENID_CLIENT_SECRET")
    except OSError as error:
        raise ValueError("OPENID_CLIENT_SECRET_FILE can't be read.") from error
    if not secret:
        raise ValueError("Set OPENID_CLIENT_SECRET or OPENID_CLIENT_SECRET_FILE.")
    return secret
