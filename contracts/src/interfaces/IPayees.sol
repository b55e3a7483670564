// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @title Merchants' and associations' addresses, and what is paid out to them
/// @notice A payee is registered by address only, while it holds nothing in any open programme, and
/// stays one for ever. Paying out burns tokens; the euros leave through the bank.
/// @dev Assumed: the bank pays what was burned; nobody can see that here, the events are what its
/// statement is held against. Warning: whoever pays out destroys a payee's tokens without asking it,
/// up to the day's limit; one limit for all programmes.
interface IPayees {
    /// @notice Active: is paid. Closing: receives only what was accepted before, which the acceptor
    /// sees to. Closed: receives nothing. Every one can be paid out what it took.
    enum State {
        None,
        Active,
        Closing,
        Closed
    }

    /// @notice The payee receives from now on what its state says.
    event PayeeStateChanged(address indexed payee, State state);
    /// @notice `amount` cents of a payee's tokens were burned; euros are owed under `payOutReference`.
    event PaidOut(
        bytes32 indexed payOutReference,
        bytes32 indexed programmeId,
        address indexed payee,
        uint128 amount
    );
    /// @notice So many cents may be paid out in a UTC day, all programmes together.
    event DailyLimitChanged(uint128 limit);

    /// @notice It is no payee.
    error PayeeNotRegistered(address payee);
    /// @notice It is so already, or no payee is ever so again.
    error PayeeStateWrong(address payee, State state);
    /// @notice A reference pays out once.
    error PayOutReferenceUsed(bytes32 payOutReference);
    /// @notice Lists of different length, an empty list, or nothing to pay.
    error PayOutInvalid(bytes32 payOutReference);
    /// @notice The day's pay-outs would come to `amount`.
    error DailyLimitExceeded(uint256 amount, uint256 limit);

    /// @notice Makes `payee` an active payee. Reverts with {IProgrammes}' `PayeeHoldsBalance` or
    /// `PayeeExists`.
    function register(address payee) external;

    /// @notice Changes a registered payee's state; None is refused.
    function setState(address payee, State state) external;

    /// @notice Burns what is paid out: all or, where one can't, none.
    /// @param payOutReference keccak256 of the pay-out's number, used once.
    function payOut(
        bytes32 payOutReference,
        bytes32 programmeId,
        address[] calldata payees,
        uint128[] calldata amounts
    ) external;

    /// @notice Bounds what can be paid out in a UTC day, and so what a stolen key can burn.
    function setDailyLimit(uint128 limit) external;

    /// @notice Whether `account` is a payee.
    function isPayee(address account) external view returns (bool);

    /// @notice The payee's state.
    function stateOf(address payee) external view returns (State);

    /// @notice Whether `payOutReference` was paid out.
    function isPaidOut(bytes32 payOutReference) external view returns (bool);

    /// @notice Cents that can be paid out in a UTC day.
    function dailyLimit() external view returns (uint128);

    /// @notice Cents paid out on a day, counted from 1970-01-01.
    function paidOutOn(uint256 day) external view returns (uint256);
}
