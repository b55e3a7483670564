"""What nodes say, word for word as their sources have it, and what it means for us.

Values in the texts are examples.
"""

from __future__ import annotations

from app.chain import errors
from app.chain.errors import ChainError

SENDING: tuple[tuple[str, int, str, type[ChainError]], ...] = (
    ("anvil", -32003, "nonce too low", errors.NonceUsed),
    ("anvil", -32003, "Nonce too high", errors.NonceGap),
    ("anvil", -32003, "Insufficient funds for gas * price + value", errors.NotFunded),
    ("anvil", -32003, "max fee per gas less than block base fee", errors.Underpriced),
    ("anvil", -32003, "intrinsic gas too high -- tx.gas_limit > env.block.gas", errors.TooMuchGas),
    (
        "anvil",
        -32003,
        "Transaction gas limit is greater than the block gas limit, gas_limit: 9, cap: 8",
        errors.TooMuchGas,
    ),
    ("anvil", -32003, "Tx: [0x5c50] already Imported", errors.AlreadyKnown),
    ("anvil", -32003, "transaction already imported", errors.AlreadyKnown),
    (
        "anvil",
        -32003,
        "Tx: [0x5c50] insufficient gas price to replace existing transaction",
        errors.Underpriced,
    ),
    ("anvil", -32003, "replacement transaction underpriced", errors.Underpriced),
    ("besu", -32000, "Known transaction", errors.AlreadyKnown),
    ("besu", -32000, "Replacement transaction underpriced", errors.Underpriced),
    ("besu", -32001, "Nonce too low", errors.NonceUsed),
    ("besu", -32006, "Nonce too high", errors.NonceGap),
    (
        "besu",
        -32000,
        "Transaction nonce is too distant from current sender nonce",
        errors.NonceGap,
    ),
    ("besu", -32000, "An invalid transaction with a lower nonce exists", errors.NonceGap),
    ("besu", -32004, "Upfront cost exceeds account balance", errors.NotFunded),
    (
        "besu",
        -32004,
        "transaction up-front cost 0x5 exceeds transaction sender account balance 0x0",
        errors.NotFunded,
    ),
    ("besu", -32000, "Transaction fee cap exceeded", errors.NotFunded),
    ("besu", -32005, "Transaction gas limit exceeds block gas limit", errors.TooMuchGas),
    (
        "besu",
        -32007,
        "Sender account not authorized to send transactions",
        errors.NotAllowed,
    ),
    ("besu", -40100, "Unauthorized", errors.NotAllowed),
    ("besu", -32008, "Initial sync is still in progress", errors.NodeBusy),
    ("besu", -32009, "Gas price below configured minimum gas price", errors.Underpriced),
    ("besu", -32009, "Gas price below current base fee", errors.Underpriced),
    ("besu", -32603, "Internal error", errors.NodeBusy),
    ("besu", -32603, "Timeout expired", errors.NodeBusy),
    (
        "besu",
        -32002,
        "Transaction pool not enabled. (Either txpool explicitly disabled or node not yet in sync",
        errors.NodeBusy,
    ),
    ("besu", -32000, "World state unavailable", errors.NodeBehind),
    ("besu", -32000, "Plugin has marked the transaction as invalid", errors.NodeRefused),
    ("besu", -32000, "Wrong chainId", errors.NodeRefused),
    ("geth", -32000, "already known", errors.AlreadyKnown),
    ("geth", -32000, "nonce too low: next nonce 7, tx nonce 6", errors.NonceUsed),
    ("geth", -32000, "nonce too high: tx nonce 9, gapped nonce 7", errors.NonceGap),
    ("geth", -32000, "transaction underpriced", errors.Underpriced),
    ("geth", -32000, "replacement transaction underpriced", errors.Underpriced),
    ("geth", -32000, "future transaction tries to replace pending", errors.NodeRefused),
    ("geth", -32000, "account limit exceeded: pooled 16 txs", errors.NodeBusy),
    ("geth", -32000, "txpool is full", errors.NodeBusy),
    ("geth", -32000, "exceeds block gas limit", errors.TooMuchGas),
    ("geth", -32000, "oversized data: transaction size 140000, limit 131072", errors.TooMuchGas),
    (
        "geth",
        -32000,
        "insufficient funds for gas * price + value: balance 0, tx cost 5, overshot 5",
        errors.NotFunded,
    ),
    ("geth", -32000, "invalid sender", errors.NodeRefused),
    ("geth", -32000, "missing trie node 1b5a (path )", errors.NodeBehind),
    ("geth", -32603, "method handler crashed", errors.NodeBusy),
    ("kaia", -32000, "known transaction: 8f2c", errors.AlreadyKnown),
    ("kaia", -32000, "nonce too low", errors.NonceUsed),
    ("kaia", -32000, "nonce too high", errors.NonceGap),
    (
        "kaia",
        -32000,
        "there is another tx which has the same nonce in the tx pool",
        errors.Underpriced,
    ),
    ("kaia", -32000, "insufficient funds of the sender for value ", errors.NotFunded),
    ("kaia", -32000, "insufficient funds of the fee payer for gas * price", errors.NotFunded),
    ("kaia", -32000, "invalid unit price", errors.Underpriced),
    (
        "kaia",
        -32000,
        "invalid gas fee cap. It must be set to value greater than or equal to baseFee",
        errors.Underpriced,
    ),
    ("kaia", -32000, "txpool is full: 5120", errors.NodeBusy),
    ("kaia", -32000, "exceeds block gas limit", errors.TooMuchGas),
    ("kaia", -32000, "invalid chain id", errors.NodeRefused),
    ("ethereumjs", -32000, "unknown transaction", errors.NodeBusy),
    ("nobody", -32000, "something that nobody has seen", errors.NodeRefused),
)
RECEIPTS: tuple[tuple[str, int, str, type[ChainError]], ...] = (
    ("anvil", -32601, "Method not found", errors.NotKnownThere),
    ("besu", -32604, "Method not enabled", errors.NotKnownThere),
    (
        "geth",
        -32601,
        "the method eth_getBlockReceipts does not exist/is not available",
        errors.NotKnownThere,
    ),
)
LOGS: tuple[tuple[str, int, str, type[ChainError]], ...] = (
    ("besu", -32005, "Requested range exceeds maximum RPC range limit", errors.RangeTooLarge),
    ("geth", -32000, "query timeout exceeded", errors.RangeTooLarge),
    ("geth", -32000, "unknown block", errors.NodeBehind),
    ("hosted", -32005, "query returned more than 10000 results", errors.RangeTooLarge),
)
