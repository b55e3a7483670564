// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActionRegistry} from "./interfaces/IActionRegistry.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @dev The part of {ActionRegistry} that goes on where another registry ended. Of what the one
/// before can say no other way (count and running hash) a copy is taken when it hands over; the rest
/// is asked of it when it is needed, since it changes nothing of its own any more. So a batch costs
/// some calls more for each registry before this one, and nothing has to be moved.
abstract contract RegistrySuccession is IActionRegistry, AccessManaged {
    struct Standing {
        uint64 actions;
        uint128 reward;
        bool taken;
    }

    struct Ceiling {
        bool isSet;
        uint128 amount;
    }

    /// @inheritdoc IActionRegistry
    IActionRegistry public immutable predecessor;

    bool private _begun;

    /// @inheritdoc IActionRegistry
    IActionRegistry public successor;

    /// @inheritdoc IActionRegistry
    uint256 public batchCount;

    /// @inheritdoc IActionRegistry
    bytes32 public runningHash;

    mapping(bytes32 batchId => bytes32) internal _roots;
    mapping(bytes32 batchId => bool) internal _cancelled;
    mapping(bytes32 programmeId => mapping(uint256 day => uint256)) internal _minted;
    mapping(bytes32 programmeId => Ceiling) internal _ceilings;

    mapping(bytes32 programmeId => Totals) private _totals;
    mapping(bytes32 programmeId => bool) private _totalsTaken;

    /// @dev Published less corrected, of one cell key over all periods; one slot.
    mapping(bytes32 programmeId => mapping(uint256 key => Standing)) private _standing;

    uint128 private immutable _DEFAULT_CEILING;

    constructor(uint128 defaultCeiling, IActionRegistry before) {
        _DEFAULT_CEILING = defaultCeiling;
        predecessor = before;
        _begun = address(before) == address(0);
    }

    modifier whenInForce() {
        require(_begun && address(successor) == address(0), RegistryNotInForce(address(successor)));
        _;
    }

    /// @inheritdoc IActionRegistry
    function handOver(IActionRegistry next) external restricted whenInForce {
        successor = next;
        emit HandedOver(address(next), batchCount, runningHash);
        next.takeOver();
    }

    /// @inheritdoc IActionRegistry
    function takeOver() external {
        require(msg.sender == address(predecessor), PredecessorUnauthorized(msg.sender));
        // The one before does it once: afterwards it isn't in force.
        _begun = true;
        batchCount = predecessor.batchCount();
        runningHash = predecessor.runningHash();
        emit TookOver(address(predecessor), batchCount, runningHash);
    }

    /// @inheritdoc IActionRegistry
    function batchRoot(bytes32 batchId) public view returns (bytes32 root) {
        root = _roots[batchId];
        if (root == 0 && _isSuccessor()) root = predecessor.batchRoot(batchId);
    }

    /// @inheritdoc IActionRegistry
    function isCancelled(bytes32 batchId) public view returns (bool) {
        return _cancelled[batchId] || (_isSuccessor() && predecessor.isCancelled(batchId));
    }

    /// @inheritdoc IActionRegistry
    function mintedOn(bytes32 programmeId, uint256 day) public view returns (uint256 minted) {
        minted = _minted[programmeId][day];
        if (_isSuccessor()) minted += predecessor.mintedOn(programmeId, day);
    }

    /// @inheritdoc IActionRegistry
    function dailyCeiling(bytes32 programmeId) public view returns (uint128) {
        Ceiling storage ceiling = _ceilings[programmeId];
        if (ceiling.isSet) return ceiling.amount;
        return _isSuccessor() ? predecessor.dailyCeiling(programmeId) : _DEFAULT_CEILING;
    }

    /// @inheritdoc IActionRegistry
    function totals(bytes32 programmeId) external view returns (Totals memory) {
        if (_isSuccessor() && !_totalsTaken[programmeId]) return predecessor.totals(programmeId);
        return _totals[programmeId];
    }

    /// @inheritdoc IActionRegistry
    function standingOf(bytes32 programmeId, uint256 key)
        external
        view
        returns (uint64 actions, uint128 reward)
    {
        Standing storage standing = _standing[programmeId][key];
        if (_isSuccessor() && !standing.taken) return predecessor.standingOf(programmeId, key);
        return (standing.actions, standing.reward);
    }

    /// @dev To write on; what the one before counted is in it.
    function _sumsOf(bytes32 programmeId) internal returns (Totals storage sums) {
        sums = _totals[programmeId];
        if (_isSuccessor() && !_totalsTaken[programmeId]) {
            _totalsTaken[programmeId] = true;
            _totals[programmeId] = predecessor.totals(programmeId);
        }
    }

    /// @dev To write on; what the one before published under the key is in it.
    function _standingUnder(bytes32 programmeId, uint256 key)
        internal
        returns (Standing storage standing)
    {
        standing = _standing[programmeId][key];
        if (_isSuccessor() && !standing.taken) {
            // The one before calls nobody but those before it.
            // slither-disable-next-line calls-loop
            (uint64 actions, uint128 reward) = predecessor.standingOf(programmeId, key);
            (standing.actions, standing.reward, standing.taken) = (actions, reward, true);
        }
    }

    function _isSuccessor() private view returns (bool) {
        return address(predecessor) != address(0);
    }
}
