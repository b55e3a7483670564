// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {ShortString, ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @dev EIP-712 domain with name, version "1", chain id, contract and, as salt, the hash of the
/// genesis block: OpenZeppelin's has no salt, and two private networks may share a chain id and,
/// deployed alike, contract addresses. Never cached, so a chain that splits splits its signatures.
abstract contract SaltedDomain is IERC5267 {
    using ShortStrings for ShortString;

    /// @dev Bit set of the domain's fields: name, version, chainId, verifyingContract, salt.
    bytes1 private constant FIELDS = hex"1f";
    string private constant VERSION = "1";

    ShortString private immutable _NAME;
    bytes32 private immutable _NAME_HASH;
    bytes32 private immutable _SALT;

    constructor(string memory name, bytes32 genesisHash) {
        _NAME = ShortStrings.toShortString(name);
        _NAME_HASH = keccak256(bytes(name));
        _SALT = genesisHash;
    }

    /// @inheritdoc IERC5267
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        return (
            FIELDS, _NAME.toString(), VERSION, block.chainid, address(this), _SALT, new uint256[](0)
        );
    }

    /// @dev What is signed: the struct's hash under this contract's domain.
    function _digest(bytes32 structHash) internal view returns (bytes32) {
        bytes32 separator = MessageHashUtils.toDomainSeparator(
            FIELDS, _NAME_HASH, keccak256(bytes(VERSION)), block.chainid, address(this), _SALT
        );
        return MessageHashUtils.toTypedDataHash(separator, structHash);
    }
}
