"""Templates compiled once for all applications of a lane: each module's tests build their own."""

from __future__ import annotations

from collections import defaultdict
from types import CodeType

import pytest
from flask.templating import Environment
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from app.web import rendering
from app.web.words import Speech


class _Compiled(BytecodeCache):
    """By name and source; one for each language, since texts and addresses are compiled in."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


def share_compiled_pages(patch: pytest.MonkeyPatch) -> None:
    made, compiled = rendering._environment, defaultdict[str, _Compiled](_Compiled)

    def environment(own: Environment, speech: Speech) -> Environment:
        one = made(own, speech)
        one.bytecode_cache = compiled[speech.locale]
        return one

    patch.setattr(rendering, "_environment", environment)
