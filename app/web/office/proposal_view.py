"""A proposal in sentences: what would be done, and by whom it was proposed and decided.

No name stands here: an officer is "you" or "another officer".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import SimpleNamespace
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions.codes import REASONS
from app.actions.models import Action
from app.governance.models import Proposal, ProposalState
from app.identity.models import Organisation
from app.merchants.contest_models import Contest
from app.merchants.models import Payment
from app.rewards.models import Programme
from app.rewards.rule_sets.rule_changes import PROGRAMME, RULE_SET
from app.web import formats
from app.web.office import guardian_view
from app.web.office.revocation_words import effect, reason
from app.web.rule_sets import rule_proposal
from app.web.telling import deeds, fact_words, outside_view, people_view
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l
from app.web.words import locale

FEW = 6
STATES = {
    ProposalState.OPEN: (_l("waits for a second officer"), "recorded"),
    ProposalState.CONFIRMED: (_l("confirmed"), "active"),
    ProposalState.REJECTED: (_l("rejected"), "refused"),
    ProposalState.WITHDRAWN: (_l("withdrawn"), "withdrawn"),
}


def shown(session: Session, row: Proposal, person_id: UUID, at: datetime) -> SimpleNamespace:
    title, lines = WORDS[row.kind](session, row, at)
    is_rules = row.kind == RULE_SET and row.decided_at is None
    folded: list[str] = []
    if row.kind == PROGRAMME:
        folded = rule_proposal.sentences(row) if row.decided_at is None else []
    elif row.kind != RULE_SET and len(lines) > FEW:  # nothing of money or warnings is folded
        lines, folded = lines[:1], lines[1:]
    words, tone = STATES[row.state]
    return SimpleNamespace(
        id=row.id,
        title=title,
        lines=lines,
        folded=folded,
        changes=rule_proposal.changes(session, row) if is_rules else None,
        state_words=str(words),
        tone=tone,
        own=row.proposed_by == person_id,
        who=_who(row, person_id),
    )


def _who(row: Proposal, person_id: UUID) -> str:
    you, other = _("you"), _("another officer")
    said = _(
        "Proposed by %(who)s, %(when)s.",
        who=you if row.proposed_by == person_id else other,
        when=formats.moment(row.proposed_at),
    )
    if row.decided_at is None:
        return said
    decided = _(
        "Decided by %(who)s, %(when)s.",
        who=you if row.decided_by == person_id else other,
        when=formats.moment(row.decided_at),
    )
    return f"{said} {decided}"


Said = tuple[str, list[str]]


def _reversal(session: Session, row: Proposal, _at: datetime) -> Said:
    action = session.get_one(Action, UUID(row.subject))
    reason, _remedy = REASONS[row.payload["reason"]].text(locale(), {})
    title = _("Take a settled deed out of the figures")
    return title, [
        _("%(what)s, of %(when)s.", what=deeds.what(action), when=formats.moment(action.deed_at)),
        _("Reason: %(reason)s", reason=reason),
        _("The %(tokens)s stay with the citizen.", tokens=formats.tokens(action.reward_cents)),
    ]


def _facts(session: Session, row: Proposal, _at: datetime) -> Said:
    action = session.get_one(Action, UUID(row.subject))
    return _("Complete a deed of which the rules ask more"), [
        _("%(what)s, of %(when)s.", what=deeds.what(action), when=formats.moment(action.deed_at)),
        *fact_words.said(row.payload.get("facts", {})),
        _("How it is known: %(how)s", how=str(fact_words.SOURCE_WORDS[row.payload["source"]])),
    ]


def _revocation(session: Session, row: Proposal, _at: datetime) -> Said:
    organisation = session.get_one(Organisation, UUID(row.subject))
    title = _("Revoke the key of %(name)s", name=organisation.name)
    return title, [
        _("Key: %(key)s", key=row.payload["key"]),
        _("Reason: %(reason)s", reason=reason(row.payload["reason"])),
        effect(for_cause=row.payload["for_cause"]),
    ]


def _closing(session: Session, row: Proposal, _at: datetime) -> Said:
    shop = session.get_one(Organisation, UUID(row.subject))
    line = _("It takes no new payment; what was accepted before still arrives and is paid out.")
    return _("Close %(name)s", name=shop.name), [line]


def _taking(session: Session, row: Proposal, _at: datetime) -> Said:
    shop = session.get_one(Organisation, UUID(row.subject))
    programme = session.get_one(Programme, UUID(row.payload["programme_id"]))
    line = _("It takes the tokens of %(programme)s.", programme=programme.name[locale()])
    return _("Another programme for %(name)s", name=shop.name), [line]


def _role(_session: Session, row: Proposal, _at: datetime) -> Said:
    said = row.payload
    until = people_view.last_day(datetime.fromisoformat(said["valid_until"]))
    lines = [_("Until %(when)s.", when=until)]
    if row.decided_at is None:  # afterwards the address is nobody's need
        lines.insert(0, _("For %(address)s", address=people_view.address(said["person_id"])))
    role = people_view.role_words(said["role"], said["organisation_id"])
    if "held_until" not in said:
        return _("Give a role: %(role)s", role=role), lines
    before = people_view.last_day(datetime.fromisoformat(said["held_until"]))
    return _("Prolong a role: %(role)s", role=role), [
        *lines,
        _("So far until %(when)s.", when=before),
    ]


def _contest(session: Session, row: Proposal, _at: datetime) -> Said:
    contest = session.get_one(Contest, UUID(row.subject))
    payment = session.get_one(Payment, contest.payment_id)
    shop = session.get_one(Organisation, payment.merchant_id)
    title = _(
        "Contested: %(amount)s at %(name)s",
        amount=formats.euros(payment.amount_cents),
        name=shop.name,
    )
    lines = [_("Code of the payment: %(code)s", code=payment.short_code)]
    if row.payload["upheld"]:
        return title, [_("Upheld: it goes back to the card."), *lines]
    return title, [_("Dismissed: it stays paid."), *lines]


def _guardianship(session: Session, row: Proposal, _at: datetime) -> Said:
    return _("Enter a guardian for somebody"), guardian_view.lines(session, row)


def _guardianship_end(session: Session, row: Proposal, _at: datetime) -> Said:
    return _("End a guardianship"), guardian_view.lines(session, row)


def _end(session: Session, row: Proposal, _at: datetime) -> Said:
    programme = session.get_one(Programme, UUID(row.subject))
    last = date.fromisoformat(row.payload["last_day_to_spend"])
    return _("Announce the end of %(name)s", name=programme.name[locale()]), [
        _("Last day to earn: %(day)s.", day=formats.day(programme.last_day_to_earn)),
        _("Last day to spend: %(day)s.", day=formats.day(last)),
        _("Everybody with an account in it is told at once."),
    ]


def _close(session: Session, row: Proposal, _at: datetime) -> Said:
    programme = session.get_one(Programme, UUID(row.subject))
    return _("Close %(name)s for good", name=programme.name[locale()]), [
        _("What nobody spent expires in one step; shops are still paid out."),
        _("The rest goes back to the funder, signed by two treasurers."),
    ]


WORDS: Mapping[str, Callable[[Session, Proposal, datetime], Said]] = {
    "reversal": _reversal,
    "deed-facts": _facts,
    "outside-data": outside_view.proposed,
    "rule-set": rule_proposal.rules,
    "programme": rule_proposal.programme,
    "programme-end": _end,
    "programme-close": _close,
    "key-revocation": _revocation,
    "shop-closing": _closing,
    "shop-programme": _taking,
    "role": _role,
    "contest": _contest,
    "guardianship": _guardianship,
    "guardianship-end": _guardianship_end,
}
