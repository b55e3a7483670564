"""What a deed tells, over the wire: by whom what can honestly be said."""

from __future__ import annotations

from typing import Any

from marshmallow import post_load
from marshmallow.fields import Field as BaseField

from app.actions.told import CODE, KIND, MOST_CODES, NUMBERS, PROOF_CLASS
from app.chain_fields import Hash32
from app.fields import Input, WholeNumber, flawed


class Codes(BaseField[dict[str, str]]):
    """Codes of a place by their kind, such as {"com": "34172"}."""

    def __init__(self, **options: Any) -> None:
        shape = {"type": "object", "additionalProperties": {"type": "string"}}
        super().__init__(metadata=shape, **options)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            raise flawed("not-an-object")
        if not 1 <= len(value) <= MOST_CODES:
            raise flawed("list-length", min=1, max=MOST_CODES)
        for kind, code in value.items():
            for text, pattern in ((kind, KIND), (code, CODE)):
                if not isinstance(text, str) or not pattern.fullmatch(text):
                    raise flawed("not-short", pattern=pattern.pattern)
        return value


class ProofClass(BaseField[str]):
    """As a partner's register has it."""

    def __init__(self, **options: Any) -> None:
        shape = {"type": "string", "pattern": PROOF_CLASS.pattern}
        super().__init__(metadata=shape, **options)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        if not isinstance(value, str) or not PROOF_CLASS.fullmatch(value):
            raise flawed("not-short", pattern=PROOF_CLASS.pattern)
        return value


def number(name: str) -> WholeNumber:
    low, high = NUMBERS[name]
    return WholeNumber(low=low, high=high)


class _Seen(Input):
    seats = number("seats")
    start = Codes()
    end = Codes()


class ToldByCitizen(_Seen):
    """Of a deed of one's own; `contribution_cents` is what the passenger paid."""

    contribution_cents = number("contribution_cents")
    revenue_cents = number("revenue_cents")


class ToldByClerk(_Seen):
    """What somebody at the counter can see. `other`: the subject of another visit to the same
    clerk, of whoever shared it."""

    other = Hash32()

    @post_load
    def _as_text(self, said: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """As it is kept and signed."""
        return {k: "0x" + v.hex() if isinstance(v, bytes) else v for k, v in said.items()}
