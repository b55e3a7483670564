// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IDelegation} from "./interfaces/IDelegation.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Time-boxed delegates of the timelock
contract Delegation is IDelegation, AccessManaged {
    uint64 private constant LONGEST = 92 days;

    TimelockController private immutable _TIMELOCK;

    /// @inheritdoc IDelegation
    mapping(
        address delegate => mapping(address target => mapping(bytes4 selector => uint64 until))
    ) public permittedUntil;

    constructor(address authority, TimelockController timelock) AccessManaged(authority) {
        _TIMELOCK = timelock;
    }

    /// @inheritdoc IDelegation
    function permit(address delegate, address target, bytes4 selector, uint64 until)
        external
        restricted
    {
        require(until > block.timestamp && until <= block.timestamp + LONGEST, SpanInvalid(until));
        require(
            target != authority() && target != address(_TIMELOCK) && target != address(this),
            TargetForbidden(target)
        );
        permittedUntil[delegate][target][selector] = until;
        emit Permitted(delegate, target, selector, until);
    }

    /// @inheritdoc IDelegation
    function revoke(address delegate, address target, bytes4 selector) external restricted {
        permittedUntil[delegate][target][selector] = 0;
        emit Revoked(delegate, target, selector);
    }

    /// @inheritdoc IDelegation
    function schedule(address target, bytes calldata data, bytes32 salt)
        external
        returns (bytes32 operation)
    {
        require(data.length >= 4, CallInvalid());
        bytes4 selector = bytes4(data[:4]);
        require(
            block.timestamp < permittedUntil[msg.sender][target][selector],
            DelegateUnauthorized(msg.sender, target, selector)
        );
        operation = _TIMELOCK.hashOperation(target, 0, data, 0, salt);
        _TIMELOCK.schedule(target, 0, data, 0, salt, _TIMELOCK.getMinDelay());
    }
}
