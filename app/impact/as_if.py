"""The catalogue as it would be if other factors held for all deeds, old ones too."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from app.impact.catalogue import Catalogue
from app.impact.entries import Factor
from app.impact.reading import read_factors


class FactorSetError(ValueError):
    """The factor set is not there, not readable, or leaves a factor out. A sentence."""


def as_if(factor_set: str, known: Catalogue) -> Catalogue:
    """`factor_set` is a file like factors.json, whose newest versions hold then, or a version's
    name, which holds wherever a factor has it. Raises FactorSetError."""
    if Path(factor_set).is_file():
        return _loaded(_newest(Path(factor_set), known))
    chosen = {
        name: next((one for one in versions if one.version == factor_set), None)
        for name, versions in known.factors.items()
    }
    if not any(chosen.values()):
        versions = sorted({one.version for found in known.factors.values() for one in found})
        raise FactorSetError(
            f"{factor_set} is neither a file nor a version of a factor; there are: "
            + ", ".join(versions)
        )
    return _loaded(
        {
            name: (_always(chosen_one),) if (chosen_one := chosen[name]) else versions
            for name, versions in known.factors.items()
        }
    )


def _newest(path: Path, known: Catalogue) -> dict[str, tuple[Factor, ...]]:
    try:
        file: Any = json.loads(path.read_text("utf-8"))
        found = read_factors(file)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FactorSetError(f"{path} is no file of factors: {error!r}") from error
    if missing := sorted(known.factors.keys() - found.keys()):
        raise FactorSetError(f"{path} lacks the factors {', '.join(missing)}")
    return {name: (_always(versions[-1]),) for name, versions in found.items()}


def _always(factor: Factor) -> Factor:
    return replace(factor, valid_from=date.min, valid_to=None)


def _loaded(factors: dict[str, tuple[Factor, ...]]) -> Catalogue:
    try:
        return Catalogue.load(factors)
    except ValueError as error:
        raise FactorSetError(f"these factors don't fit the catalogue: {error}") from error
