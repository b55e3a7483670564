// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @title Several who decide together: so many of them, or nothing happens
/// @notice A member proposes a call, others confirm it, and it is made once enough of them stand
/// behind it. It is the timelock's proposer, so what it decides waits there before it holds.
/// @dev A decision is named by its call and a salt; the call itself stands in the event alone.
/// Whoever changes the members voids every open decision: others had agreed to it.
/// Warning: as many keys as are needed decide anything, whoever holds them; what protects from that
/// is the timelock's wait, so no contract but the timelock should obey a quorum at once.
interface IQuorum {
    /// @param round the count of changes of the members when it was proposed
    struct Decision {
        uint64 expiresAt;
        uint64 round;
        bool executed;
    }

    /// @notice A member asks for the call and stands behind it.
    event Proposed(
        bytes32 indexed id,
        address indexed member,
        address indexed target,
        bytes data,
        bytes32 salt,
        uint64 expiresAt
    );
    /// @notice A member stands behind the decision.
    event Confirmed(bytes32 indexed id, address indexed member);
    /// @notice A member stands behind it no longer.
    event ConfirmationWithdrawn(bytes32 indexed id, address indexed member);
    /// @notice The call was made.
    event Executed(bytes32 indexed id, address indexed member);
    /// @notice These are the members from now on; so many of them decide.
    event MembersSet(address[] members, uint256 needed);

    /// @notice The caller is no member.
    error MemberUnauthorized(address caller);
    /// @notice Only a decision of this quorum may do this.
    error QuorumUnauthorized(address caller);
    /// @notice Members must differ and be somebody, 32 at most, and two of them at least decide.
    error MembersInvalid();
    /// @notice It was proposed already: another salt makes another one.
    error DecisionExists(bytes32 id);
    /// @notice Nobody proposed it.
    error DecisionUnknown(bytes32 id);
    /// @notice Its call was made.
    error DecisionExecuted(bytes32 id);
    /// @notice Its fourteen days are over.
    error DecisionExpired(bytes32 id, uint64 expiresAt);
    /// @notice The members have changed since.
    error DecisionOutdated(bytes32 id);
    /// @notice The member stands behind it already.
    error ConfirmationExists(bytes32 id, address member);
    /// @notice The member doesn't stand behind it.
    error ConfirmationMissing(bytes32 id, address member);
    /// @notice Too few stand behind it yet.
    error ConfirmationsMissing(bytes32 id, uint256 given, uint256 needed);

    /// @notice Proposes a call of `target` and confirms it; it expires after 14 days.
    function propose(address target, bytes calldata data, bytes32 salt)
        external
        returns (bytes32 id);

    /// @notice Stands behind a decision that is open.
    function confirm(bytes32 id) external;

    /// @notice Takes back one's own confirmation, for as long as the call isn't made.
    function withdraw(bytes32 id) external;

    /// @notice Makes the call, once; whatever it reverts with is handed on.
    function execute(address target, bytes calldata data, bytes32 salt) external;

    /// @notice Other members, or another number of them; by a decision of this quorum only.
    function setMembers(address[] calldata others, uint256 enough) external;

    /// @notice All of them.
    function members() external view returns (address[] memory);

    /// @notice Whether `account` is one of them now.
    function isMember(address account) external view returns (bool);

    /// @notice How many must stand behind a call.
    function needed() external view returns (uint256);

    /// @notice The decision as it stands; all zero where there is none.
    function decision(bytes32 id) external view returns (Decision memory);

    /// @notice How many stand behind it.
    function confirmations(bytes32 id) external view returns (uint256);

    /// @notice Whether `member` stands behind it.
    function hasConfirmed(bytes32 id, address member) external view returns (bool);

    /// @notice The name of a call with a salt.
    function hashDecision(address target, bytes calldata data, bytes32 salt)
        external
        view
        returns (bytes32);
}
