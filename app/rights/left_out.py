"""Tables that name a person and are no part of their export, each with the reason."""

from __future__ import annotations

_WORK = "work for an organisation or the city: about others, and kept as their record"
_BODYS = "of a body, not of a person"
LEFT_OUT = {
    "attestation": _WORK,
    "bank_details": _BODYS,
    "bank_file": _BODYS,
    "bank_order": _WORK,
    "card_batch": _WORK,
    "chain_log": "public events; one's own are in tokens",
    "chain_transaction": "signed by the operator's relayers",
    "change": _WORK,
    "counter_visit": "gone after a quarter of an hour; the look stays in looks",
    "device": _BODYS,
    "disclosure": _WORK,
    "emergency_access": _WORK,
    "emergency_review": _WORK,
    "fee_correction": _WORK,
    "funding": _WORK,
    "import_job": _WORK,
    "incident": _WORK,
    "letter_link": "a secret that works once, and only as a hash",
    "merchant": _BODYS,
    "merchant_programme": _WORK,
    "organisation": _BODYS,
    "programme": _WORK,
    "rights_step": "the steps of requests, which are in requests",
    "proposal": _WORK,
    "rider_link_code": "a secret that works for an hour, and only as a hash",
    "rule_set": _WORK,
    "station": _BODYS,
    "signer.card_secret": "a secret: it knows a card by its PIN",
    "signer.heard_move": "the signer's copy of announced moves",
    "signer.seen_passkey": "the signer's copy of passkeys",
    "signer.signed_move": "the signer's copy of moves",
    "signer.mandate_word": "the signer's copy of mandates",
    "signer.signed_order": "the signer's copy of orders",
    "signer.wallet_key": "a secret: who has it can spend",
    "vault.subject_key": "a secret: it opens what this export shows opened",
    "visit": "gone after ten minutes; its use is in counters",
}
