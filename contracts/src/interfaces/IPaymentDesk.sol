// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @title Desk that executes what owners ordered and the acceptor countersigned
/// @notice Every move here needs two signatures: the owner's order, and an acceptance of that order
/// by a registered acceptor key. Neither alone executes anything. Whoever settles only carries them.
/// Domain: "Civis PaymentDesk", version "1", chain id, this contract, salt = hash of the genesis
/// block; an id is the typed-data digest that the owner signed.
/// @dev Items that can't execute are skipped with an event, the others go on; one that executed
/// already is counted as done. Signatures are secp256k1 only (no ERC-1271): accounts are plain keys
/// by construction, and a signer's code, which the call of ERC-1271 would run, could change its mind
/// or use up the gas of the others. Trust: an acceptor key that is stolen can execute what owners
/// signed and nothing else; the pay family can be paused at once.
interface IPaymentDesk {
    /// @notice Pay `amount` cents to `payee`. `requestedUntil` bounds acceptance only: what was
    /// accepted never runs out.
    struct Order {
        bytes32 paymentId;
        bytes32 programmeId;
        address payer;
        address payee;
        uint128 amount;
        uint64 requestedUntil;
    }

    /// @notice Give `amount` of order `orderId` back to its payer. `nonce` tells refunds apart.
    struct Refund {
        bytes32 orderId;
        address payee;
        uint128 amount;
        bytes32 nonce;
    }

    /// @notice Give `amount` of one's own back to the programme.
    struct GiveBack {
        bytes32 programmeId;
        address holder;
        uint128 amount;
        bytes32 nonce;
    }

    /// @notice Of an acceptor key. Active: its acceptances execute. Retired: too, but it accepts
    /// nothing new (which the chain can't see). Stolen: only orders that two officers vouched for.
    enum AcceptorState {
        Unknown,
        Active,
        Retired,
        Stolen
    }

    /// @notice From now on the key's word counts as its state says.
    event AcceptorChanged(address indexed acceptor, AcceptorState state);
    /// @notice The payment moved, once.
    event OrderExecuted(
        bytes32 indexed orderId,
        bytes32 indexed paymentId,
        bytes32 indexed programmeId,
        address payer,
        address payee,
        uint128 amount
    );
    /// @notice Part or all of an executed order went back to its payer.
    event RefundExecuted(
        bytes32 indexed refundId,
        bytes32 indexed orderId,
        bytes32 indexed programmeId,
        address payee,
        address payer,
        uint128 amount
    );
    /// @notice The holder's tokens went back to the programme.
    event GiveBackExecuted(
        bytes32 indexed giveBackId,
        bytes32 indexed programmeId,
        address indexed holder,
        uint128 amount
    );
    /// @notice An order, refund or give-back could not execute and can be sent again. `reason` is
    /// an encoded error of this desk, {IProgrammes} or {IImpactToken}; empty: the gas ran out.
    event OrderSkipped(bytes32 indexed orderId, bytes reason);
    /// @notice It was executed before, by this settler or another.
    event OrderAlreadyExecuted(bytes32 indexed orderId);
    /// @notice An officer vouched for what a stolen key accepted; the second one makes it `complete`.
    event OrderVouched(bytes32 indexed orderId, address indexed officer, bool complete);

    /// @notice Items and signatures don't pair.
    error ListLengthsDiffer();
    /// @notice Nobody's key, or no state to be in.
    error AcceptorInvalid(address acceptor);
    /// @notice The owner's signature isn't one, or another's.
    error OwnerSignatureWrong(bytes32 id);
    /// @notice The acceptance isn't signed by an acceptor key, or by a stolen one unvouched.
    error AcceptanceWrong(bytes32 id, address signer);
    /// @notice Nothing is to be moved.
    error OrderAmountZero(bytes32 id);
    /// @notice Payer and payee are one.
    error OrderToSelf(bytes32 id);
    /// @notice It is no payee, or one that was closed.
    error PayeeNotReceiving(address payee);
    /// @notice A refund executes after its order, not before.
    error OrderNotExecuted(bytes32 orderId);
    /// @notice The refund names another order or another payee than the order it comes with.
    error RefundMismatch(bytes32 refundId);
    /// @notice All refunds of an order would come to more than was paid.
    error RefundExceeded(bytes32 orderId, uint256 refunded, uint256 amount);
    /// @notice By this officer, or by two.
    error OrderVouchedAlready(bytes32 orderId, address officer);

    /// @notice Executes orders, each once. Signature number `i` belongs to order number `i`.
    function settle(
        Order[] calldata orders,
        bytes[] calldata payerSignatures,
        bytes[] calldata acceptorSignatures
    ) external;

    /// @notice Executes refunds, each once; `orders[i]` is the order that `refunds[i]` refunds.
    function settleRefunds(
        Refund[] calldata refunds,
        Order[] calldata orders,
        bytes[] calldata payeeSignatures,
        bytes[] calldata acceptorSignatures
    ) external;

    /// @notice Executes give-backs, each once.
    function settleGiveBacks(
        GiveBack[] calldata giveBacks,
        bytes[] calldata holderSignatures,
        bytes[] calldata acceptorSignatures
    ) external;

    /// @notice Sets an acceptor key's state. Unknown is refused: a key that was one stays known.
    function setAcceptor(address acceptor, AcceptorState state) external;

    /// @notice Vouches, as one of two officers, that these ids were accepted before the key was
    /// stolen.
    function vouch(bytes32[] calldata orderIds) external;

    /// @notice State of an acceptor key.
    function acceptorState(address acceptor) external view returns (AcceptorState);

    /// @notice Whether the order, refund or give-back was executed.
    function isExecuted(bytes32 id) external view returns (bool);

    /// @notice Cents of the order that were refunded so far.
    function refundedOf(bytes32 orderId) external view returns (uint256);

    /// @notice Whether two officers vouched for the id.
    function isVouched(bytes32 id) external view returns (bool);

    /// @notice The order's id: what its payer signs.
    function hashOrder(Order calldata order) external view returns (bytes32);

    /// @notice The refund's id: what its payee signs.
    function hashRefund(Refund calldata refund) external view returns (bytes32);

    /// @notice The give-back's id: what its holder signs.
    function hashGiveBack(GiveBack calldata giveBack) external view returns (bytes32);

    /// @notice What an acceptor signs to accept `id`: `Acceptance(bytes32 orderId)`.
    function hashAcceptance(bytes32 id) external view returns (bytes32);
}
