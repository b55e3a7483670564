"""A partner's side of an import: sign the root of the file's rows, send it, follow its job.

Works against any installation by its API alone. The partner's key never leaves this process;
without one, the server signs with the key that it keeps for the partner, and says so.
"""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from app.actions.imports import problems
from app.actions.imports.rows import BadFileError
from app.actions.imports.statement import build
from app.actions.imports.uploads import MAX_UPLOAD, opened_rows
from app.chain import typed
from app.errors import Problem, Sentence

__all__ = ["ImportRefusedError", "PartnerClient", "connected", "problems"]

POLL_SECONDS = 0.5
Tell = Callable[[dict[str, Any]], None]


class ImportRefusedError(Exception):
    """One sentence: what the installation, or the file, says against it."""


@dataclass(frozen=True)
class PartnerClient:
    """An open connection with the partner's token."""

    http: httpx.Client

    def link(self, rider_ref: str, code: str) -> None:
        """The rider is whoever gave this code."""
        self._post("/rider-links", json={"rider_ref": rider_ref, "code": code})

    def programme(self, slug: str) -> str:
        """The id of a programme by its short name."""
        for one in self._get("/programmes")["items"]:
            if one["slug"] == slug:
                return str(one["id"])
        raise ImportRefusedError(f"There is no programme {slug}.")

    def send(self, file: Path, options: Mapping[str, str], key: bytes | None) -> str:
        """Hands the file in, signed if there is a key; the job's id."""
        if (size := file.stat().st_size) > MAX_UPLOAD:
            most = f"{MAX_UPLOAD // 1024**3} GiB"
            raise ImportRefusedError(f"{file} has {size} bytes, over {most}: send it in parts.")
        form = dict(options)
        if key is not None:
            form |= self._signed(file, key)
        with file.open("rb") as content:
            sent = {"file": (file.name, content, "text/csv")}
            return str(self._post("/imports", data=form, files=sent)["id"])

    def wait(self, job_id: str, seconds: float, tell: Tell) -> dict[str, Any]:
        """The job once it has ended; `tell` hears of it each time it is further.

        Raises ImportRefusedError after `seconds`.
        """
        ends, before = time.monotonic() + seconds, None
        while True:
            job: dict[str, Any] = self._get(f"/imports/{job_id}")
            if (far := (job["state"], job["rows_done"])) != before:
                tell(job)
            if job["state"] in ("done", "failed"):
                return job
            if time.monotonic() > ends:
                raise ImportRefusedError(f"Job {job_id} goes on; it has not ended yet.")
            before = far
            time.sleep(POLL_SECONDS)

    def results(self, job_id: str) -> Iterator[str]:
        """The result of each row, one JSON object a line."""
        with self.http.stream("GET", f"/imports/{job_id}/results") as answer:
            yield from answer.iter_lines()

    def _signed(self, file: Path, key: bytes) -> dict[str, str]:
        domain, partner = self._signing(typed.address_of(key))
        seed = secrets.token_bytes(32)
        try:
            with tempfile.TemporaryDirectory() as folder, opened_rows(file) as rows:
                tree = build(Path(folder) / "tree", seed, rows)
        except BadFileError as error:
            words = Problem(error.code, what=error.detail).sentence("en")
            raise ImportRefusedError(f"{file}: {_said(words, error.code)}") from error
        struct = typed.ImportStatement(partner, tree.root, tree.count, int(time.time()))
        signature = typed.sign(typed.import_statement_digest(domain, struct), key)
        return {
            "seed": "0x" + seed.hex(),
            "root": "0x" + tree.root.hex(),
            "rows": str(tree.count),
            "stated_at": str(struct.stated_at),
            "signature": "0x" + signature.hex(),
        }

    def _signing(self, own: str) -> tuple[typed.Domain, str]:
        said = self._get("/imports/signing")
        if said["partner"] != own:
            raise ImportRefusedError(f"The registered key is {said['partner']}, not {own}.")
        salt = bytes.fromhex(said["salt"][2:])
        return typed.Domain(said["name"], said["chain_id"], said["contract"], salt), own

    def _get(self, path: str) -> Any:
        return _checked(self.http.get(path))

    def _post(self, path: str, **options: Any) -> Any:
        headers = {"Idempotency-Key": str(uuid4())}
        return _checked(self.http.post(path, headers=headers, **options))


@contextmanager
def connected(url: str, token: str) -> Iterator[PartnerClient]:
    """Raises ImportRefusedError when the installation can't be reached."""
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    base = url.rstrip("/") + "/api/v1"
    try:
        with httpx.Client(base_url=base, headers=headers, timeout=120) as http:
            yield PartnerClient(http)
    except httpx.HTTPError as error:
        why = str(error) or type(error).__name__
        raise ImportRefusedError(
            f"{url} can't be reached, or went away: {why.rstrip('.')}. Try again later: the same"
            " file sent twice changes nothing."
        ) from error


def _checked(answer: httpx.Response) -> Any:
    """The JSON answer. Raises ImportRefusedError with the problem's own words."""
    if answer.is_success:
        return answer.json()
    if answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        said = answer.json()
        words = Sentence(said["title"], said["detail"], said.get("remedy", ""))
        raise ImportRefusedError(_said(words, said["code"]))
    raise ImportRefusedError(f"The installation answered {answer.status_code}.")


def _said(words: Sentence, code: str) -> str:
    """One line; a detail that only repeats the title is left out."""
    parts = (words.title, words.detail if words.detail != words.title else "", words.remedy)
    return " ".join(f"{part.rstrip('.')}." for part in parts if part) + f" ({code})"
