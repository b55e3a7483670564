"""WebAuthn's two ceremonies, by the library: what is asked of the device, and whether the answer
is right. Only this module knows the library; whatever is wrong with an answer is one problem.

User verification is always required: a passkey is what one has and what one knows or is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.errors import Problem

ANSWER_SECONDS = 300
MAX_CREDENTIAL_ID = 1023  # bytes; WebAuthn allows no longer ones
_VERIFIED = UserVerificationRequirement.REQUIRED
_DEFAULT_PORTS = {"http": 80, "https": 443}

Answer = dict[str, Any]  # RegistrationResponseJSON or AuthenticationResponseJSON


@dataclass(frozen=True)
class Site:
    """Whom devices make passkeys for; what they sign names both."""

    rp_id: str
    origin: str

    @classmethod
    def of(cls, public_url: str) -> Site:
        """As browsers write an origin: lower case, no port where it is the usual one."""
        parts = urlsplit(public_url)
        host, port = parts.hostname or "", parts.port
        usual = port is None or port == _DEFAULT_PORTS.get(parts.scheme)
        return cls(host, f"{parts.scheme}://{host}" + ("" if usual else f":{port}"))


@dataclass(frozen=True)
class NewCredential:
    """What a device made."""

    id: bytes
    public_key: bytes
    sign_count: int


def creation_options(
    site: Site, challenge: bytes, *, handle: bytes, name: str, known: Sequence[bytes]
) -> dict[str, Any]:
    """PublicKeyCredentialCreationOptionsJSON. `known`: the person's passkeys, not made twice."""
    options = webauthn.generate_registration_options(
        rp_id=site.rp_id,
        rp_name="Civis",
        user_id=handle,
        user_name=name,
        challenge=challenge,
        timeout=ANSWER_SECONDS * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return _plain(options)


def request_options(site: Site, challenge: bytes, known: Sequence[bytes]) -> dict[str, Any]:
    """PublicKeyCredentialRequestOptionsJSON; with none `known` the device says who it is for."""
    options = webauthn.generate_authentication_options(
        rp_id=site.rp_id,
        challenge=challenge,
        timeout=ANSWER_SECONDS * 1000,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        user_verification=_VERIFIED,
    )
    return _plain(options)


def created(site: Site, challenge: bytes, answer: Answer) -> NewCredential:
    """Raises Problem passkey-refused."""
    with _refusing():
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
        # a point that lies on no curve would be found out only at the first sign-in
        decoded_public_key_to_cryptography(decode_credential_public_key(made.credential_public_key))
        if len(made.credential_id) > MAX_CREDENTIAL_ID:
            raise refused()
    return NewCredential(made.credential_id, made.credential_public_key, made.sign_count)


def signed(site: Site, challenge: bytes, answer: Answer, public_key: bytes) -> int:
    """The device's count of signatures, if it signed. Raises Problem passkey-refused.

    The count is the caller's to compare, once the signature is known to be right.
    """
    with _refusing():
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    return found.new_sign_count


def named_by(answer: Answer) -> tuple[bytes, bytes | None]:
    """Which credential an answer says it is of, and whose. Raises Problem passkey-refused."""
    with _refusing():
        handle = answer["response"].get("userHandle")
        return base64url_to_bytes(answer["id"]), base64url_to_bytes(handle) if handle else None


def refused() -> Problem:
    """The same for every cause. What was used up, the question, stays used up."""
    return Problem("passkey-refused", field="credential", keep=True)


@contextmanager
def _refusing() -> Iterator[None]:
    """An answer is a stranger's bytes: however it breaks the library, it is refused."""
    try:
        yield
    except Problem:
        raise
    except (WebAuthnException, ValueError, TypeError, LookupError, AttributeError) as error:
        raise refused() from error


def _plain(options: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return told
