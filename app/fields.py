"""What comes in over the wire, one marshmallow field per kind of value; every flaw has a code.

Declare inputs as `class NewPayment(Input)`: unknown fields are refused, as is anything that is
not an object. Outputs derive from `Output`, with the same fields. Bounds are inclusive.
Amounts are whole cents; integers that may pass 2**53 travel as text (`BigIntString`).
Addresses, hashes and signatures: `app.chain_fields`.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError
from marshmallow.fields import Field as BaseField
from marshmallow.fields import List, Nested

from app.errors import Flaw

__all__ = ["List", "Nested"]

MAX_CENTS = 100_000_000  # a million euros: more in one order is a mistake
MAX_WHOLE = 2**53 - 1  # what JSON carries exactly everywhere
MAX_UINT256 = 2**256 - 1
SOMETIMES = {"sometimes": True}  # of an answer's field that may be left out
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_DIGITS = re.compile(r"-?(0|[1-9][0-9]{0,77})")
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\\\]]{1,64}@([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}", re.I)

BaseField.default_error_messages = {
    "required": "field-required",
    "null": "field-null",
    "validator_failed": "field-invalid",
}
List.default_error_messages = {"invalid": "not-a-list"}
Nested.default_error_messages = {"type": "not-an-object"}


def flawed(code: str, **values: Any) -> ValidationError:
    """The error of one field: `raise flawed("out-of-range", min=1, max=5)`."""
    return ValidationError([Flaw(code, **values)])


class Input(Schema):
    """A body or query from outside: what it doesn't name is refused."""

    error_messages = {"unknown": "field-unknown", "type": "not-an-object"}  # noqa: RUF012

    class Meta:
        unknown = RAISE


class Output(Schema):
    """An answer: only what it names goes out, and all of it, unless `metadata=SOMETIMES`."""

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, _field_name: str, field_obj: BaseField[Any]) -> None:
        field_obj.required = not field_obj.metadata.get("sometimes")


class WholeNumber(BaseField[int]):
    """An integer, never a fraction, a boolean or text."""

    def __init__(self, *, low: int = 0, high: int = MAX_WHOLE, **options: Any) -> None:
        self.low, self.high = low, high
        super().__init__(**options)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise flawed("not-whole")
        if not self.low <= value <= self.high:
            raise flawed("out-of-range", min=self.low, max=self.high)
        return value


class Quantity(BaseField[Any]):
    """Whole units of the action type; judged with the type, so that each flaw has its code."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"minimum": 1}, **options)


class QueryNumber(WholeNumber):
    """A whole number in a query string, where everything is text."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        return super()._deserialize(value, *args, **kwargs)


class Cents(WholeNumber):
    """An amount in cents, at least one unless told otherwise."""

    def __init__(self, *, low: int = 1, high: int = MAX_CENTS, **options: Any) -> None:
        super().__init__(low=low, high=high, **options)


class BigIntString(BaseField[int]):
    """A chain integer as decimal text."""

    def __init__(self, *, low: int = 0, high: int = MAX_UINT256, **options: Any) -> None:
        self.low, self.high = low, high
        super().__init__(**options)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:
        if not isinstance(value, str) or not _DIGITS.fullmatch(value):
            raise flawed("not-big-whole")
        if not self.low <= int(value) <= self.high:
            raise flawed("out-of-range", min=self.low, max=self.high)
        return int(value)

    def _serialize(self, value: int | None, *_args: Any, **_kwargs: Any) -> str | None:
        return None if value is None else str(value)


_CONTROL = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
_TURNING = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Text(BaseField[str]):
    """Text in NFC without control characters; line ends only where `lines`.

    Nor with those that turn the direction of writing: a shop's label would read backwards.
    """

    def __init__(
        self, *, low: int = 1, high: int = 200, lines: bool = False, **options: Any
    ) -> None:
        self.low, self.high, self.lines = low, high, lines
        super().__init__(**options)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        if not isinstance(value, str):
            raise flawed("not-text")
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
        kept = text.replace("\n", "").replace("\t", "") if self.lines else text
        if any(unicodedata.category(s) in _CONTROL or s in _TURNING for s in kept):
            raise flawed("text-control")
        if not self.low <= len(text) <= self.high:
            raise flawed("text-length", min=self.low, max=self.high)
        return text


class Email(Text):
    """An e-mail address, lower case; that it works is proved by a code sent to it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(low=3, high=254, **options)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs).lower()
        if not _EMAIL.fullmatch(text):
            raise flawed("not-an-email")
        return text


class Short(Text):
    """A short name that stands in addresses or on a token: signs of one kind only."""

    def __init__(self, signs: str, *, low: int, high: int, **options: Any) -> None:
        self.pattern = f"[{signs}]{{{low},{high}}}"
        super().__init__(low=low, high=high, **options)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        if not re.fullmatch(self.pattern, text):
            raise flawed("not-short", pattern=self.pattern)
        return text


class Choice(BaseField[Any]):
    """One of an enum's values (loaded as the member) or of some words."""

    def __init__(self, choices: type[enum.Enum] | Iterable[str], **options: Any) -> None:
        if isinstance(choices, type):
            self.choices: dict[str, Any] = {member.value: member for member in choices}
        else:
            self.choices = {word: word for word in choices}
        super().__init__(**options)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        if not isinstance(value, str) or value not in self.choices:
            raise flawed("not-a-choice", choices=", ".join(self.choices))
        return self.choices[value]

    def _serialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        return value.value if isinstance(value, enum.Enum) else value


class Flag(BaseField[bool]):
    """true or false."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise flawed("not-a-flag")
        return value


class Id(BaseField[UUID]):
    """A UUID."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> UUID:
        try:
            return UUID(value)
        except (ValueError, TypeError, AttributeError) as error:
            raise flawed("not-an-id") from error

    def _serialize(self, value: UUID | None, *_args: Any, **_kwargs: Any) -> str | None:
        return None if value is None else str(value)


class UtcTime(BaseField[datetime]):
    """An instant: RFC 3339 with its offset in, UTC with a Z out."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> datetime:
        if not isinstance(value, str) or not _RFC3339.fullmatch(value):
            raise flawed("not-a-time")
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise flawed("not-a-time") from error

    def _serialize(self, value: datetime | None, *_args: Any, **_kwargs: Any) -> str | None:
        if value is None:
            return None
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Day(BaseField[date]):
    """A calendar day, 2026-11-23."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> date:
        try:
            if not isinstance(value, str) or len(value) != 10:
                raise flawed("not-a-day")
            return date.fromisoformat(value)
        except ValueError as error:
            raise flawed("not-a-day") from error

    def _serialize(self, value: date | None, *_args: Any, **_kwargs: Any) -> str | None:
        return None if value is None else value.isoformat()
