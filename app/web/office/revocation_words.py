"""Why an organisation's key is revoked, and what that does, in sentences."""

from __future__ import annotations

from app.actions.key_revocation import REASONS
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l

REVOCATION_WORDS = {
    "lost": _l("the key is lost"),
    "replaced": _l("a new key takes its place"),
    "stolen": _l("the key is in other hands"),
    "false-statements": _l("false statements were signed with it"),
}


def reason(code: str) -> str:
    return str(REVOCATION_WORDS[code])


def effect(*, for_cause: bool) -> str:
    if for_cause:
        return _(
            "For cause: what it vouched for and is not settled is refused, and nothing counts "
            "that arrives after the confirmation."
        )
    return _(
        "Statements received before the confirmation count; a device without network has 72 hours "
        "more."
    )


def reasons() -> list[tuple[str, str]]:
    cause_words = _("for cause")
    return [
        (code, f"{reason(code)} ({cause_words})" if for_cause else reason(code))
        for code, for_cause in REASONS.items()
    ]
