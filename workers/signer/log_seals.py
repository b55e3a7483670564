"""The signer's own memory of the access log: one seal per number, each following the one before.

It lies in a file of the signer's, not in the database: whoever owns the tables and rewrites every
hash in them still gets no second signature for a number.
"""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock

from app.chain.deploying.role_keys import role_key, signer_home
from app.chain.log_seals import NOTHING, SEALER, LogSeal
from app.chain.typed import sign
from app.errors import Problem
from app.keyfiles import write_private


class SealBook:
    """Remembers the last seal in home/signer/log_seal.json before its signature leaves."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = signer_home(home) / "log_seal.json"
        self._one_at_a_time = Lock()

    def sign(self, seal: LogSeal) -> bytes:
        """The last seal again, or the one that follows it. Raises Problem signer-seal-refused."""
        digest = seal.digest()
        with self._one_at_a_time:
            number, last = self._last()
            if (seal.number, digest) != (number, last):
                if (seal.number, seal.previous) != (number + 1, last):
                    raise Problem("signer-seal-refused", number=number)
                self._remember(seal.number, digest)
        return sign(digest, role_key(self._home, SEALER))

    def _last(self) -> tuple[int, bytes]:
        try:
            stored = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return 0, NOTHING
        return int(stored["number"]), bytes.fromhex(stored["digest"])

    def _remember(self, number: int, digest: bytes) -> None:
        write_private(self._path, json.dumps({"number": number, "digest": digest.hex()}))
