"""What stations, badges and shifts say over the wire."""

from __future__ import annotations

from app.fields import Choice, Flag, Id, Input, List, Nested, Output, Text, UtcTime, WholeNumber
from app.identity.stations.models import StationStatementKind

STATION_NAME_SIGNS = 60


class NewStation(Input):
    name = Text(required=True, high=STATION_NAME_SIGNS)


class StationOut(Output):
    id = Id(required=True)
    name = Text(required=True)
    enrolled_at = UtcTime(required=True)


class EnrolledStation(StationOut):
    token = Text(required=True)


class ListedStation(StationOut):
    open_by = Id(allow_none=True)
    statements = WholeNumber(required=True)
    paused_until = UtcTime(allow_none=True)


class StationList(Output):
    items = List(Nested(ListedStation), required=True)


class StationStatementOut(Output):
    kind = Choice(StationStatementKind, required=True)
    reference = Text(required=True)
    person_id = Id(required=True)
    at = UtcTime(required=True)


class StationStatementList(Output):
    items = List(Nested(StationStatementOut), required=True)


class NewShift(Input):
    station_token = Text(required=True, high=100)
    badge = Text(load_default="", low=0, high=40)
    number = Text(load_default="", low=0, high=8)
    pin = Text(load_default="", low=0, high=8)


class NewBadge(Input):
    organisation_id = Id(required=True)
    pin = Text(required=True, high=8)


class BadgeOut(Output):
    id = Id(required=True)
    organisation_id = Id(required=True)
    number = WholeNumber(required=True)
    made_at = UtcTime(required=True)
    locked = Flag(required=True)


class BadgeList(Output):
    items = List(Nested(BadgeOut), required=True)


class ListedBadge(BadgeOut):
    person_id = Id(required=True)


class BadgePage(Output):
    items = List(Nested(ListedBadge), required=True)
    next_cursor = Text(allow_none=True)


class MadeBadge(BadgeOut):
    badge = Text(required=True)
