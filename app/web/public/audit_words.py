"""What the audit found otherwise, in the reader's language."""

from __future__ import annotations

from json import dumps as json_text

from app.reporting.audit.published import Difference
from app.web import formats
from app.web.public.dashboard import figure_words
from app.web.words import gettext as _


def _l(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


FIELDS = {
    "reward_cents": _l("reward in cents"),
    "distance_m": _l("distance in metres"),
    "waste_g": _l("waste in grams"),
    "water_ml": _l("water in millilitres"),
    "energy_wh": _l("energy in watt-hours"),
    "duration_s": _l("duration in seconds"),
    "item_count": _l("number of things"),
    "block": _l("last block"),
}


def difference(found: Difference) -> str:
    """Which figure, both values and the block, in words; the id stays for programs."""
    what = _what_differs(found)
    if found.block is None:
        return what
    proof = _("Block %(block)s proves it.", block=formats.whole(found.block))
    return f"{what} {proof}"


def _what_differs(found: Difference) -> str:
    name = figure_words(found.figure)
    match found.chain:
        case "published":
            return _("%(figure)s: on the chain, and the city does not show it.", figure=name)
        case "once":
            return _("%(figure)s: the city shows it twice.", figure=name)
        case "no such cell":
            return _("%(figure)s: the city shows it, and it is not on the chain.", figure=name)
    values = {"chain": _value(found.chain), "shown": _value(found.shown)}
    if found.field == "actions":
        return _(
            "%(figure)s: the chain says %(chain)s, the city shows %(shown)s.", figure=name, **values
        )
    what = _(FIELDS[found.field]) if found.field in FIELDS else found.field
    return _(
        "%(figure)s, %(what)s: the chain says %(chain)s, the city shows %(shown)s.",
        figure=name, what=what, **values,
    )  # fmt: skip


def _value(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return formats.whole(value)
    return value if isinstance(value, str) else json_text(value, ensure_ascii=False)
