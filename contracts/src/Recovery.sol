// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AccountBlocks} from "./AccountBlocks.sol";
import {AccountMoves} from "./AccountMoves.sol";
import {RecoverySignatures} from "./RecoverySignatures.sol";
import {IImpactToken} from "./interfaces/IImpactToken.sol";
import {IPaymentDesk} from "./interfaces/IPaymentDesk.sol";
import {IProgrammes} from "./interfaces/IProgrammes.sol";
import {IRecovery} from "./interfaces/IRecovery.sol";
import {Pausing} from "./utils/Pausing.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @title Recovery of accounts by two officers, and owners' changes of account
/// @dev A case ends by time without a transaction: what is stored is read through {recovery}, which
/// says Failed from `endsAt` on, and the freeze that goes with it ends at the same moment. What is
/// called in between is {Programmes}, its tokens and the desk, which call nobody back.
contract Recovery is AccountMoves {
    uint64 private constant DECIDED_WITHIN = 30 days;

    struct Votes {
        uint8 inFavour;
        uint8 against;
    }

    mapping(bytes32 recoveryId => Case) private _cases;
    mapping(bytes32 recoveryId => Votes) private _votes;

    /// @dev Who proposed, confirmed or voted: nobody does two of these.
    mapping(bytes32 recoveryId => mapping(address officer => bool)) private _acted;

    /// @dev The last recovery that named the account as old or new.
    mapping(bytes32 programmeId => mapping(address account => bytes32)) private _lastOf;

    constructor(address authority, IProgrammes programmes, IPaymentDesk desk, bytes32 genesisHash)
        AccessManaged(authority)
        RecoverySignatures(desk, genesisHash)
        AccountBlocks(programmes)
        Pausing(5)
    {}

    /// @inheritdoc IRecovery
    function propose(
        bytes32 recoveryId,
        bytes32 programmeId,
        address oldAccount,
        address newAccount
    ) external restricted {
        require(_cases[recoveryId].state == State.None, RecoveryExists(recoveryId));
        _checkReplaceable(programmeId, oldAccount);
        bytes32 last = _lastOf[programmeId][oldAccount];
        require(!_isOpen(last), RecoveryIsOpen(last));
        _checkNew(programmeId, newAccount);
        require(oldAccount != newAccount, AccountNotNew(newAccount));
        uint64 endsAt = uint64(block.timestamp) + NOTICE;
        _cases[recoveryId] = Case(programmeId, oldAccount, 0, State.Proposed, newAccount, endsAt);
        (_lastOf[programmeId][oldAccount], _lastOf[programmeId][newAccount]) =
        (recoveryId, recoveryId);
        _actOnce(recoveryId);
        emit RecoveryProposed(recoveryId, programmeId, oldAccount, newAccount, msg.sender);
    }

    /// @inheritdoc IRecovery
    function confirm(bytes32 recoveryId) external restricted {
        Case storage found = _standing(recoveryId, State.Proposed);
        _actOnce(recoveryId);
        _checkReplaceable(found.programmeId, found.oldAccount);
        uint64 readyAt = uint64(block.timestamp) + NOTICE;
        (found.state, found.readyAt) = (State.Confirmed, readyAt);
        emit RecoveryConfirmed(recoveryId, readyAt, msg.sender);
        _goOnUntil(found, readyAt + DECIDED_WITHIN);
    }

    /// @inheritdoc IRecovery
    function withdraw(bytes32 recoveryId) external restricted {
        _standing(recoveryId, State.Proposed).state = State.Failed;
        emit RecoveryWithdrawn(recoveryId, msg.sender);
    }

    /// @inheritdoc IRecovery
    function objectTo(bytes32 recoveryId, bytes calldata signature) external {
        Case storage found = _standing(recoveryId, State.Confirmed);
        require(
            _isSignedBy(found.oldAccount, hashObjection(recoveryId), signature),
            ObjectionWrong(recoveryId)
        );
        _object(recoveryId, found, address(0));
    }

    /// @inheritdoc IRecovery
    function contest(bytes32 recoveryId) external restricted {
        require(!_acted[recoveryId][msg.sender], OtherOfficerNeeded(msg.sender));
        _object(recoveryId, _standing(recoveryId, State.Confirmed), msg.sender);
    }

    /// @inheritdoc IRecovery
    function vote(bytes32 recoveryId, bool inFavour) external restricted {
        Case storage found = _standing(recoveryId, State.Objected);
        _actOnce(recoveryId);
        Votes storage votes = _votes[recoveryId];
        emit RecoveryVoted(recoveryId, msg.sender, inFavour);
        if (inFavour ? ++votes.inFavour < 2 : ++votes.against < 2) return;
        if (inFavour) {
            found.state = State.Approved;
            emit RecoveryApproved(recoveryId);
            uint64 from = uint64(block.timestamp);
            _goOnUntil(found, (from < found.readyAt ? found.readyAt : from) + DECIDED_WITHIN);
        } else {
            found.state = State.Failed;
            emit RecoveryRejected(recoveryId);
            _thaw(found.programmeId, found.oldAccount);
        }
        _thaw(found.programmeId, found.newAccount);
    }

    /// @inheritdoc IRecovery
    function execute(bytes32 recoveryId, uint128 holds, bytes calldata acceptorSignature)
        external
        restricted
        whenRunning
    {
        Case storage found = _cases[recoveryId];
        State state = _stateOf(found);
        require(
            state == State.Confirmed || state == State.Approved,
            RecoveryStateWrong(recoveryId, state)
        );
        require(block.timestamp >= found.readyAt, RecoveryTooEarly(recoveryId, found.readyAt));
        _checkAcceptance(hashRelease(recoveryId, holds), acceptorSignature);
        (bytes32 programmeId, address from, address to) =
            (found.programmeId, found.oldAccount, found.newAccount);
        _checkReplaceable(programmeId, from);
        uint256 balance =
            _PROGRAMMES.programme(programmeId).token.sideOf(from, IImpactToken.Side.Held);
        // Never more than what was minted, which is a uint128.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint128 amount = balance < holds ? 0 : uint128(balance) - holds;
        found.state = State.Executed;
        emit RecoveryExecuted(recoveryId, programmeId, from, to, amount, holds);
        _replace(programmeId, from, to, amount);
    }

    /// @inheritdoc IRecovery
    function recovery(bytes32 recoveryId) external view returns (Case memory found) {
        found = _cases[recoveryId];
        found.state = _stateOf(_cases[recoveryId]);
    }

    function _object(bytes32 recoveryId, Case storage found, address officer) private {
        uint64 until = uint64(block.timestamp) + DECIDED_WITHIN;
        found.state = State.Objected;
        emit RecoveryObjected(recoveryId, until, officer);
        _goOnUntil(found, until);
        _PROGRAMMES.freeze(found.programmeId, found.newAccount, until);
    }

    /// @dev The case ends at `endsAt` if nothing happens, and the old account's freeze with it.
    function _goOnUntil(Case storage found, uint64 endsAt) private {
        found.endsAt = endsAt;
        _PROGRAMMES.freeze(found.programmeId, found.oldAccount, endsAt);
    }

    function _actOnce(bytes32 recoveryId) private {
        require(!_acted[recoveryId][msg.sender], OtherOfficerNeeded(msg.sender));
        _acted[recoveryId][msg.sender] = true;
    }

    function _standing(bytes32 recoveryId, State wanted) private view returns (Case storage found) {
        found = _cases[recoveryId];
        State state = _stateOf(found);
        require(state == wanted, RecoveryStateWrong(recoveryId, state));
    }

    function _stateOf(Case storage found) private view returns (State state) {
        state = found.state;
        if (state == State.None || state == State.Executed) return state;
        if (block.timestamp >= found.endsAt) return State.Failed;
    }

    function _isOpen(bytes32 recoveryId) private view returns (bool) {
        State state = _stateOf(_cases[recoveryId]);
        return state != State.None && state != State.Executed && state != State.Failed;
    }

    /// @inheritdoc AccountMoves
    function _isNamed(bytes32 programmeId, address account) internal view override returns (bool) {
        return _isOpen(_lastOf[programmeId][account]);
    }

    /// @inheritdoc AccountBlocks
    function _openRecoveryOf(bytes32 programmeId, address account)
        internal
        view
        override
        returns (bytes32 last)
    {
        last = _lastOf[programmeId][account];
        // Proposed ones have no time yet.
        if (!_isOpen(last) || _cases[last].readyAt < 1) return 0;
    }
}
