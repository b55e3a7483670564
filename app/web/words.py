"""Translation with types: English in the source, French in translations/fr.

A request's language is asked once. Without a request texts stay as they are in the source.
"""

from __future__ import annotations

from functools import cache, cached_property
from gettext import NullTranslations
from typing import Any, cast

from babel import Locale
from babel.support import Translations
from flask import g, has_request_context
from flask_babel.speaklater import LazyString  # type: ignore[import-untyped]

from app.context import language
from app.web.catalogues import FOLDER


class Speech:
    """A language: `locale` for numbers and dates, and its translations."""

    def __init__(self, locale: str, translations: NullTranslations) -> None:
        self.locale = locale
        self.translations = translations

    def gettext(self, text: str, **values: Any) -> str:
        found = self.translations.gettext(text)
        return found % values if values else found

    def ngettext(self, one: str, many: str, num: int, **values: Any) -> str:
        return self.translations.ngettext(one, many, num) % {"num": self.counted(num), **values}

    def counted(self, num: int) -> str:
        """A count as the language groups its digits."""
        return f"{num:,}".replace(",", self._group)

    @cached_property
    def _group(self) -> str:
        return str(Locale.parse(self.locale).number_symbols["latn"]["group"])


@cache
def speech_of(spoken: str) -> Speech:
    """Reads the language's catalogue, once per process."""
    return Speech(spoken, Translations.load(FOLDER, [spoken]))


_UNSPOKEN = Speech("fr", NullTranslations())


def speech() -> Speech:
    """The language of this request."""
    try:
        return cast("Speech", g.speech)  # asked at every text: one look where it is known
    except AttributeError:
        pass
    except RuntimeError:  # no application at all
        return _UNSPOKEN
    if not has_request_context():
        return _UNSPOKEN
    g.speech = found = speech_of(language())
    return found


def gettext(text: str, **values: Any) -> str:
    return speech().gettext(text, **values)


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    return speech().ngettext(one, many, num, **values)


def lazy_gettext(text: str) -> Any:
    """Translated when it is shown: for words that are named at import."""
    return LazyString(gettext, text)


def locale() -> str:
    return speech().locale
