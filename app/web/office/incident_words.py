"""The detail of an incident, in the reader's language.

It is kept in English, as logs and commands say it. A page finds the sentences that the detail was
made from and says those; names, numbers and a node's own words stay as they are. What wasn't
understood at all is marked as English, or a screen reader would read it out as French.
"""

from __future__ import annotations

import re
from functools import cache
from types import SimpleNamespace

from app.web.office.refusal_words import refusal
from app.web.words import Speech, speech


def _l(text: str) -> str:
    """Marks a sentence for the catalogue."""
    return text


SENTENCES = (
    _l("block %(block)s holds something that the books don't know so"),
    _l("its end is announced, and %(count)s people don't know yet"),
    _l("until two officers announce its end, it doesn't come"),
    _l("fewer than two are left from %(day)s on"),
    _l("officers"),
    _l("treasurers"),
    _l("%(count)s of this round, the first %(letter)s"),
    _l("credited from %(day)s on: day ceiling"),
    _l("authenticated actions wait for funding"),
    _l("the receipt of a success lacks the event of %(key)s"),
    _l("nonce %(nonce)s was used by another transaction"),
    _l("the chain waits for nonce %(nonce)s, which no row has"),
    _l("nonce %(mined)s on the chain, %(ours)s is ours"),
    _l("nonce %(nonce)s"),
    _l("%(key)s, nonce %(nonce)s"),
    _l("%(count)s deeds of people whose keys are lost"),
    _l("%(old)s went on as %(new)s, which is another account in the books"),
    _l("the keys of %(count)s people open no more"),
    _l("the organisation's key ends at %(moment)s UTC"),
    _l("keys that end within %(days)s days: devices %(devices)s, clerks %(clerks)s"),
    _l("%(own)s; and %(others)s"),
    _l("key %(key)s, %(rows)s rows refused for long"),
    _l("used by a stranger, and what it did is not in these books, %(reason)s"),
    _l("its bytes were lost and it was filled with nothing, %(reason)s"),
    _l("nothing is paid to it until its bank account, changed since, is confirmed anew"),
    _l("shop %(shop)s"),
    _l("by %(who)s"),
    _l("its newest block is %(seconds)s s from our clock"),
    _l("its newest block %(block)s is %(seconds)s s older than block %(other)s of %(node)s"),
    _l("its head is block %(block)s, and we have seen later ones"),
    _l("block %(block)s, final by now, differs"),
    _l("every node has stood below blocks that we have seen for too long"),
    _l("no node has had a new block since %(moment)s UTC"),
    _l("signed %(moment)s UTC"),
    _l("our books contradict the chain"),
    _l("block %(block)s, log %(log)s"),
    _l("%(event)s not understood"),
    _l("%(kind)s %(id)s over its daily %(what)s"),
    _l("organisation"),
    _l("device"),
    _l("actions"),
    _l("tokens"),
    _l(
        "The log is sealed up to transaction %(sealed)s, and the database is at %(now)s: "
        "it was restored from a dump. See the operators' guide, the access log."
    ),
    _l("%(job)s last ended well at %(time)s UTC"),
    _l("its archive waits, since the audit of it differs"),
    _l("The signer was asked for a move of which nobody was told; it ended that move."),
    _l("the account %(account)s was credited, and nobody here is its owner"),
    _l("refund 0x%(key)s"),
    _l("%(cents)s cents of an order that is lost"),
    _l("batch 0x%(key)s"),
    _l("%(lost)s of %(all)s deeds are lost"),
    _l("cells of period %(period)s"),
    _l("%(lost)s deeds that they count are lost"),
    _l("sent, and to be entered here again"),
    _l("order 0x%(key)s: %(what)s, to %(payee)s: pay them by hand"),
    _l("%(cents)s cents from an account that the books don't know"),
    _l("order 0x%(key)s: paid by the pay-out 0x%(pay_out)s, not by hand, and its line is lost"),
    _l("pay-out 0x%(key)s: a line is lost"),
    _l("bank file %(file)s"),
    _l("in the books again, what the bank answered must be entered"),
    _l("%(count)s of its transfers pay what no book knows"),
    _l(
        "whether it was released is not known; "
        "ask the bank, and refuse its transfers if it has none"
    ),
    _l("The chain executed what this database does not know."),
    _l("The chain executed a recovery that this database does not know."),
    _l("The chain moved an account that this database does not know as moving."),
    _l("a till handed an accepted order in again"),
    _l("%(cents)s cents, of which %(free)s are free"),
    _l("%(cents)s cents are owed to it, and %(free)s are there"),
    _l("block %(block)s"),
    _l("balance of %(account)s and its entries"),
    _l("balance of %(account)s"),
    _l("number of batches"),
    _l("running hash over batches, cancellations, cells"),
    _l("supply of programme %(programme)s"),
    _l("minted in programme %(programme)s"),
    _l("funded in programme %(programme)s"),
    _l("token of programme %(one)s"),
    _l("ours %(ours)s, the chain's %(chain)s"),
    _l("ours %(ours)s, the chain's %(chain)s%(more)s"),
    _l(", and %(count)s more"),
    _l("%(what)s; pay-outs wait; see %(file)s"),
    _l("block %(block)s was final and is another one now"),
    _l("block %(block)s, before our contracts, is not there"),
    _l("the books were written from a chain with another genesis block"),
    _l("chain %(chain)s with genesis %(hash)s is not ours"),
    _l("%(contract)s may %(right)s from block %(block)s on"),
    _l("the node refuses the logs of a single block"),
    _l("asked for block %(block)s, the node gave %(given)s"),
    _l("block %(block)s is not the parent of the next"),
    _l("the node gave a log of block %(block)s"),
    _l("nobody asked"),
    _l("it belongs to another block of that number"),
    _l("it is none of those asked for"),
    _l("its receipts are of another block"),
    _l("%(transactions)s transactions, %(receipts)s receipts"),
    _l("its receipts are not those of its header"),
    _l("%(logs)s logs, and its receipts hold %(held)s, or others"),
    _l("a deed is batched, and its batch is none that is on its way"),
    _l("a deed is settled, and its batch is not final"),
    _l("a deed waits for a batch, and one that is on its way holds it"),
    _l("a batch holds another number of deeds than it says"),
    _l("a batch is on its way, and nothing will send it"),
    _l("a batch was taken apart, and nothing will bar it"),
    _l("a batch arrived, and nobody was credited"),
    _l("an accepted payment is on no way to the chain"),
    _l("an accepted refund is on no way to the chain"),
    _l("a closed pay-out is on no way to the chain"),
    _l("a period's cells are on no way to the chain"),
    _l("a payment is on its way that nobody accepted"),
    _l("a refund is on its way that nobody gave"),
    _l("tokens are to be burned for no pay-out"),
    _l("cells are on their way that nothing counts"),
    _l("what is promised is not held"),
    _l("what has arrived is still held"),
    _l("a batch is barred, and its deeds still wait in it"),
    _l("a batch credits another amount than its deeds bring"),
    _l("a deed is due for days, and nobody knows why it waits"),
    _l("something is sent, and no transaction carries it"),
    _l("another amount is held than was promised"),
    _l("more is held than an account has"),
    _l("cells count other deeds than the books say"),
)
_PLACE = re.compile(r"%\\\((\w+)\\\)s")


def said(detail: str, spoken: Speech | None = None) -> str:
    """Whole, or part by part where it has several, with colons between them."""
    tongue = spoken or speech()
    for text, pattern in _patterns():
        if found := pattern.fullmatch(detail):
            parts = {name: said(part, tongue) for name, part in found.groupdict().items()}
            return tongue.gettext(text) % parts
    if words := refusal(detail, tongue):
        return f"{words} – {detail}"
    head, colon, rest = detail.partition(": ")
    if not colon:
        return detail
    return f"{said(head, tongue)}{tongue.gettext(':')} {said(rest, tongue)}"


def marked(detail: str) -> SimpleNamespace:
    """The same, and whether nothing of it was understood: then it stays as it is, in English."""
    text = said(detail)
    english = text.replace(speech().gettext(":"), ":") == detail
    return SimpleNamespace(text=detail if english else text, english=english)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The longest first: it may begin as a shorter one does."""
    longest = sorted(SENTENCES, key=len, reverse=True)
    return tuple(
        (text, re.compile(_PLACE.sub(r"(?P<\1>.+?)", re.escape(text)), re.DOTALL))
        for text in longest
    )
