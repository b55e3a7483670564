// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAttesters} from "../../src/interfaces/IAttesters.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

contract AttestersTest is CivisTest {
    IAttesters.Kind private constant DEVICE = IAttesters.Kind.Device;

    function testFuzz_registerRevertsOnNonsense(uint64 from, uint64 until) public {
        vm.assume(from >= until);
        vm.startPrank(REGISTRAR);
        vm.expectRevert(abi.encodeWithSelector(IAttesters.KeyInvalid.selector, STRANGER));
        attesters.register(STRANGER, DEVICE, RULES, from, until);
        vm.expectRevert(abi.encodeWithSelector(IAttesters.KeyInvalid.selector, STRANGER));
        attesters.register(STRANGER, IAttesters.Kind.None, RULES, 1, 2);
        vm.expectRevert(abi.encodeWithSelector(IAttesters.KeyInvalid.selector, address(0)));
        attesters.register(address(0), DEVICE, RULES, 1, 2);
        vm.stopPrank();
    }

    function test_registersOnce() public {
        bytes memory refusal = abi.encodeWithSelector(IAttesters.KeyExists.selector, STRANGER);
        _register(1, 2);
        vm.startPrank(REGISTRAR);
        vm.expectRevert(refusal);
        attesters.register(STRANGER, DEVICE, RULES, 1, 3);
        attesters.revoke(STRANGER, false);
        vm.expectRevert(refusal);
        attesters.register(STRANGER, DEVICE, RULES, 1, 3);
        vm.stopPrank();
    }

    function test_registerKeeps() public {
        vm.expectEmit(address(attesters));
        emit IAttesters.KeyRegistered(STRANGER, DEVICE, RULES, 1, 2);
        _register(1, 2);
        IAttesters.Key memory key = attesters.keyOf(STRANGER);
        vm.assertTrue(key.kind == DEVICE, "kind");
        vm.assertEq(key.scopeHash, RULES, "scope");
        vm.assertEq(key.validFrom, 1, "from");
        vm.assertEq(key.validUntil, 2, "until");
        vm.assertEq(key.revokedAt, 0, "revoked");
    }

    function test_revokeRevertsWhenUnknown() public {
        vm.prank(REGISTRAR);
        vm.expectRevert(abi.encodeWithSelector(IAttesters.KeyUnknown.selector, STRANGER));
        attesters.revoke(STRANGER, true);
    }

    function test_revokesOnce() public {
        _register(1, 2);
        vm.startPrank(REGISTRAR);
        attesters.revoke(STRANGER, false);
        vm.expectRevert(abi.encodeWithSelector(IAttesters.KeyAlreadyRevoked.selector, STRANGER));
        attesters.revoke(STRANGER, true);
        vm.stopPrank();
        vm.assertFalse(attesters.keyOf(STRANGER).forCause, "the cause came later");
    }

    function testFuzz_revokeEndsValidity(bool forCause) public {
        uint64 now_ = uint64(block.timestamp);
        _register(now_ - 10, now_ + 10);
        vm.expectEmit(address(attesters));
        emit IAttesters.KeyRevoked(STRANGER, now_, forCause);
        vm.prank(REGISTRAR);
        attesters.revoke(STRANGER, forCause);
        vm.assertTrue(attesters.isValidAt(STRANGER, now_ - 1), "before");
        vm.assertFalse(attesters.isValidAt(STRANGER, now_), "now");
        vm.assertFalse(attesters.isValidAt(STRANGER, now_ + 1), "later");
        vm.assertTrue(attesters.keyOf(STRANGER).forCause == forCause, "cause");
    }

    function testFuzz_isValidInsideItsSpan(uint64 from, uint64 until, uint64 moment) public {
        vm.assertFalse(attesters.isValidAt(STRANGER, moment), "unknown");
        vm.assume(from < until);
        _register(from, until);
        bool inside = from <= moment && moment < until;
        vm.assertTrue(attesters.isValidAt(STRANGER, moment) == inside, "span");
    }

    function test_digestsAreEip712() public view {
        _checkAttestationDigest();
        _checkCertificateDigest();
        _checkStatementDigest();
    }

    function _checkAttestationDigest() private view {
        IAttesters.Attestation memory said =
            IAttesters.Attestation(PROGRAMME, STRANGER, "subject", 7, 2, 1500, 99, "nonce");
        bytes32 struct_ = keccak256(
            abi.encode(
                keccak256(
                    "Attestation(bytes32 programmeId,address attester,bytes32 subject,uint32 actionTypeId,uint16 actionTypeVersion,uint64 quantity,uint64 deedAt,bytes32 nonce)"
                ),
                PROGRAMME,
                STRANGER,
                bytes32("subject"),
                7,
                2,
                1500,
                99,
                bytes32("nonce")
            )
        );
        vm.assertEq(attesters.hashAttestation(said), _digest(struct_), "attestation");
    }

    function _checkCertificateDigest() private view {
        bytes32 struct_ = keccak256(
            abi.encode(
                keccak256(
                    "KeyCertificate(address organisation,address key,bytes32 scopeHash,uint64 validFrom,uint64 validUntil)"
                ),
                STRANGER,
                citizen,
                RULES,
                1,
                2
            )
        );
        IAttesters.KeyCertificate memory certificate =
            IAttesters.KeyCertificate(STRANGER, citizen, RULES, 1, 2);
        vm.assertEq(attesters.hashKeyCertificate(certificate), _digest(struct_), "certificate");
    }

    function _checkStatementDigest() private view {
        bytes32 struct_ = keccak256(
            abi.encode(
                keccak256(
                    "ImportStatement(address partner,bytes32 root,uint32 rows,uint64 statedAt)"
                ),
                STRANGER,
                RULES,
                3,
                4
            )
        );
        IAttesters.ImportStatement memory statement =
            IAttesters.ImportStatement(STRANGER, RULES, 3, 4);
        vm.assertEq(attesters.hashImportStatement(statement), _digest(struct_), "statement");
    }

    function _register(uint64 from, uint64 until) private {
        vm.prank(REGISTRAR);
        attesters.register(STRANGER, DEVICE, RULES, from, until);
    }

    function _digest(bytes32 structHash) private view returns (bytes32) {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
                ),
                keccak256("Civis Attesters"),
                keccak256("1"),
                block.chainid,
                address(attesters),
                GENESIS
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }
}
