"""An announced end as it touches a person, over the wire."""

from __future__ import annotations

from app.fields import Cents, Day, Flag, Id, Output


class EndingOut(Output):
    """`cents` expire after the last day to spend, unless they are spent; `over`: it is past."""

    programme_id = Id(required=True, attribute="programme.id")
    last_day_to_earn = Day(required=True, attribute="programme.last_day_to_earn")
    last_day_to_spend = Day(required=True)
    cents = Cents(low=0, required=True)
    over = Flag(required=True)
