// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @title Daily roots of what is kept elsewhere: access log, public export, factor set
/// @notice A root proves that something was so when it was committed, and was not changed since.
/// @dev Warning: not that it was true or complete; whoever commits is trusted for that. The first
/// root of a kind and day stands for ever, a wrong one too.
interface IAnchor {
    /// @notice The root of `kind` for `day` stands from now on.
    event RootCommitted(bytes32 indexed kind, uint32 indexed day, bytes32 root);

    /// @notice The root of this kind and day stands already.
    error RootExists(bytes32 kind, uint32 day);
    /// @notice Zero says that there is none, so it can't be one.
    error RootEmpty();

    /// @notice Commits the root of `kind` for `day` (days since 1970-01-01), once.
    function commit(bytes32 kind, uint32 day, bytes32 root) external;

    /// @notice The root; zero if there is none.
    function rootOf(bytes32 kind, uint32 day) external view returns (bytes32);
}
