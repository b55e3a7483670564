"""Why something stands on its way to the chain, in the reader's language.

A row keeps the refusal as the contract or a node gave it, `Name(argument=value, …)`. What a name
means is ours to say; the name and its arguments stay beside it, as commands and logs have them.
"""

from __future__ import annotations

import re

from app.web.words import Speech, speech


def _l(text: str) -> str:
    """Marks a sentence for the catalogue."""
    return text


REFUSALS = {
    "Abandoned": _l("An operator gave its transaction up"),
    "AcceptanceWrong": _l("The key that accepted it doesn’t count on the chain"),
    "AccessManagedUnauthorized": _l("Our key has no right to this on the chain (yet)"),
    "BatchCountWrong": _l("The chain counts another number of batches before it"),
    "BatchUsed": _l("The chain has this batch already"),
    "BlockNotInForce": _l("The block of this account is still on its way"),
    "CancelledByOperator": _l("An operator took it apart"),
    "CellsDisagree": _l("The figures don’t come to what was credited"),
    "CompletenessUnproven": _l("Pay-outs wait until our books have been held to the chain"),
    "CorrectionTooLarge": _l("A correction takes back more than was published"),
    "CreditRefused": _l("One account can’t be credited"),
    "DailyCeilingExceeded": _l("The day’s ceiling is used up"),
    "DailyLimitExceeded": _l("The day’s limit of pay-outs is used up"),
    "ERC20InsufficientBalance": _l("The account holds less on the chain than was promised"),
    "FundingExceeded": _l("The programme has no more funding"),
    "GasRanOut": _l("It was given too little gas: it goes out again"),
    "MoverUnauthorized": _l("The contract has no right to move tokens (yet)"),
    "NodeRefused": _l("A node refused with words that we don’t know"),
    "NotAllowed": _l("The network doesn’t let our key send"),
    "NotFunded": _l("Our key can’t pay for the transaction"),
    "OrderNotExecuted": _l("The payment that it gives back is still on its way"),
    "OwnerSignatureWrong": _l("It isn’t signed by the account that would pay"),
    "OutOfGas": _l("It used up its gas, and would go through with more"),
    "PauseInForce": _l("It is paused on the chain"),
    "PayeeNotReceiving": _l("The shop is closed on the chain"),
    "PayeeNotRegistered": _l("The shop isn’t registered on the chain yet"),
    "PayeeUnknown": _l("The shop isn’t registered on the chain yet"),
    "PayeesMayNotPay": _l("Shops and associations may not pay in this programme"),
    "PeriodNotAfter": _l("A later period is published already"),
    "ProgrammeIsClosed": _l("The programme is closed"),
    "ProgrammeTooEarlyToClose": _l("It is too early to close the programme"),
    "ProgrammeUnknown": _l("The chain doesn’t know the programme yet"),
    "ProposalUnknown": _l("The chain doesn’t know the proposal yet"),
    "ReasonPassed": _l("What stood in its way has passed: it goes out again"),
    "RecoveryStateWrong": _l("The step of the recovery before it is still on its way"),
    "RecoveryTooEarly": _l("The recovery’s time has not come"),
    "RefundExceeded": _l("More would go back than was paid"),
    "RegistryNotInForce": _l("This register was handed over to the next one"),
    "RuleSetVersionWrong": _l("The rules before these are still on their way"),
    "TokenExpired": _l("The programme’s tokens have expired"),
    "TransactionTooLarge": _l("It is too large for a block"),
    "Unknown": _l("The chain refused it without a reason that we know"),
}
_NAMED = re.compile(r"(\w+)\(.*", re.DOTALL)


def refusal(text: str, spoken: Speech | None = None) -> str:
    """What its name means; nothing where we don't know."""
    found = _NAMED.fullmatch(text)
    words = REFUSALS.get(found[1]) if found else None
    return (spoken or speech()).gettext(words) if words else ""
