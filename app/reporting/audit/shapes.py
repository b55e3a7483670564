"""What others wrote and the audit reads must first have the form that it reads. Pure.

A shape is an object's names with what each holds, a list of one shape, a type, or several of
which one must fit. What is there beyond it is nobody's business here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Shape = Any  # Mapping[str, Shape] | list[Shape] | tuple[Shape, ...] | type | None
WORDS: Mapping[Any, str] = {
    str: "a text", int: "a whole number", list: "a list", None: "null",
}  # fmt: skip


def fault(value: object, shape: Shape) -> str | None:
    """Which place in it is wrong, and what belongs there; None: all of it fits."""
    return _fault(value, shape, "")


def _fault(value: object, shape: Shape, at: str) -> str | None:
    if isinstance(shape, Mapping) and isinstance(value, dict):
        for key, inner in shape.items():
            place = f"{at}.{key}" if at else key
            if key not in value:
                return f"{place} is missing, and must be {in_words(inner)}"
            if (wrong := _fault(value[key], inner, place)) is not None:
                return wrong
        return None
    if isinstance(shape, list) and isinstance(value, list):
        [inner] = shape
        found = (_fault(one, inner, f"{at}[{index}]") for index, one in enumerate(value))
        return next((wrong for wrong in found if wrong is not None), None)
    if _fits(value, shape):
        return None
    return f"{at or 'it'} must be {in_words(shape)}"


def _fits(value: object, shape: Shape) -> bool:
    if isinstance(shape, tuple):
        return any(_fault(value, one, "") is None for one in shape)
    if isinstance(shape, type):
        return isinstance(value, shape) and not (shape is int and isinstance(value, bool))
    return shape is None and value is None


def in_words(shape: Shape) -> str:
    if isinstance(shape, Mapping):
        return f"an object with {', '.join(shape)}" if shape else "an object"
    if isinstance(shape, list):
        return "a list"
    if isinstance(shape, tuple):
        return " or ".join(map(in_words, shape))
    return WORDS[shape]
