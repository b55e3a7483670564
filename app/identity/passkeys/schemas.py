"""What passkeys and confirming say over the wire; a device's part is as WebAuthn's JSON has it."""

from __future__ import annotations

from typing import Any

from marshmallow.fields import Field as BaseField

from app.fields import Id, Input, List, Nested, Output, Text, UtcTime, flawed

NAME_SIGNS = 60


class Credential(BaseField[dict[str, Any]]):
    """What a device answered; read by the library that checks it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"type": "object"}, **options)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise flawed("not-an-object")
        return value


class PasskeyChallengeOut(Output):
    challenge = Id(required=True)
    options = BaseField[Any](required=True, metadata={"type": "object"})


class PasskeyAnswer(Input):
    challenge = Id(required=True)
    credential = Credential(required=True)


class PasskeyName(Input):
    name = Text(required=True, high=NAME_SIGNS)


class NewPasskey(PasskeyName):
    challenge = Id(required=True)
    credential = Credential(required=True)


class PasskeyOut(Output):
    id = Id(required=True)
    name = Text(required=True)
    created_at = UtcTime(required=True)
    last_used_at = UtcTime(allow_none=True)
    cloned_at = UtcTime(allow_none=True)


class PasskeyList(Output):
    items = List(Nested(PasskeyOut), required=True)


class StepUpCode(Input):
    challenge = Id(required=True)
    code = Text(required=True, high=20)
