"""What a page holds that a content policy, an auditor or a neighbour's browser would mind."""

from __future__ import annotations

from html.parser import HTMLParser

_ADDRESSES = {"href", "src", "action", "formaction"}
_SCHEMES = ("mailto:", "tel:")


class PageReader(HTMLParser):
    """`inline`: what needs unsafe-inline; `addresses`: where it leads; `get_fields`: sent in URLs.

    Data blocks (`type="application/json"`) are no scripts.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.addresses: list[str] = []
        self.get_fields: list[str] = []
        self._by_get = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        data = tag == "script" and given.get("type", "").endswith("json")
        if tag == "style" or (tag == "script" and "src" not in given and not data):
            self.inline.append(self.get_starttag_text() or tag)
        own = [name for name in given if name == "style" or name.startswith("on")]
        self.inline.extend(f"{tag} {name}" for name in own)
        self.addresses.extend(given[name] for name in _ADDRESSES & given.keys())
        if tag == "form":
            self._by_get = given.get("method", "get").lower() == "get"
        if tag in {"input", "select", "textarea"} and self._by_get:
            self.get_fields.append(given.get("name", ""))

    def handle_endtag(self, tag: str) -> None:
        self._by_get = self._by_get and tag != "form"

    def odd_schemes(self) -> list[str]:
        """Addresses that are neither of this site nor https, mail or telephone."""
        fine = ("https://", "/", "#", "?", *_SCHEMES)
        return [one for one in self.addresses if one and not one.startswith(fine)]

    def telling(self) -> list[str]:
        """Addresses that carry an e-mail address or a form's token."""
        here = [one for one in self.addresses if not one.startswith(_SCHEMES)]
        return [one for one in here if "@" in one or "%40" in one or "csrf" in one]
