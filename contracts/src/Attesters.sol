// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAttesters} from "./interfaces/IAttesters.sol";
import {SaltedDomain} from "./utils/SaltedDomain.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @title Registry of keys that vouch, and the digests they sign
contract Attesters is IAttesters, AccessManaged, SaltedDomain {
    bytes32 private constant ATTESTATION = keccak256(
        "Attestation(bytes32 programmeId,address attester,bytes32 subject,uint32 actionTypeId,uint16 actionTypeVersion,uint64 quantity,uint64 deedAt,bytes32 nonce)"
    );
    bytes32 private constant KEY_CERTIFICATE = keccak256(
        "KeyCertificate(address organisation,address key,bytes32 scopeHash,uint64 validFrom,uint64 validUntil)"
    );
    bytes32 private constant IMPORT_STATEMENT =
        keccak256("ImportStatement(address partner,bytes32 root,uint32 rows,uint64 statedAt)");

    mapping(address key => Key) private _keys;

    constructor(address authority, bytes32 genesisHash)
        AccessManaged(authority)
        SaltedDomain("Civis Attesters", genesisHash)
    {}

    /// @inheritdoc IAttesters
    function register(
        address key,
        Kind kind,
        bytes32 scopeHash,
        uint64 validFrom,
        uint64 validUntil
    ) external restricted {
        require(key != address(0) && kind != Kind.None && validFrom < validUntil, KeyInvalid(key));
        require(_keys[key].kind == Kind.None, KeyExists(key));
        _keys[key] = Key(kind, validFrom, validUntil, 0, false, scopeHash);
        emit KeyRegistered(key, kind, scopeHash, validFrom, validUntil);
    }

    /// @inheritdoc IAttesters
    function revoke(address key, bool forCause) external restricted {
        Key storage revoked = _keys[key];
        require(revoked.kind != Kind.None, KeyUnknown(key));
        require(revoked.revokedAt == 0, KeyAlreadyRevoked(key));
        revoked.revokedAt = uint64(block.timestamp);
        revoked.forCause = forCause;
        emit KeyRevoked(key, uint64(block.timestamp), forCause);
    }

    /// @inheritdoc IAttesters
    function isValidAt(address key, uint64 moment) external view returns (bool) {
        Key storage found = _keys[key];
        return found.kind != Kind.None && found.validFrom <= moment && moment < found.validUntil
            && (found.revokedAt == 0 || moment < found.revokedAt);
    }

    /// @inheritdoc IAttesters
    function keyOf(address key) external view returns (Key memory) {
        return _keys[key];
    }

    /// @inheritdoc IAttesters
    function hashAttestation(Attestation calldata attestation) external view returns (bytes32) {
        return _digest(keccak256(abi.encode(ATTESTATION, attestation)));
    }

    /// @inheritdoc IAttesters
    function hashKeyCertificate(KeyCertificate calldata certificate)
        external
        view
        returns (bytes32)
    {
        return _digest(keccak256(abi.encode(KEY_CERTIFICATE, certificate)));
    }

    /// @inheritdoc IAttesters
    function hashImportStatement(ImportStatement calldata statement)
        external
        view
        returns (bytes32)
    {
        return _digest(keccak256(abi.encode(IMPORT_STATEMENT, statement)));
    }
}
