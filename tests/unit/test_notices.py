"""A notice that people agreed to never changes under its version."""

from __future__ import annotations

import pytest

from app.privacy.notices import purposes

# Another hash here needs another version in notices.json: people agreed to the exact text.
KNOWN = {
    "sign_in": (
        "2026-11-3",
        "b9abb4009a44abde01e4387eb2cae1590cb77307c6c5e904043ffc84d8f91ed8",
    ),
    "identity": (
        "2026-11-2",
        "ca64614113291d4c78146a29ffa5c9226ea76b7d9307adfabf2bd27a4a4cd7e4",
    ),
    "service_mail": (
        "2026-11-2",
        "2971297b837c9c5fc7d54a7e3b2b647f65df5a6eaa8194169182f3b57c58d356",
    ),
    "presence": (
        "2026-11-2",
        "2df9a594a9ee5c9dfd9741318437b1697b3d5663a9c5a0e2716cbab185d18588",
    ),
    "counter": (
        "2026-11-2",
        "16144edc362c5cfec98b24627322030eeedbab64e59525487486fe3f0c5ca0ee",
    ),
    "review": (
        "2026-11-2",
        "2338927aa7121cf96da84526656d3ec16eab897e352089a21a22d995108e8601",
    ),
    "pay_out": (
        "2026-11-2",
        "481779629683e1c39baa33f84d8b3c937ce3b344fb47d7a24f1e5adf7b604870",
    ),
    "audit": (
        "2026-11-2",
        "7047b4e0c6c78e1a12907fb6ccba76b1f07ab83c76428874a47ef0a926f8dc5d",
    ),
    "rights": (
        "2026-11-1",
        "30d3ef1b4649e4572f44922fc5ff59274bb4c298cfc5de6998897eae2ac42abe",
    ),
    "representation": (
        "2026-11-1",
        "c7eefbaa28031b3a4aabab5de68af35615934e2034c5d67669edebb47317c2fe",
    ),
    "roles": (
        "2026-11-6",
        "26b0b16cc02ade726828595476b413ff96ab63c924c04c87dbb854577ed6a264",
    ),
    "emergency": (
        "2026-11-1",
        "f943dbf903a5851d58bda2a89ab9bd96c80afcdb372e139562591dfd3c21bc4c",
    ),
    "own_data": (
        "2026-11-2",
        "f7d5a9bc575647f394d012bf7cc27c598690f01ca79d390d74cc3b256d59ea73",
    ),
    "recovery": (
        "2026-11-2",
        "b8bb53f4bc801e450f112161fe4146b94627e5c8925bb478020c2230e261bcf8",
    ),
    "partner_trips": (
        "2026-11-3",
        "e355749400b145c9f0148ee57a22cf59776af62af6b7b0ba7d5de874fa22373a",
    ),
    "research": (
        "2026-11-2",
        "2e0ff143195a8316221af45e2e7653e7381297a3134d451b76abcb6905ae00ea",
    ),
}


def test_every_purpose_speaks_both_languages_and_has_a_known_basis() -> None:
    for purpose in purposes().values():
        assert set(purpose.texts) == {"fr", "en"}
        assert purpose.basis in {"consent", "contract", "public_task", "legal_obligation"}
        for words in purpose.texts.values():
            assert words["title"]
            assert words["text"]


@pytest.mark.parametrize("purpose", KNOWN)
def test_a_text_has_not_changed_under_its_version(purpose: str) -> None:
    found = purposes()[purpose]
    assert (found.version, found.hash.hex()) == KNOWN[purpose]


def test_every_text_is_known_here() -> None:
    assert set(purposes()) == set(KNOWN)
