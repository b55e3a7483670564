"""How letters leave the house."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.given_urls import check_no_placeholder


@dataclass(frozen=True)
class Mail:
    """`smtp_url` smtp[s]://user:password@host:port, or none: letters go to `folder`."""

    sender: str
    smtp_url: str | None
    folder: Path

    @classmethod
    def read(cls, text: Callable[[str, str], str], folder: Path, *, embedded: bool) -> Mail:
        """`text`: a setting by its name, or what is given for it. Raises ValueError."""
        smtp = text("SMTP_URL", "")
        check_no_placeholder("SMTP_URL", smtp)
        sender = text("MAIL_SENDER", "civis@demo.example" if embedded else "")
        if smtp and not sender:
            raise ValueError("Set MAIL_SENDER to the address that letters come from.")
        return cls(sender, smtp or None, folder)
