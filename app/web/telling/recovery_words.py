"""Blocks and recoveries in words: how, where they stand, what the clock says."""

from __future__ import annotations

from collections.abc import Iterable

from app.context import db_session, now
from app.identity.block_models import BlockChannel, WalletBlock
from app.recovery import cases
from app.recovery.models import DeathPaper, Recovery, RecoveryKind, RecoveryState, Seen
from app.recovery.move_models import AnnouncedMove
from app.web import formats
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l

KIND = {
    RecoveryKind.ADDRESS: _l("Another e-mail address to sign in with"),
    RecoveryKind.DEVICE: _l("A new wallet in the place of a lost device"),
    RecoveryKind.DEATH: _l("Closing an account after a death"),
}
CHANNEL = {
    BlockChannel.SESSION: _l("by the person, signed in"),
    BlockChannel.LETTER: _l("by the link of a letter"),
    BlockChannel.COUNTER: _l("at the counter"),
    BlockChannel.TELEPHONE: _l("by telephone"),
    BlockChannel.RECOVERY: _l("while officers decide about the account"),
    BlockChannel.EMERGENCY: _l("by emergency access"),
}
PAPER = {
    DeathPaper.CERTIFICATE: _l("death certificate"),
    DeathPaper.FAMILY_BOOK: _l("family record book"),
    DeathPaper.NOTARY: _l("a notary's attestation"),
}
SEEN = {Seen.PAPERS: _l("Papers"), Seen.CARD: _l("Card")}


def seen(case: Recovery) -> str:
    """At the counter; of a proof of death which, and its day."""
    if case.paper is None or case.paper_on is None:
        return str(SEEN[case.seen])
    return _("%(paper)s of %(day)s", paper=str(PAPER[case.paper]), day=formats.day(case.paper_on))


def blocked(block: WalletBlock) -> str:
    if block.channel is BlockChannel.RECOVERY:
        return _(
            "Blocked while officers decide about the account, until %(until)s at the latest."
            " Nothing is paid from it; deeds go on being recorded.",
            until=formats.moment(block.until),
        )
    return _(
        "Blocked until %(until)s, %(how)s. Nothing is paid from it; deeds go on being recorded.",
        until=formats.moment(block.until),
        how=str(CHANNEL[block.channel]),
    )


def state(case: Recovery) -> str:
    """Where an open case stands, with its clock."""
    if case.state is RecoveryState.PROPOSED:
        return _(
            "proposed; another officer confirms by %(at)s, or it lapses",
            at=formats.moment(case.ends_at),
        )
    if case.state is RecoveryState.OBJECTED:
        return _(
            "stopped by an objection; two other officers decide by %(at)s, or it fails",
            at=formats.moment(case.ends_at),
        )
    ready = formats.moment(case.ready_at or case.ends_at)
    if case.state is RecoveryState.APPROVED:
        return _("decided by two other officers; done on %(at)s", at=ready)
    return _("confirmed; done on %(at)s unless somebody objects", at=ready)


def waiting() -> int:
    """Cases that wait for another officer, or for two: the number in the office's menu."""
    return cases.to_decide(db_session(), now())


def may_object(case: Recovery) -> bool:
    return case.state is RecoveryState.CONFIRMED


def announced(moves: Iterable[AnnouncedMove]) -> str:
    """From when on the first of them may go; nothing where none is announced."""
    first = min((one.ready_at for one in moves), default=None)
    return formats.moment(first) if first else ""
