// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @title Keys of those who vouch: organisations, devices, partners
/// @notice A clerk's key is certified by the organisation's off the chain: employees' names and
/// habits don't belong here. Domain of what they sign: "Civis Attesters", version "1", chain id,
/// this contract, salt = hash of the genesis block.
/// @dev Validity is judged at receipt. That a device without network may be 72 hours late, unless
/// its key was revoked for cause, is decided by who receives; this contract tells the facts.
interface IAttesters {
    /// @notice Who it is that vouches.
    enum Kind {
        None,
        Organisation,
        Device,
        Partner
    }

    /// @notice A registered key. Times are Unix seconds; `validUntil` and `revokedAt` are excluded;
    /// `revokedAt` zero: not revoked.
    struct Key {
        Kind kind;
        uint64 validFrom;
        uint64 validUntil;
        uint64 revokedAt;
        bool forCause;
        bytes32 scopeHash;
    }

    /// @notice What an attester, a device or a clerk's certified key says about one deed.
    struct Attestation {
        bytes32 programmeId;
        address attester;
        bytes32 subject;
        uint32 actionTypeId;
        uint16 actionTypeVersion;
        uint64 quantity;
        uint64 deedAt;
        bytes32 nonce;
    }

    /// @notice What an organisation says about a clerk's key.
    struct KeyCertificate {
        address organisation;
        address key;
        bytes32 scopeHash;
        uint64 validFrom;
        uint64 validUntil;
    }

    /// @notice What a partner says about a file: root over its salted rows.
    struct ImportStatement {
        address partner;
        bytes32 root;
        uint32 rows;
        uint64 statedAt;
    }

    /// @notice The key counts from now on.
    event KeyRegistered(
        address indexed key, Kind kind, bytes32 scopeHash, uint64 validFrom, uint64 validUntil
    );
    /// @notice The key counts no more; for cause, what it signed in time and sent late neither.
    event KeyRevoked(address indexed key, uint64 revokedAt, bool forCause);

    /// @notice A key is registered once; a prolonged right is a new key.
    error KeyExists(address key);
    /// @notice Nobody registered it.
    error KeyUnknown(address key);
    /// @notice It was revoked, and what was said then stays.
    error KeyAlreadyRevoked(address key);
    /// @notice Zero key, no kind, or an empty span.
    error KeyInvalid(address key);

    /// @notice Registers a key for `[validFrom, validUntil)` within the scope that hashes to
    /// `scopeHash`.
    function register(
        address key,
        Kind kind,
        bytes32 scopeHash,
        uint64 validFrom,
        uint64 validUntil
    ) external;

    /// @notice Ends a key's validity now. `forCause`: lost or misused, so late arrivals don't count.
    function revoke(address key, bool forCause) external;

    /// @notice Whether the key was registered, begun, not ended and not revoked at `moment`.
    function isValidAt(address key, uint64 moment) external view returns (bool);

    /// @notice The key's entry; kind None where there is none.
    function keyOf(address key) external view returns (Key memory);

    /// @notice Digest to sign for an attestation.
    function hashAttestation(Attestation calldata attestation) external view returns (bytes32);

    /// @notice Digest to sign for a key certificate.
    function hashKeyCertificate(KeyCertificate calldata certificate) external view returns (bytes32);

    /// @notice Digest to sign for an import.
    function hashImportStatement(ImportStatement calldata statement) external view returns (bytes32);
}
