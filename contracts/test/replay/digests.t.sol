// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Attesters} from "../../src/Attesters.sol";
import {PaymentDesk} from "../../src/PaymentDesk.sol";
import {IAttesters} from "../../src/interfaces/IAttesters.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

/// @dev Digests of the seven signed structs: by contract, chain, genesis, programme and kind.
contract DigestsTest is CivisTest {
    function test_digestsNameTheContract() public {
        Attesters attesters2 = new Attesters(address(manager), GENESIS);
        PaymentDesk desk2 = new PaymentDesk(address(manager), programmes, payees, GENESIS);
        _assertAllDiffer(
            _digests(desk, attesters, PROGRAMME), _digests(desk2, attesters2, PROGRAMME)
        );
    }

    function testFuzz_digestsNameTheChain(uint64 chain) public {
        vm.assume(chain != 0 && chain != block.chainid);
        bytes32[7] memory here = _digests(desk, attesters, PROGRAMME);
        vm.chainId(chain);
        _assertAllDiffer(here, _digests(desk, attesters, PROGRAMME));
    }

    function testFuzz_digestsNameTheGenesis(bytes32 genesis) public {
        vm.assume(genesis != GENESIS);
        // Deployed at one address each: only the genesis differs.
        bytes memory code = address(desk).code;
        PaymentDesk desk2 = new PaymentDesk(address(manager), programmes, payees, genesis);
        Attesters attesters2 = new Attesters(address(manager), genesis);
        bytes32[7] memory here = _digests(desk, attesters, PROGRAMME);
        (bytes memory deskCode, bytes memory attestersCode) =
            (address(desk2).code, address(attesters2).code);
        vm.assertTrue(keccak256(code) != keccak256(deskCode), "code");
        vm.etch(address(desk), deskCode);
        vm.etch(address(attesters), attestersCode);
        _assertAllDiffer(here, _digests(desk, attesters, PROGRAMME));
    }

    function test_digestsNameTheProgramme() public view {
        bytes32[7] memory here = _digests(desk, attesters, PROGRAMME);
        bytes32[7] memory there = _digests(desk, attesters, OTHER);
        // Refund and acceptance name it through the order; a key and a file belong to none.
        for (uint256 i = 0; i < 5; ++i) {
            vm.assertTrue(here[i] != there[i], vm.toString(i));
        }
    }

    function test_digestsDiffer() public view {
        bytes32[7] memory here = _digests(desk, attesters, PROGRAMME);
        for (uint256 i = 0; i < 7; ++i) {
            for (uint256 j = 0; j < i; ++j) {
                vm.assertTrue(here[i] != here[j], vm.toString(10 * i + j));
            }
        }
    }

    function _digests(PaymentDesk at, Attesters registry_, bytes32 programmeId)
        private
        view
        returns (bytes32[7] memory)
    {
        bytes32 order =
            at.hashOrder(IPaymentDesk.Order("payment", programmeId, citizen, baker, 5, 9));
        return [
            order,
            at.hashRefund(IPaymentDesk.Refund(order, baker, 5, "nonce")),
            at.hashGiveBack(IPaymentDesk.GiveBack(programmeId, citizen, 5, "nonce")),
            at.hashAcceptance(order),
            registry_.hashAttestation(
                IAttesters.Attestation(programmeId, STRANGER, "subject", 7, 2, 15, 9, "nonce")
            ),
            registry_.hashKeyCertificate(IAttesters.KeyCertificate(STRANGER, citizen, RULES, 1, 2)),
            registry_.hashImportStatement(IAttesters.ImportStatement(STRANGER, RULES, 3, 4))
        ];
    }

    function _assertAllDiffer(bytes32[7] memory here, bytes32[7] memory there) private pure {
        for (uint256 i = 0; i < 7; ++i) {
            vm.assertTrue(here[i] != there[i], vm.toString(i));
        }
    }
}
