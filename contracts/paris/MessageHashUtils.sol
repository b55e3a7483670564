// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @dev The two functions that we use of OpenZeppelin 5.7's library of this name, for an EVM before
/// Cancun: version 5.4, the last for those, lacks the first.
library MessageHashUtils {
    bytes32 private constant _DOMAIN = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
    );

    /// @dev `fields` is always all five.
    function toDomainSeparator(
        bytes1,
        bytes32 name,
        bytes32 version,
        uint256 chainId,
        address contract_,
        bytes32 salt
    )
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(_DOMAIN, name, version, chainId, contract_, salt));
    }

    function toTypedDataHash(bytes32 separator, bytes32 structHash)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }
}
