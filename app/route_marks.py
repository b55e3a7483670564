"""What a route says of itself beside who may ask; the decorators of app.security read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

View = Callable[..., Any]

AUTH = "__civis_auth__"
STEP_UP = "__civis_step_up__"
IN_A_SHIFT = "__civis_in_a_shift__"
BY_ITSELF = "__civis_by_itself__"
USE = "__civis_use__"


def marked(view: View, name: str, value: object = True) -> View:
    setattr(view, name, value)
    return view


def in_a_shift_too(view: View) -> View:
    """A shift is worth counter and till: other routes for whoever is signed in say so if they
    are for somebody in a shift as well."""
    return marked(view, IN_A_SHIFT)


def asked_by_itself(view: View) -> View:
    """A page asks this again and again: a shift that nobody touches ends all the same, and an open
    page is no sign of life (app.rights.deaths)."""
    return marked(view, BY_ITSELF)
