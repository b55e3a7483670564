"""Bars of a chart, as the inside of an SVG of 640 by 196 units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import ceil

from markupsafe import Markup, escape

from app.web import formats
from app.web.words import Speech

LEFT, WIDTH, TOP, HEIGHT, MONTHS, YEARS = 10, 620, 15, 145, 175, 190
FEWEST, MOST_LABELS = 4, 12  # a single month is no wall; more labels would run into each other
_BAR = (
    '<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}">'
    "<title>{title}</title></rect>"
)
_LABEL = '<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>'


def bars(deeds: Mapping[date, int], spoken: Speech) -> Markup:
    """A bar for each month, the oldest first, the year where it begins; nothing without deeds."""
    months, most = sorted(deeds), max(deeds.values(), default=0)
    if most <= 0:
        return Markup()
    step, drawn, year = WIDTH / max(len(months), FEWEST), [], 0
    for index, month in enumerate(months):
        x, height = LEFT + (index + 0.15) * step, HEIGHT * max(deeds[month], 0) / most
        title = formats.month(month, spoken)
        size = {"x": x, "y": TOP + HEIGHT - height, "width": step * 0.7, "height": height}
        between = "\u00a0: " if spoken.locale == "fr" else ": "
        words = {"title": escape(f"{title}{between}{formats.whole(deeds[month], spoken)}")}
        drawn.append(_BAR.format(**size, **words))
        if index % ceil(len(months) / MOST_LABELS) == 0:
            drawn.append(_LABEL.format(x + step * 0.35, MONTHS, escape(title.split()[0])))
            if month.year != year:
                drawn.append(_LABEL.format(x + step * 0.35, YEARS, month.year))
            year = month.year
    return Markup("".join(drawn))  # noqa: S704 - words escaped above


def columns(rows: Sequence[tuple[str, int, str]], second: bool = False) -> Markup:
    """A bar for each (label, value, title), in their order; nothing where all are 0."""
    most, drawn = max((value for _, value, _ in rows), default=0), []
    if most <= 0:
        return Markup()
    step = WIDTH / max(len(rows), FEWEST)
    for index, (label, value, title) in enumerate(rows):
        x, height = LEFT + (index + 0.15) * step, HEIGHT * max(value, 0) / most
        size = {"x": x, "y": TOP + HEIGHT - height, "width": step * 0.7, "height": height}
        drawn.append(_BAR.format(**size, title=escape(title)))
        drawn.append(_LABEL.format(x + step * 0.35, MONTHS, escape(label)))
        above = TOP + HEIGHT - height - 4
        drawn.append(_LABEL.format(x + step * 0.35, f"{above:.1f}", formats.whole(value)))
    text = "".join(drawn)
    return Markup(text.replace('class="bar"', 'class="bar second"') if second else text)  # noqa: S704 - words escaped above
