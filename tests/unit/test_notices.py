"""A notice that people agreed to never changes under its version."""

from __future__ import annotations

import pytest

from app.privacy.notices import purposes

# Another hash here needs another version in notices.json: people agreed to the exact text.
KNOWN = {
    "sign_in": (
        "2026-11-1",
        "61c62b194de6541e5489f6abab0ecd825e2aafefe7641e65ed8eb0974eba7229",
    ),
    "service_mail": (
        "2026-11-1",
        "ceef28c08b8dc1bbb2346a7f2f298fac6242f6f6f2aed7f6aa97d99bf93ac354",
    ),
    "presence": (
        "2026-11-1",
        "938e65a403a7b6d6f9f622f3f748dd669dc8553d287fdac2bce828ede05c758b",
    ),
    "review": (
        "2026-11-1",
        "cd1e19f78814d74a861fb4b84f008a105d32f4fc780df06afe0259b7d9b5ad2a",
    ),
    "pay_out": (
        "2026-11-1",
        "90552e34be8a667aad076cfebeba987875f8a5feae93cdb9d6e5c58c3f9109da",
    ),
    "audit": (
        "2026-11-1",
        "d846e3f2d482993917ea334c2f551862ac65417415ad163930f3a6c8e908e046",
    ),
    "own_data": (
        "2026-11-1",
        "4e126e2dcfe84b13a06c38d5760b5e767000bfd9330556ef60fc089fe132015f",
    ),
    "rights": (
        "2026-11-1",
        "85ca327dec87f729701e4022cffeca007cc9b0a13a2b5c5da7b10bd21c5da332",
    ),
    "roles": (
        "2026-11-2",
        "fa7da48b81ec20f2925353044bd382f250e51338861404fed84d40660f807277",
    ),
    "recovery": (
        "2026-11-1",
        "04903f2e032f898beabc11039bf2c6db3d8c7a041b7ac3289d31bd4742fbb921",
    ),
    "partner_trips": (
        "2026-11-1",
        "971f8d30b9c2c9d327a6756c72df2b15407b708a4e2f52948c338a76ef36f564",
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
