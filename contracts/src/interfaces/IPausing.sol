// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @title Stopping one family of functions at once, for a while
/// @notice Families: 1 mint, 2 pay, 3 pay out, 4 funding, 5 recovery. Each contract
/// has exactly one of them. Stopping needs no delay and ends by itself; starting again earlier is
/// another role, with a delay.
/// @dev Warning: a pause stops no clock. A notice, a block or a season that ends meanwhile has ended.
interface IPausing {
    /// @notice `family` stands still until `until` (Unix seconds) or until it is started again.
    event FamilyPaused(uint8 indexed family, uint64 until);

    /// @notice `family` works again before its pause ran out.
    event FamilyUnpaused(uint8 indexed family);

    /// @notice The function belongs to a family that stands still until `until`.
    error PauseInForce(uint8 family, uint64 until);

    /// @notice There is no pause to end.
    error PauseNotInForce(uint8 family);

    /// @notice This contract has no such family.
    error PauseFamilyUnknown(uint8 family);

    /// @notice Stops `family` for 14 days. Refused while it is stopped: a pause is never prolonged
    /// unseen, its end comes first.
    function pause(uint8 family) external;

    /// @notice Ends the pause of `family`.
    function unpause(uint8 family) external;

    /// @notice Unix seconds at which the pause of `family` ends; past or zero when it works.
    function pausedUntil(uint8 family) external view returns (uint64);
}
