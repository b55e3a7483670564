"""Yes, no, and not known (None): what is undecided stays so only where it matters."""

from __future__ import annotations

Truth = bool | None


def all3(*parts: Truth) -> Truth:
    if False in parts:
        return False
    return None if None in parts else True


def any3(*parts: Truth) -> Truth:
    if True in parts:
        return True
    return None if None in parts else False


def not3(part: Truth) -> Truth:
    return None if part is None else not part
