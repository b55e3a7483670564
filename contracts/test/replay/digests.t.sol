// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Attesters} from "../../src/Attesters.sol";
import {PaymentDesk} from "../../src/PaymentDesk.sol";
import {Recovery} from "../../src/Recovery.sol";
import {IAttesters} from "../../src/interfaces/IAttesters.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {IRecovery} from "../../src/interfaces/IRecovery.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";

/// @dev Digests of the twelve signed structs: by contract, chain, genesis, programme and kind.
contract DigestsTest is CivisTest {
    function test_eachSaysTheDomainOfItsDigests() public view {
        _assertDomain(address(attesters), "Civis Attesters");
        _assertDomain(address(desk), "Civis PaymentDesk");
        _assertDomain(address(recovery), "Civis Recovery");
        bytes32 said =
            keccak256(abi.encode(keccak256("Acceptance(bytes32 orderId)"), bytes32("id")));
        vm.assertEq(
            desk.hashAcceptance("id"), _typed(address(desk), "Civis PaymentDesk", said), "desk"
        );
        vm.assertEq(
            recovery.hashAcceptance("id"),
            _typed(address(recovery), "Civis Recovery", said),
            "recovery"
        );
    }

    function test_digestsNameTheContract() public {
        Attesters attesters2 = new Attesters(address(manager), GENESIS);
        PaymentDesk desk2 = new PaymentDesk(address(manager), programmes, payees, GENESIS);
        Recovery recovery2 = new Recovery(address(manager), programmes, desk, GENESIS);
        _assertAllDiffer(
            _digests(desk, attesters, recovery, PROGRAMME),
            _digests(desk2, attesters2, recovery2, PROGRAMME)
        );
    }

    function testFuzz_digestsNameTheChain(uint64 chain) public {
        vm.assume(chain != 0 && chain != block.chainid);
        bytes32[12] memory here = _digests(desk, attesters, recovery, PROGRAMME);
        vm.chainId(chain);
        _assertAllDiffer(here, _digests(desk, attesters, recovery, PROGRAMME));
    }

    function testFuzz_digestsNameTheGenesis(bytes32 genesis) public {
        vm.assume(genesis != GENESIS);
        // Deployed at one address each: only the genesis differs.
        bytes memory code = address(desk).code;
        PaymentDesk desk2 = new PaymentDesk(address(manager), programmes, payees, genesis);
        Attesters attesters2 = new Attesters(address(manager), genesis);
        Recovery recovery2 = new Recovery(address(manager), programmes, desk, genesis);
        bytes32[12] memory here = _digests(desk, attesters, recovery, PROGRAMME);
        vm.assertTrue(keccak256(code) != keccak256(address(desk2).code), "code");
        vm.etch(address(desk), address(desk2).code);
        vm.etch(address(attesters), address(attesters2).code);
        vm.etch(address(recovery), address(recovery2).code);
        _assertAllDiffer(here, _digests(desk, attesters, recovery, PROGRAMME));
    }

    function test_digestsNameTheProgramme() public view {
        bytes32[12] memory here = _digests(desk, attesters, recovery, PROGRAMME);
        bytes32[12] memory there = _digests(desk, attesters, recovery, OTHER);
        // Refund and acceptances name it through what they are of; a key and a file belong to none,
        // and release and objection to a case, which has one.
        for (uint256 i = 0; i < 8; ++i) {
            vm.assertTrue(here[i] != there[i], vm.toString(i));
        }
    }

    function test_digestsDiffer() public view {
        bytes32[12] memory here = _digests(desk, attesters, recovery, PROGRAMME);
        for (uint256 i = 0; i < 12; ++i) {
            for (uint256 j = 0; j < i; ++j) {
                vm.assertTrue(here[i] != here[j], vm.toString(10 * i + j));
            }
        }
    }

    function _digests(PaymentDesk at, Attesters registry_, Recovery recovery_, bytes32 programmeId)
        private
        view
        returns (bytes32[12] memory)
    {
        bytes32 order =
            at.hashOrder(IPaymentDesk.Order("payment", programmeId, citizen, baker, 5, 9));
        bytes32 move =
            recovery_.hashMove(IRecovery.Move(programmeId, citizen, STRANGER, 5, "nonce"));
        return [
            order,
            at.hashRefund(IPaymentDesk.Refund(order, baker, 5, "nonce")),
            at.hashGiveBack(IPaymentDesk.GiveBack(programmeId, citizen, 5, "nonce")),
            at.hashAcceptance(order),
            registry_.hashAttestation(
                IAttesters.Attestation(programmeId, STRANGER, "subject", 7, 2, 15, 9, "nonce")
            ),
            move,
            recovery_.hashForward(IRecovery.Forward(programmeId, citizen, 5, "nonce")),
            recovery_.hashAcceptance(move),
            registry_.hashKeyCertificate(IAttesters.KeyCertificate(STRANGER, citizen, RULES, 1, 2)),
            registry_.hashImportStatement(IAttesters.ImportStatement(STRANGER, RULES, 3, 4)),
            recovery_.hashRelease(RULES, 5),
            recovery_.hashObjection(RULES)
        ];
    }

    function _assertAllDiffer(bytes32[12] memory here, bytes32[12] memory there) private pure {
        for (uint256 i = 0; i < 12; ++i) {
            vm.assertTrue(here[i] != there[i], vm.toString(i));
        }
    }

    function _assertDomain(address target, string memory name) private view {
        (
            bytes1 fields,
            string memory itself,
            string memory version,
            uint256 chain,
            address signedFor,
            bytes32 salt,
            uint256[] memory extensions
        ) = IERC5267(target).eip712Domain();
        vm.assertEq(itself, name, "name");
        vm.assertEq(version, "1", "version");
        vm.assertEq(chain, block.chainid, "chain");
        vm.assertEq(signedFor, target, "contract");
        vm.assertEq(salt, GENESIS, "genesis");
        vm.assertTrue(fields == 0x1f && extensions.length == 0, "fields");
    }

    function _typed(address target, string memory name, bytes32 said)
        private
        view
        returns (bytes32)
    {
        bytes32 kind = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
        );
        bytes32 domain = keccak256(
            abi.encode(kind, keccak256(bytes(name)), keccak256("1"), block.chainid, target, GENESIS)
        );
        return keccak256(abi.encodePacked(hex"1901", domain, said));
    }
}
