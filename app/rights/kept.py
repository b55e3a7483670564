"""What is kept of people, and until when at least, where no rule of app.privacy.retention ends it.

With those rules this is the retention table; a test holds that every table with something of a
person stands in one of the two. Nothing deletes these rows by itself: closing an account makes
what they say of a person unreadable at once, whatever is left of their time.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kept:
    """`until`: the earliest moment at which the operator may delete it."""

    until: str
    why: str


# Commercial and public accounts are kept ten years in France (Code de commerce, L123-22).
_ACCOUNTS = Kept("ten years after the programme's end", "the city's accounts, open to audit")
_ACCOUNT = Kept("the account is closed", "it is what the person uses")
_RECORD = Kept("ten years after the decision", "who decided what, open to audit")
_BODY = Kept("ten years after the body's last statement", "a body's own records, open to audit")

KEPT: dict[str, Kept] = {
    "access_record": Kept("twelve months", "to answer “who looked”; then only the seals remain"),
    "account": _ACCOUNTS,
    "account_move": _ACCOUNTS,
    "action": _ACCOUNTS,
    "action_log": _ACCOUNTS,
    "announced_move": _ACCOUNTS,
    "announced_move_end": _ACCOUNTS,
    "appeal": _ACCOUNT,
    "attestation": _BODY,
    "attester_key": _BODY,
    "badge": _ACCOUNT,
    "balance": _ACCOUNTS,
    "bank_details": _BODY,
    "bank_file": _BODY,
    "bank_order": _BODY,
    "card": _ACCOUNT,
    "card_batch": _RECORD,
    "chain_log": Kept("the chain exists", "public events, which name nobody"),
    "chain_transaction": Kept("the chain exists", "public transactions of the operator"),
    "change": _RECORD,
    "consent": Kept("five years after its end", "to show that it was given, refused or withdrawn"),
    "consent_event": Kept("five years after the consent ended", "each step of it"),
    "contest": _ACCOUNTS,
    "device": _BODY,
    "disclosure": _RECORD,
    "emergency_access": _RECORD,
    "emergency_act": _RECORD,
    "emergency_end": _RECORD,
    "emergency_review": _RECORD,
    "end_notice": _RECORD,
    "fee_correction": _RECORD,
    "evaluation": _ACCOUNTS,
    "funding": _RECORD,
    "halt": _ACCOUNT,
    "hold": _ACCOUNTS,
    "identity_index": _ACCOUNT,
    "import_job": _RECORD,
    "imported_trip": Kept(
        "ten years after the programme's end",
        "a trip that is sent again is paid once; keyed hashes and the deed alone",
    ),
    "incident": _RECORD,
    "ledger_entry": _ACCOUNTS,
    "mandate": Kept("ten years after its last day", "who could act for whom, open to audit"),
    "mandate_step": Kept("ten years after the mandate's last day", "each act under it"),
    "merchant": _BODY,
    "merchant_programme": _RECORD,
    "net_share": _RECORD,
    "money_return": _RECORD,
    "openid_identity": _ACCOUNT,
    "organisation": _RECORD,
    "outside_data": _RECORD,
    "passkey": _ACCOUNT,
    "payment": _ACCOUNTS,
    "payment_order": _ACCOUNTS,
    "person": Kept("the end of Civis, as a number without a name", "deeds refer to it"),
    "presence_secret": _ACCOUNT,
    "programme": _RECORD,
    "proposal": _RECORD,
    "recovery": _RECORD,
    "recovery_vote": _RECORD,
    "refund": _ACCOUNTS,
    "restoration": _RECORD,
    "rider_link": _ACCOUNT,
    "rights_request": Kept("five years after its answer", "to show that it was answered in time"),
    "rights_step": Kept("five years after the answer", "to show that it was answered in time"),
    "role_grant": _RECORD,
    "rule_set": _RECORD,
    "signer.card_secret": _ACCOUNT,
    "signer.heard_move": Kept(
        "a month after its moment, or as long as its passkey", "so that no move is done before it"
    ),
    "signer.seen_passkey": _ACCOUNT,
    "signer.signed_move": _ACCOUNTS,
    "signer.mandate_word": _ACCOUNTS,
    "signer.signed_order": _ACCOUNTS,
    "signer.wallet_key": Kept("the programme's last day to spend", "without it nobody could pay"),
    "station": _BODY,
    "station_statement": _ACCOUNTS,
    "vault.subject_key": _ACCOUNT,
}
