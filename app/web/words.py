"""Translation with types: English in the source, French in translations/fr."""

from __future__ import annotations

from typing import Any

import flask_babel  # type: ignore[import-untyped]


def gettext(text: str, **values: Any) -> str:
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    return str(flask_babel.ngettext(one, many, num, **values))


def lazy_gettext(text: str) -> Any:
    """Translated when it is shown: for words that are named at import."""
    return flask_babel.lazy_gettext(text)


def locale() -> str:
    return str(flask_babel.get_locale() or "fr")
