"""What stands between our books and the chain, in words for the office's page."""

from __future__ import annotations

from app.web.words import lazy_gettext as _l

#: What an incident at the chain's edge means for people, by its code.
INCIDENTS = {
    "above_day_limit": _l(
        "Something is larger than a whole day’s limit: it waits for a higher one"
    ),
    "account-contradicted": _l("The chain moved an account onto one that our books have already"),
    "batches_contradict_chain": _l(
        "Our books and the chain count batches differently: nothing is credited until somebody "
        "has looked"
    ),
    "budget_or_ceiling_reached": _l("The budget or the day’s ceiling is used up: credits wait"),
    "chain_diverged": _l(
        "A block that was final is another one now: all is stopped until somebody has looked"
    ),
    "chain_stands_still": _l("The network makes no blocks: payments go on, credits wait"),
    "chain_went_back": _l(
        "All nodes show less than we have seen already: all is stopped until somebody has looked"
    ),
    "clocks_differ": _l("A node’s clock is not ours"),
    "deed_above_day_ceiling": _l(
        "Deeds bring more than a whole day’s ceiling: raise it, or refuse them"
    ),
    "job_stands_still": _l("A job of ours has not ended well for too long"),
    "key_fails": _l("A fault of ours stops one key; the others go on"),
    "key_used_elsewhere": _l("Somebody else used one of our keys: this key sends nothing more"),
    "key_idle": _l("Something is due, and its key has sent nothing for an hour"),
    "keys_end_soon": _l("Keys of an organisation end soon, or its own key has ended"),
    "keys_lost": _l("The keys of some people’s data are lost: their deeds wait, others’ don’t"),
    "ledger_contradicts_chain": _l("What the chain says can’t be written into our ledger"),
    "one_fails": _l("A programme or a case makes a job of ours fail; the others go on"),
    "nonce_missing": _l("A transaction of ours was lost: its key sends nothing until it is filled"),
    "nodes_disagree": _l(
        "Two nodes tell different stories: all is stopped until somebody has looked"
    ),
    "node_behind": _l("A node lags behind"),
    "node_unreachable": _l("A node doesn’t answer"),
    "completeness_failed": _l("Our books differ from the chain: pay-outs wait"),
    "log_quarantined": _l("Something on the chain couldn’t be understood; the rest went on"),
    "log_not_sealed": _l("The log of who looked isn’t what was sealed last"),
    "node_contradicts": _l("A node contradicts itself: another one is asked"),
    "node_refuses_logs": _l("A node refuses the logs of a single block"),
    "books_contradict": _l("Our own books contradict themselves"),
    "lost_in_restore": _l("Something was lost in a restore"),
    "roles_run_out": _l(
        "Fewer than two are left to decide together, or soon will be: prolong their roles, or name "
        "others"
    ),
    "slip_not_covered": _l("A till handed a payment in again, and its payer’s balance is too low"),
    "pay_out_not_covered": _l(
        "A shop’s account has less than its payments come to: its euros wait, until it is covered "
        "or an operator has paid out what is there (civis pay-out)"
    ),
    "outbox_failed": _l("The chain refused something for good; it was taken apart"),
    "outbox_held": _l("The chain refused something, and a person must look"),
    "outbox_waits": _l("The chain has refused something for now, many times"),
    "receipt_without_event": _l("A node says that something was done and doesn’t show it"),
    "transaction_not_final": _l("A transaction is in a block and doesn’t become final"),
    "transaction_refused": _l("No node takes a transaction of ours"),
    "transaction_unmined": _l("A transaction waits for a block unusually long"),
    "unknown_contract": _l(
        "A contract that we don’t know got rights over tokens: reading is stopped until somebody "
        "has looked"
    ),
    "wrong_chain": _l("A node is on another chain: all is stopped until somebody has looked"),
}
#: What else an operator is told of; ceilings have a sentence with a name (`office_view.py`).
OTHERS = {
    "archive_differs": _l("A season’s archive waits: its own audit differs"),
    "end_not_announced": _l("A programme’s last day comes near, and nobody has announced its end"),
    "end_not_told": _l("A programme’s end is announced, and not everybody has been told"),
    "import_broken": _l("A partner’s file met a fault of ours"),
    "letters_given_up": _l("Letters could not be sent"),
    "move_untold": _l("The signer was asked to let a wallet go, and its owner was not told"),
    **dict.fromkeys(
        (
            *("programme_unknown", "funding_unknown", "batch_unknown", "cells_unknown"),
            *("expiry_unknown", "closing_unknown", "return_unknown", "order-unknown"),
            *("refund-unknown", "pay-out-unknown", "recovery-unknown", "move-unknown"),
        ),
        _l("The chain holds something that our books don’t know"),
    ),
    **dict.fromkeys(
        ("organisation-ceiling", "device-ceiling"), _l("A daily ceiling is reached: deeds wait")
    ),
}


def incident(code: str) -> str:
    """In words; a code that has none yet as it is."""
    found = INCIDENTS.get(code) or OTHERS.get(code)
    return code if found is None else str(found)


#: What a row does on the chain, by its kind.
KINDS = {
    "commit_batch": _l("Credit a batch"),
    "cancel_batch": _l("Bar a batch that was taken apart"),
    "publish_cells": _l("Publish a period’s figures"),
    "settle_orders": _l("Settle payments"),
    "settle_refunds": _l("Settle refunds"),
    "pay_out": _l("Pay out to shops"),
    "create_programme": _l("Create a programme"),
    "close_programme": _l("Close a programme"),
    "anchor": _l("Anchor a day’s root"),
    "set_rule_set": _l("Announce rules"),
    "propose_funding": _l("Propose a funding"),
    "confirm_funding": _l("Confirm a funding"),
    "withdraw_funding": _l("Withdraw a funding"),
    "propose_return": _l("Propose to give back what is left"),
    "confirm_return": _l("Confirm that what is left goes back"),
    "register_attester": _l("Register a key that vouches"),
    "revoke_attester": _l("Revoke a key that vouches"),
    "register_payee": _l("Register a shop"),
    "set_payee_state": _l("Change what a shop may do"),
    "block_account": _l("Block an account"),
    "unblock_account": _l("Lift a block"),
    "propose_recovery": _l("Propose a recovery"),
    "confirm_recovery": _l("Confirm a recovery"),
    "withdraw_recovery": _l("Withdraw a recovery"),
    "contest_recovery": _l("Object to a recovery"),
    "vote_recovery": _l("Decide on an objection"),
    "execute_recovery": _l("Carry out a recovery"),
    "move_account": _l("Move an account to another key"),
    "forward": _l("Send on what reached an old account"),
}
STATES = {"waiting": _l("waits"), "sent": _l("on its way"), "held": _l("held for a person")}
