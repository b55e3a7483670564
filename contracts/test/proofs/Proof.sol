// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @dev The part of halmos' cheatcodes that the proofs use.
interface Svm {
    /// @dev From here on, whatever of the contract's storage was not written since is arbitrary.
    function enableSymbolicStorage(address account) external;
    function createUint256(string calldata name) external returns (uint256);
    function createBool(string calldata name) external returns (bool);
    /// @dev A call of any of the contract's functions that change something, with any arguments.
    function createCalldata(string calldata contractName) external returns (bytes memory);
}

Svm constant svm = Svm(address(uint160(uint256(keccak256("svm cheat code")))));

/// @dev A proof is a function `check_…` that holds for every argument and, where the contract's
/// storage is arbitrary, from every state, reachable or not, that fits what it assumes: so it needs
/// no sequence of calls, and what one call keeps, every sequence keeps. Whoever calls is allowed to,
/// for the proof is the authority; who may call what is roles.t.sol's matter.
abstract contract Proof {
    /// @dev What AccessManaged asks before every restricted call.
    function canCall(address, address, bytes4)
        external
        pure
        returns (bool immediate, uint32 delay)
    {
        return (true, 0);
    }

    /// @dev An arbitrary state, but with this authority and no pause.
    function _anyState(address account) internal {
        _anyState(account, 0);
    }

    /// @param more What else stands in slot 0, after the authority.
    function _anyState(address account, uint256 more) internal {
        svm.enableSymbolicStorage(account);
        // Slot 0: authority, whether a scheduled call is consumed, the pause's end.
        vmStore(account, 0, bytes32(uint256(uint160(address(this))) | more));
    }

    function vmStore(address account, bytes32 slot, bytes32 word) private {
        Store(address(uint160(uint256(keccak256("hevm cheat code"))))).store(account, slot, word);
    }
}

interface Store {
    function store(address account, bytes32 slot, bytes32 word) external;
}
