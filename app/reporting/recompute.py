"""All published figures once more, with other factors: what would change. Changes nothing. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.impact.accounting import Estimate, co2e, total
from app.impact.catalogue import Catalogue
from app.reporting.figures import Figure


@dataclass(frozen=True)
class Changed:
    """A kind of deed: its CO2e by the factors of its days, and by the others. None: no factor."""

    action_type: str
    version: int
    quantity: int
    metric: str
    today: Estimate | None
    then: Estimate | None

    @property
    def difference_g(self) -> int:
        """From exact sums, rounded once."""
        today = self.today.central_micrograms if self.today else 0
        then = self.then.central_micrograms if self.then else 0
        return Estimate(then - today, None, None).central


@dataclass(frozen=True)
class FactorChange:
    """A factor that differs; `today` is what holds for the deeds of its newest days."""

    id: str
    today: str
    then: str
    micrograms_today: int
    micrograms_then: int


def recomputed(figures: Iterable[Figure], known: Catalogue, other: Catalogue) -> list[Changed]:
    """By kind of deed, in the catalogue's order."""
    groups: dict[tuple[int, int], list[Figure]] = defaultdict(list)
    for figure in figures:
        groups[figure.key.action_type, figure.key.action_type_version].append(figure)
    return [_changed(found, known, other) for _, found in sorted(groups.items())]


def whole(rows: Iterable[Changed]) -> Changed:
    """The sum of all kinds, from their exact sums."""
    kept = list(rows)
    today = total(row.today for row in kept if row.today)
    return Changed("", 0, 0, "", today, total(row.then for row in kept if row.then))


def factor_changes(known: Catalogue, other: Catalogue) -> list[FactorChange]:
    """Factors whose value or version is another."""
    found = []
    for name, versions in known.factors.items():
        today, then = versions[-1], other.factors[name][-1]
        values = (today.micrograms_per_unit, then.micrograms_per_unit)
        if today.version != then.version or values[0] != values[1]:
            found.append(FactorChange(name, today.version, then.version, *values))
    return found


def _changed(figures: list[Figure], known: Catalogue, other: Catalogue) -> Changed:
    key = figures[0].key
    kind = known.by_number(key.action_type, key.action_type_version)
    metric = kind.co2e.metric.value if kind.co2e else next(iter(kind.metrics))
    return Changed(
        kind.id,
        kind.version,
        sum(figure.metrics[metric] for figure in figures),
        metric,
        _summed(figures, known),
        _summed(figures, other),
    )


def _summed(figures: list[Figure], catalogue: Catalogue) -> Estimate | None:
    found = [
        co2e(
            figure.metrics,
            catalogue.by_number(figure.key.action_type, figure.key.action_type_version),
            date(figure.key.month // 100, figure.key.month % 100, 1),
        )
        for figure in figures
    ]
    parts = [estimate for estimate in found if estimate]
    return total(parts) if parts else None
