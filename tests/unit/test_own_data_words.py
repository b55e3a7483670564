"""Whatever is sealed has a word for the person whose it is."""

from __future__ import annotations

from app.privacy.notices import purposes
from app.tables import metadata
from app.web.citizen import own_data_words as words


def test_every_sealed_column_has_its_word_and_no_other() -> None:
    sealed = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    assert set(words.SEALED) == sealed


def test_every_basis_has_its_words() -> None:
    assert {purpose.basis for purpose in purposes().values()} <= set(words.BASIS)
