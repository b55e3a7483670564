"""Emergency access over the wire."""

from __future__ import annotations

from app.fields import Choice, Flag, Id, Input, List, Nested, Output, Text, UtcTime, WholeNumber
from app.governance.emergencies import MOST_HOURS
from app.governance.emergency_models import EmergencyDeed


class NewEmergency(Input):
    hours = WholeNumber(required=True, low=1, high=MOST_HOURS)
    reason = Text(required=True, low=10, high=1000, lines=True)


class NewReview(Input):
    text = Text(required=True, low=3, high=2000, lines=True)


class EmergencyBlock(Input):
    known_by = Text(required=True, low=3, high=254)


class EmergencyPause(Input):
    programme_id = Id(required=True)


class EmergencyPaused(Output):
    id = Id(required=True)
    state = Text(required=True)


class EmergencyActOut(Output):
    at = UtcTime(required=True)
    deed = Choice(EmergencyDeed, required=True)
    about = Id(required=True)


class EmergencyReviewOut(Output):
    """`text`: none once the account of who wrote it is closed."""

    person_id = Id(required=True)
    at = UtcTime(required=True)
    text = Text(required=True, allow_none=True)


class EmergencyOut(Output):
    """`to_review`: fewer than two others have looked at it. Reason and findings are read as on the
    page: each look is recorded. `reason`: none once the account of who opened it is closed."""

    id = Id(required=True)
    person_id = Id(required=True)
    opened_at = UtcTime(required=True)
    until = UtcTime(required=True)
    ended_at = UtcTime(required=True, allow_none=True)
    ended_by = Id(required=True, allow_none=True)
    reason = Text(required=True, allow_none=True)
    acts = List(Nested(EmergencyActOut), required=True)
    reviews = List(Nested(EmergencyReviewOut), required=True)
    to_review = Flag(required=True)


class EmergencyPage(Output):
    items = List(Nested(EmergencyOut), required=True)
    next_cursor = Text(allow_none=True)


class LateRequest(Output):
    id = Id(required=True)
    kind = Text(required=True)
    purpose = Text(required=True, allow_none=True)
    due_at = UtcTime(required=True)
    text = Text(required=True, allow_none=True)


class LateRequests(Output):
    items = List(Nested(LateRequest), required=True)
