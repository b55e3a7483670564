// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IQuorum} from "./interfaces/IQuorum.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title n of m
/// @dev Ruled by itself alone: no authority stands above the members, and none of them alone.
contract Quorum is IQuorum {
    uint64 private constant LIFETIME = 14 days;
    uint256 private constant FEWEST = 2;
    uint256 private constant MOST = 32;

    /// @inheritdoc IQuorum
    uint256 public needed;
    /// @inheritdoc IQuorum
    mapping(address account => bool) public isMember;
    /// @inheritdoc IQuorum
    mapping(bytes32 id => uint256) public confirmations;
    /// @inheritdoc IQuorum
    mapping(bytes32 id => mapping(address member => bool)) public hasConfirmed;

    uint64 private _round;
    address[] private _members;
    mapping(bytes32 id => Decision) private _decisions;

    constructor(address[] memory first, uint256 enough) {
        _set(first, enough);
    }

    modifier onlyMember() {
        require(isMember[msg.sender], MemberUnauthorized(msg.sender));
        _;
    }

    /// @inheritdoc IQuorum
    function propose(address target, bytes calldata data, bytes32 salt)
        external
        onlyMember
        returns (bytes32 id)
    {
        id = hashDecision(target, data, salt);
        require(_decisions[id].expiresAt == 0, DecisionExists(id));
        uint64 expiresAt = uint64(block.timestamp) + LIFETIME;
        _decisions[id] = Decision({expiresAt: expiresAt, round: _round, executed: false});
        emit Proposed(id, msg.sender, target, data, salt, expiresAt);
        _confirm(id);
    }

    /// @inheritdoc IQuorum
    function confirm(bytes32 id) external onlyMember {
        _checkOpen(id);
        require(!hasConfirmed[id][msg.sender], ConfirmationExists(id, msg.sender));
        _confirm(id);
    }

    /// @inheritdoc IQuorum
    function withdraw(bytes32 id) external onlyMember {
        _checkOpen(id);
        require(hasConfirmed[id][msg.sender], ConfirmationMissing(id, msg.sender));
        hasConfirmed[id][msg.sender] = false;
        --confirmations[id];
        emit ConfirmationWithdrawn(id, msg.sender);
    }

    /// @inheritdoc IQuorum
    function execute(address target, bytes calldata data, bytes32 salt) external onlyMember {
        bytes32 id = hashDecision(target, data, salt);
        _checkOpen(id);
        uint256 given = confirmations[id];
        require(given >= needed, ConfirmationsMissing(id, given, needed));
        _decisions[id].executed = true;
        emit Executed(id, msg.sender);
        // What the call gives back is nobody's here; what it reverts with is handed on.
        // slither-disable-next-line unused-return
        Address.functionCall(target, data);
    }

    /// @inheritdoc IQuorum
    function setMembers(address[] calldata others, uint256 enough) external {
        require(msg.sender == address(this), QuorumUnauthorized(msg.sender));
        // Thirty-two of them at most.
        // slither-disable-next-line cache-array-length
        for (uint256 i = 0; i < _members.length; ++i) {
            isMember[_members[i]] = false;
        }
        ++_round;
        _set(others, enough);
    }

    /// @inheritdoc IQuorum
    function members() external view returns (address[] memory) {
        return _members;
    }

    /// @inheritdoc IQuorum
    function decision(bytes32 id) external view returns (Decision memory) {
        return _decisions[id];
    }

    /// @inheritdoc IQuorum
    function hashDecision(address target, bytes calldata data, bytes32 salt)
        public
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(block.chainid, address(this), target, data, salt));
    }

    function _confirm(bytes32 id) private {
        hasConfirmed[id][msg.sender] = true;
        ++confirmations[id];
        emit Confirmed(id, msg.sender);
    }

    function _checkOpen(bytes32 id) private view {
        Decision memory found = _decisions[id];
        require(found.expiresAt != 0, DecisionUnknown(id));
        require(!found.executed, DecisionExecuted(id));
        // Counted here, by one: nobody can bring it to another number.
        // slither-disable-next-line incorrect-equality
        require(found.round == _round, DecisionOutdated(id));
        require(block.timestamp < found.expiresAt, DecisionExpired(id, found.expiresAt));
    }

    function _set(address[] memory others, uint256 enough) private {
        require(enough >= FEWEST && enough <= others.length, MembersInvalid());
        require(others.length <= MOST, MembersInvalid());
        for (uint256 i = 0; i < others.length; ++i) {
            address member = others[i];
            require(member != address(0) && !isMember[member], MembersInvalid());
            isMember[member] = true;
        }
        _members = others;
        needed = enough;
        emit MembersSet(others, enough);
    }
}
