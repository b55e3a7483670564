"""Seeding the simulated city: step by step, each of which does nothing when it is done already."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.config import Settings
from app.demo.cards import make_cards
from app.demo.city import small_city, whole_city
from app.demo.deeds import make_appeals, record_history
from app.demo.founding import found_programme, fund, register_people
from app.demo.organisations import register_attesters, register_shops
from app.demo.partner_file import import_once
from app.demo.scale import register_scale
from app.demo.spending import pay_out_once, spend_once
from app.demo.world import Say, World, refuse_elsewhere
from app.services import connect_to_change

Step = tuple[str, Callable[[World], None]]


def await_signer(world: World) -> None:
    """Where all parts start at once, the signer may still be loading."""
    world.wait("the signer's start", lambda _session: world.parts.signer.ping())


STEPS: tuple[Step, ...] = (
    ("signer", await_signer),
    ("people", register_people),
    ("programme", found_programme),
    ("shops", register_shops),
    ("attesters", register_attesters),
    ("scale", register_scale),
    ("funding", fund),
    ("deeds", record_history),
    ("cards", make_cards),
    ("appeals", make_appeals),
    ("import", import_once),
    ("payments", spend_once),
    ("pay-out", pay_out_once),
)


def seed(settings: Settings, say: Say) -> dict[str, float]:
    """Makes the city, or what is missing of it; how many seconds each step took.

    Raises NotADemoError, SlowError, Problem.
    """
    refuse_elsewhere(settings)
    city = small_city() if settings.small_demo else whole_city()
    world = World(connect_to_change(settings, name="civis seed"), city, say)
    seconds: dict[str, float] = {}
    try:
        for name, step in STEPS:
            began = time.monotonic()
            step(world)
            seconds[name] = round(time.monotonic() - began, 1)
            say(f"    {name:<10} {seconds[name]:5.1f} s")
        world.close()
    finally:
        world.parts.database.dispose()
    return seconds
