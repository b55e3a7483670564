// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @title Who may ask the timelock for what, for a while
/// @notice An administrator's act may be left to somebody: one function of one contract, until a
/// day. What a delegate asks for waits in the timelock like anything else, where the quorum may
/// cancel it. This contract can ask there once the timelock itself has let it, and never cancel.
/// @dev The last day ends the asking; what was asked for before it goes on unless cancelled.
/// Warning: the function is bounded, its arguments aren't. Assumed: somebody of the quorum reads
/// what waits in the timelock within its 48 hours.
interface IDelegation {
    /// @notice The delegate may ask for this function until then.
    event Permitted(
        address indexed delegate, address indexed target, bytes4 indexed selector, uint64 until
    );
    /// @notice The delegate may ask for it no longer; what was asked for before goes on.
    event Revoked(address indexed delegate, address indexed target, bytes4 indexed selector);

    /// @notice The day has passed, or lies more than 92 days ahead.
    error SpanInvalid(uint64 until);
    /// @notice Nobody is let near the access manager, the timelock or this contract.
    error TargetForbidden(address target);
    /// @notice No permission for this function is in force.
    error DelegateUnauthorized(address caller, address target, bytes4 selector);
    /// @notice Too short to name a function.
    error CallInvalid();

    /// @notice Lets `delegate` ask for calls of one function; a later word replaces an earlier.
    function permit(address delegate, address target, bytes4 selector, uint64 until) external;

    /// @notice Ends it at once.
    function revoke(address delegate, address target, bytes4 selector) external;

    /// @notice Asks the timelock for a call, with its shortest delay; anybody may make it then.
    function schedule(address target, bytes calldata data, bytes32 salt)
        external
        returns (bytes32 operation);

    /// @notice Until when, in seconds since 1970; zero if never or no longer.
    function permittedUntil(address delegate, address target, bytes4 selector)
        external
        view
        returns (uint64);
}
