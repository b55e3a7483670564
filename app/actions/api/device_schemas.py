"""What devices say over the wire, and what is said of them."""

from __future__ import annotations

from typing import Any

from marshmallow.fields import Field as BaseField

from app.actions.api.schemas import StatementIn
from app.chain_fields import Address, Hash32, Signature
from app.fields import Choice, Flag, Id, Input, List, Nested, Output, Text, UtcTime, WholeNumber
from app.identity.models import KeyCustody

STATES = ("waiting", "coming", "active", "ended", "revoked")


class NewDeviceIn(Input):
    """The key is made by the device itself; only its address is named."""

    name = Text(required=True, high=100)
    key_address = Address(required=True)
    action_types = List(Text(high=60), required=True)
    valid_from = UtcTime(load_default=None, allow_none=True)
    valid_until = UtcTime(load_default=None, allow_none=True)


class DeviceCeilings(Input):
    actions_per_day = WholeNumber(required=True, high=10**6)
    reward_cents_per_day = WholeNumber(required=True, high=10**9)


class UseOut(Output):
    actions = WholeNumber(required=True)
    reward_cents = WholeNumber(required=True)
    waiting = WholeNumber(required=True)


class DeviceOut(Output):
    id = Id(required=True)
    organisation_id = Id(required=True)
    name = Text(required=True)
    state = Choice(STATES, required=True)
    key_address = Address(required=True)
    custody = Choice(KeyCustody, required=True)
    action_types = List(Text(), required=True, attribute="scope")
    scope_hash = Hash32(required=True)
    valid_from = UtcTime(required=True)
    valid_until = UtcTime(required=True)
    actions_per_day = WholeNumber(required=True)
    reward_cents_per_day = WholeNumber(required=True)
    today = Nested(UseOut, required=True)
    token_issued_at = UtcTime(allow_none=True)
    confirmed_at = UtcTime(allow_none=True)
    revoked_at = UtcTime(allow_none=True)
    revoked_for_cause = Flag(required=True)


class DeviceList(Output):
    items = List(Nested(DeviceOut), required=True)


class DeviceTokenOut(Output):
    """Shown this once: only a hash of it is kept."""

    token = Text(required=True)


class DeviceType(Output):
    id = Text(required=True)
    number = WholeNumber(required=True)
    version = WholeNumber(required=True)
    unit = Text(required=True)
    quantity_usual = WholeNumber(required=True)
    quantity_max = WholeNumber(required=True)


class DeviceProgramme(Output):
    id = Id(required=True)
    chain_id = Hash32(required=True)


class OwnDeviceOut(DeviceOut):
    """All that a device needs to make statements without network, and the time to set its clock.

    `typed_data` is as eth_signTypedData_v4 takes it, its message empty.
    """

    now = UtcTime(required=True)
    late_seconds = WholeNumber(required=True)
    types = List(Nested(DeviceType), required=True)
    programmes = List(Nested(DeviceProgramme), required=True)
    typed_data = BaseField[Any](required=True, metadata={"type": "object"})


class NewMeasurement(Input):
    """What was signed and, beside it, what opens its subject."""

    statement = Nested(StatementIn, required=True)
    signature = Signature(required=True)
    salt = Hash32(required=True)
    short_number = Text(required=True, high=20)
    time_code = Text(required=True, high=20)
    confirmed_unusual = Flag(load_default=False)
