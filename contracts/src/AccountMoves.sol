// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AccountBlocks} from "./AccountBlocks.sol";
import {RecoverySignatures} from "./RecoverySignatures.sol";
import {IRecovery} from "./interfaces/IRecovery.sol";
import {Pausing} from "./utils/Pausing.sol";

/// @dev The part of {Recovery} by which one account takes another's place, for ever: who did and
/// what moves on. Each move executes once, with the acceptor's countersignature.
abstract contract AccountMoves is RecoverySignatures, AccountBlocks, Pausing {
    uint64 private constant FOR_EVER = type(uint64).max;

    /// @inheritdoc IRecovery
    mapping(bytes32 id => bool) public isExecuted;

    mapping(bytes32 programmeId => mapping(address account => bool)) private _isSuccessor;

    /// @inheritdoc IRecovery
    function moveAccount(
        Move calldata move,
        bytes calldata ownerSignature,
        bytes calldata acceptorSignature
    ) external restricted whenRunning {
        bytes32 id = hashMove(move);
        _executeOnce(id, acceptorSignature);
        require(_isSignedBy(move.from, id, ownerSignature), SignatureWrong(id));
        _checkReplaceable(move.programmeId, move.from);
        _checkNotFrozen(move.programmeId, move.from);
        _checkNew(move.programmeId, move.to);
        require(move.from != move.to, AccountNotNew(move.to));
        emit AccountMoved(id, move.programmeId, move.from, move.to, move.amount);
        _replace(move.programmeId, move.from, move.to, move.amount);
    }

    /// @inheritdoc IRecovery
    function forward(Forward calldata forwarded, bytes calldata acceptorSignature)
        external
        restricted
        whenRunning
    {
        bytes32 id = hashForward(forwarded);
        _executeOnce(id, acceptorSignature);
        (bytes32 programmeId, address from) = (forwarded.programmeId, forwarded.from);
        address to = successorOf[programmeId][from];
        require(to != address(0), SuccessorUnknown(from));
        emit Forwarded(id, programmeId, from, to, forwarded.amount);
        _PROGRAMMES.move(programmeId, from, to, forwarded.amount);
    }

    function _replace(bytes32 programmeId, address from, address to, uint128 amount) internal {
        successorOf[programmeId][from] = to;
        _isSuccessor[programmeId][to] = true;
        _PROGRAMMES.freeze(programmeId, from, FOR_EVER);
        _PROGRAMMES.move(programmeId, from, to, amount);
    }

    function _executeOnce(bytes32 id, bytes calldata acceptorSignature) private {
        require(!isExecuted[id], ExecutedAlready(id));
        _checkAcceptance(id, acceptorSignature);
        isExecuted[id] = true;
    }

    /// @dev Whether an open recovery names the account, proposed ones included.
    function _isNamed(bytes32 programmeId, address account) internal view virtual returns (bool);

    /// @dev Neither a payee nor replaced before.
    function _checkReplaceable(bytes32 programmeId, address account) internal view {
        require(!_PROGRAMMES.isPayee(account), AccountIsPayee(account));
        address successor = successorOf[programmeId][account];
        require(successor == address(0), AccountSucceeded(account, successor));
    }

    function _checkNew(bytes32 programmeId, address account) internal view {
        _checkReplaceable(programmeId, account);
        uint256 balance = _PROGRAMMES.programme(programmeId).token.balanceOf(account);
        // Nobody can send tokens to an account to keep it from being new.
        // slither-disable-next-line incorrect-equality
        bool unused = balance == 0 && account != address(0);
        bool unnamed = !_isSuccessor[programmeId][account] && !_isNamed(programmeId, account);
        require(unused && unnamed, AccountNotNew(account));
    }
}
