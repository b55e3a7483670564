"""Fields of a programme's end, and of what is found out about a deed."""

from __future__ import annotations

SEASON = {
    "EndOut.first_last_day": "Earliest last day to spend that can be announced now; null: none.",
    "EndOut.told_by_letter": "People who were told of the end by letter.",
    "EndOut.told_otherwise": "People without an address: their page, counter and shops tell them.",
    "EndOut.not_told": "People with an account there who are not told yet.",
    "EndOut.closable_from": "After this instant the contract lets it be closed.",
    "EndOut.hindrances": "What keeps it from being closed now; none: two officers may.",
    "EndOut.outstanding_cents": "Cents of tokens that people or shops hold.",
    "EndOut.left_cents": "Cents that belong to the funder once tokens are paid out or expired.",
    "ReturnOut.confirmed_by": "Id of the other treasurer; null before.",
    "end_announced_at": "When two officers announced its end; null: tokens don't expire yet.",
    "close_decided_at": "When two officers decided to close it; null before.",
    "closed_at": "When the chain closed it; null before.",
    "waits_for": "What a credit waits for once its delay is over; null: for nothing but its turn.",
    "waits_until": "When it can be credited at the earliest; null: nobody knows, or nothing waits.",
    "withdrawn_at": "When a treasurer took it back; null: nobody did.",
    "endings": "Announced ends of programmes in which the person has an account.",
    "EndingOut.cents": "What the person has there and loses then, in cents.",
    "EndingOut.over": "true: nothing can be spent there any more.",
    "asks": "Facts that the rules of its day ask for and the deed doesn't say; empty: none.",
    "NewFacts.facts": "What was found out; only what the deed doesn't say itself.",
    "NewFacts.source": "How it is known.",
    "FoundFacts.distance_m": "Metres.",
    "FoundFacts.other_adult": "Whether who shared it is 18 or older.",
    "FoundFacts.proof_class": "The class that a partner's register gives the proof.",
    "FoundFacts.contribution_cents": "What the other participant paid.",
    "FoundFacts.revenue_cents": "What the citizen was paid for it.",
    "FoundFacts.start": "Codes of the place where it began.",
    "FoundFacts.end": "Codes of the place where it ended, or was done.",
}
