"""Devices come in with a token of their own, never with a person's session or a cookie.

@blueprint.post("/devices/own/measurements")
@by_device
@idempotent
...
device()      the device that asks
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import g, request

from app import limits
from app.actions.device_tokens import device_of_token
from app.actions.models import Device
from app.context import db_session
from app.errors import Problem
from app.route_marks import AUTH, marked

View = Callable[..., Any]


def by_device(view: View) -> View:
    """Open to whoever has the token of a device."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        g.device = _find()
        limits.check_writes(view, f"device:{g.device.id}")
        return view(*args, **kwargs)

    return marked(guarded, AUTH, "device")


def device() -> Device:
    return cast("Device", g.device)


def _find() -> Device:
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise Problem("device-token-unknown", headers={"WWW-Authenticate": "Bearer"})
    return device_of_token(db_session(), given.token)
