// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IProgrammes} from "./interfaces/IProgrammes.sol";
import {IRecovery} from "./interfaces/IRecovery.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @dev The part of {Recovery} by which officers block an account at once and for a while.
abstract contract AccountBlocks is IRecovery, AccessManaged {
    uint64 internal constant NOTICE = 72 hours;

    /// @dev How long an officer who blocked an account can't do it again alone.
    uint64 private constant PATIENCE = 30 days;

    struct Block {
        uint64 until;
        address officer;
    }

    IProgrammes internal immutable _PROGRAMMES;

    /// @inheritdoc IRecovery
    // Written through what _blockOf gives.
    // slither-disable-next-line uninitialized-state
    mapping(bytes32 programmeId => mapping(address account => Block)) public blockOf;

    /// @inheritdoc IRecovery
    mapping(bytes32 programmeId => mapping(address account => address)) public successorOf;

    constructor(IProgrammes programmes) {
        _PROGRAMMES = programmes;
    }

    /// @inheritdoc IRecovery
    function blockAccount(bytes32 programmeId, address account) external restricted {
        Block storage last = _blockOf(programmeId, account);
        require(
            last.officer != msg.sender || block.timestamp >= last.until + PATIENCE,
            OtherOfficerNeeded(msg.sender)
        );
        uint64 until = uint64(block.timestamp) + NOTICE;
        (last.until, last.officer) = (until, msg.sender);
        emit AccountBlocked(programmeId, account, until, msg.sender);
        // What a recovery froze for longer stays so.
        if (_PROGRAMMES.frozenUntil(programmeId, account) < until) {
            _PROGRAMMES.freeze(programmeId, account, until);
        }
    }

    /// @inheritdoc IRecovery
    function unblockAccount(bytes32 programmeId, address account) external restricted {
        Block storage last = _blockOf(programmeId, account);
        require(block.timestamp < last.until, BlockNotInForce(programmeId, account));
        require(last.officer != msg.sender, OtherOfficerNeeded(msg.sender));
        bytes32 open = _openRecoveryOf(programmeId, account);
        require(open == 0, RecoveryIsOpen(open));
        last.until = uint64(block.timestamp);
        emit AccountUnblocked(programmeId, account, msg.sender);
        _PROGRAMMES.freeze(programmeId, account, 0);
    }

    /// @dev What was replaced stays frozen for ever: there is nothing to block or lift.
    function _blockOf(bytes32 programmeId, address account) private view returns (Block storage) {
        address successor = successorOf[programmeId][account];
        require(successor == address(0), AccountSucceeded(account, successor));
        return blockOf[programmeId][account];
    }

    /// @dev The recovery, confirmed and not ended, that has the account as old or new one; or zero.
    function _openRecoveryOf(bytes32 programmeId, address account)
        internal
        view
        virtual
        returns (bytes32);

    function _checkNotFrozen(bytes32 programmeId, address account) internal view {
        uint64 until = _PROGRAMMES.frozenUntil(programmeId, account);
        require(block.timestamp >= until, AccountFrozen(account, until));
    }

    /// @dev Lets a recovery's freeze go; an officers' block goes on to its own end.
    function _thaw(bytes32 programmeId, address account) internal {
        _PROGRAMMES.freeze(programmeId, account, blockOf[programmeId][account].until);
    }
}
