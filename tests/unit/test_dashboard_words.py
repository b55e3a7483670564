"""The public sentences: nouns that agree, and nothing vouched for that nobody vouched for."""

from __future__ import annotations

from itertools import chain

import pytest

from app.impact.catalogue import catalogue
from app.web import formats
from app.web.public.indicator_view import sentence
from app.web.words import speech_of


@pytest.mark.parametrize(
    ("cents", "french", "english"),
    [
        (0, "0,00 jeton", "0.00 tokens"),
        (100, "1,00 jeton", "1.00 token"),
        (134, "1,34 jeton", "1.34 tokens"),
        (200, "2,00 jetons", "2.00 tokens"),
    ],
)
def test_the_noun_agrees_with_the_amount(cents: int, french: str, english: str) -> None:
    assert formats.tokens(cents, speech_of("fr")) == french
    assert formats.tokens(cents, speech_of("en")) == english


@pytest.mark.parametrize("language", ["fr", "en"])
def test_ones_own_word_is_never_called_vouched_for(language: str) -> None:
    spoken = speech_of(language)
    vouched, rewarded = (
        ("vouched for and", "rewarded") if language == "en" else ("attestés et", "récom")
    )
    only_own = sentence(0, 0, 6, spoken)
    assert "6" in only_own
    assert vouched not in only_own
    assert rewarded not in only_own
    both = sentence(12, 480, 6, spoken)
    assert vouched in both.partition(".")[0]
    assert "12" in both
    assert sentence(0, 0, 0, spoken) == ""


def test_every_source_has_its_name_in_french() -> None:
    for factor in chain(*catalogue().factors.values()):
        assert factor.source.dataset_fr
        assert factor.source.dataset_fr != factor.source.dataset
