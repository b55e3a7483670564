// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPausing} from "../interfaces/IPausing.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @dev Base of a contract with one family of functions that can be stopped.
abstract contract Pausing is IPausing, AccessManaged {
    /// @dev How long a pause lasts when nobody ends it.
    uint64 private constant LENGTH = 14 days;

    uint8 private immutable _FAMILY;

    uint64 private _until;

    constructor(uint8 family) {
        _FAMILY = family;
    }

    modifier whenRunning() {
        _checkRunning();
        _;
    }

    modifier known(uint8 family) {
        require(family == _FAMILY, PauseFamilyUnknown(family));
        _;
    }

    /// @inheritdoc IPausing
    function pause(uint8 family) external restricted known(family) {
        _checkRunning();
        _until = uint64(block.timestamp) + LENGTH;
        emit FamilyPaused(family, _until);
    }

    /// @inheritdoc IPausing
    function unpause(uint8 family) external restricted known(family) {
        require(block.timestamp < _until, PauseNotInForce(family));
        _until = 0;
        emit FamilyUnpaused(family);
    }

    /// @inheritdoc IPausing
    function pausedUntil(uint8 family) external view known(family) returns (uint64) {
        return _until;
    }

    function _checkRunning() private view {
        require(block.timestamp >= _until, PauseInForce(_FAMILY, _until));
    }
}
