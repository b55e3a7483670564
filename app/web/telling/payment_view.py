"""A payment in words, the same on the till and on the payer's page."""

from __future__ import annotations

from types import SimpleNamespace

from app.context import now
from app.merchants.contest_models import ContestReason, ContestState
from app.merchants.models import PaymentState
from app.merchants.queries import PaymentView
from app.web import formats
from app.web.shell import state_words
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l

CONTEST_WORDS = {
    ContestState.OPEN: _l("Contested: two officers decide, and until then it is not paid out."),
    ContestState.UPHELD: _l("The contest was upheld: the money goes back to the card."),
    ContestState.DISMISSED: _l("The contest was dismissed: it stays paid."),
}
REASON_WORDS = {
    ContestReason.NOT_MINE: _l("I did not pay this"),
    ContestReason.WRONG_AMOUNT: _l("The amount is wrong"),
    ContestReason.NOTHING_RECEIVED: _l("I did not get what I paid for"),
}


def shown(view: PaymentView) -> SimpleNamespace:
    """What templates read: `state` is a plain word, `when` and `until` are local times."""
    return SimpleNamespace(
        id=view.id,
        shop=view.shop,
        shop_id=view.merchant_id,
        short_code=view.short_code,
        amount_cents=view.amount_cents,
        label=view.label,
        state=view.state.value,
        state_words=state_words(view.state.value),
        by_representative=view.by_representative,
        refunded_cents=view.refunded_cents,
        coming_back_cents=view.coming_back_cents,
        refundable_cents=view.refundable_cents,
        when=formats.moment(view.accepted_at or view.created_at),
        until=formats.hour(view.expires_at),
        explanation=_explanation(view),
        may_contest=_may_contest(view),
        contest_until=formats.moment(view.contestable_until) if view.contestable_until else "",
        contest_words=str(CONTEST_WORDS[view.contest]) if view.contest else "",
    )


def _may_contest(view: PaymentView) -> bool:
    until = view.contestable_until
    return bool(until and until > now() and view.contest is None and view.refundable_cents)


def contest_reasons() -> list[tuple[str, str]]:
    return [(reason.value, str(words)) for reason, words in REASON_WORDS.items()]


def _explanation(view: PaymentView) -> str:
    state = view.state
    if state is PaymentState.ACCEPTED:
        return _("Paid for good. It appears on the shared register within a minute.")
    if state is PaymentState.SETTLED:
        return _("Paid, and settled on the shared register.")
    if state is PaymentState.DECLINED and view.reason_code == "by-merchant":
        return _("The shop took its request back: nothing was paid.")
    if state is PaymentState.DECLINED:
        return _("Declined: nothing was paid.")
    if state is PaymentState.EXPIRED:
        return _("Nobody paid within five minutes: nothing was paid. Ask for a new code.")
    return ""
