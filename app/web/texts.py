"""Plain texts that pages show: help, accessibility, what happens with a person's data."""

from __future__ import annotations

from typing import Any

from app.web.words import lazy_gettext as _

Sections = list[tuple[Any, list[Any]]]  # heading, paragraphs; translated when shown


QUESTIONS: list[tuple[Any, Any]] = [
    (
        _("How do I earn tokens?"),
        _(
            "Do something on the list, and have it seen: a clerk, a partner or a registered"
            " device vouches for it. Nobody is rewarded on their own word alone."
        ),
    ),
    (
        _("When do I get them?"),
        _(
            "Your page says the hour. There is a delay so that mistakes can be undone; after"
            " that the amount is final."
        ),
    ),
    (
        _("A deed was refused. What now?"),
        _(
            "Open it on your page: the reason stands there, and what to do. You can appeal,"
            " and a person answers."
        ),
    ),
    (
        _("What is a token worth?"),
        _(
            "One token buys goods for one euro in the shops of the programme. It can't be"
            " sold or cashed, and it is spent before the programme's last day."
        ),
    ),
    (
        _("I paid, and the network failed. Did I pay twice?"),
        _("No. Open the payment again: it shows the truth. Pressing again never pays twice."),
    ),
    (
        _("I have no telephone and no e-mail."),
        _("Go to the counter named on this page: somebody helps you on the spot."),
    ),
]


ACCESSIBILITY: tuple[Any, Sections] = (
    _("Accessibility"),
    [
        (
            "",
            [
                _(
                    "These pages are built for WCAG 2.2 level AA: keyboard, screen reader, zoom"
                    " to 400%, contrast, and no time limit except where safety needs one."
                ),
                _(
                    "They are checked by machine on every change. No person with a disability"
                    " has audited them yet; that is said here until it is done."
                ),
            ],
        ),
        (
            _("Something does not work for you?"),
            [_("Tell the help named at the bottom of every page. It is a mistake of ours.")],
        ),
    ],
)


DATA: tuple[Any, Sections] = (
    _("Your data"),
    [
        (
            _("What is kept"),
            [
                _(
                    "Your e-mail address, your deeds, your payments. Each is encrypted with a key"
                    " that is yours alone, and is unreadable once that key is destroyed."
                ),
            ],
        ),
        (
            _("What the register knows"),
            [
                _(
                    "The shared register holds sums and random addresses, never a name, never a"
                    " single deed. You have another address in every programme. Transfers between"
                    " addresses can be read by the members who run the register and by auditors"
                    " under mandate, not by the public."
                ),
                _(
                    "What stands there can't be removed; the link from you to your addresses is"
                    " kept by the city alone, and can be erased."
                ),
            ],
        ),
        (
            _("Who holds the key of your wallet"),
            [
                _(
                    "The city's operator does, and signs only what you order. That is trust, and"
                    " the public figures say how much is held so."
                ),
            ],
        ),
    ],
)
