"""What others wrote and the audit reads must first have the form that it reads. Pure.

A shape is an object's names with what each holds (or may hold), a list of one shape, a type, or
several of which one must fit. What is there beyond it is nobody's business here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Shape = Any  # Mapping[str, Shape | MayLack] | list[Shape] | tuple[Shape, ...] | type | None
WORDS: Mapping[Any, str] = {
    str: "a text", int: "a whole number", list: "a list", None: "null",
}  # fmt: skip


@dataclass(frozen=True)
class MayLack:
    """Of an object: what stands under a name, if the name is there at all."""

    shape: Shape


def fault(value: object, shape: Shape) -> str | None:
    """Which place in it is wrong, and what belongs there; None: all of it fits."""
    return _fault(value, shape, "")


def _fault(value: object, shape: Shape, at: str) -> str | None:
    if isinstance(shape, Mapping) and isinstance(value, dict):
        faults = (_fault_under(key, value, inner, at) for key, inner in shape.items())
        return next((wrong for wrong in faults if wrong is not None), None)
    if isinstance(shape, list) and isinstance(value, list):
        [inner] = shape
        found = (_fault(one, inner, f"{at}[{index}]") for index, one in enumerate(value))
        return next((wrong for wrong in found if wrong is not None), None)
    if _fits(value, shape):
        return None
    return f"{at or 'it'} must be {in_words(shape)}"


def _fault_under(key: str, value: Mapping[str, Any], shape: Shape | MayLack, at: str) -> str | None:
    place = f"{at}.{key}" if at else key
    inner = shape.shape if isinstance(shape, MayLack) else shape
    if key in value:
        return _fault(value[key], inner, place)
    if isinstance(shape, MayLack):
        return None
    return f"{place} is missing, and must be {in_words(inner)}"


def _fits(value: object, shape: Shape) -> bool:
    if isinstance(shape, tuple):
        return any(_fault(value, one, "") is None for one in shape)
    if isinstance(shape, type):
        return isinstance(value, shape) and not (shape is int and isinstance(value, bool))
    return shape is None and value is None


def in_words(shape: Shape) -> str:
    if isinstance(shape, Mapping):
        names = ", ".join(key for key, inner in shape.items() if not isinstance(inner, MayLack))
        return f"an object with {names}" if names else "an object"
    if isinstance(shape, list):
        return "a list"
    if isinstance(shape, tuple):
        return " or ".join(map(in_words, shape))
    return WORDS[shape]
