// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IImpactToken} from "../../src/interfaces/IImpactToken.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

contract MoversTest is CivisTest {
    address private constant MOVER = address(0xABCD);

    function setUp() public override {
        super.setUp();
        _credit(citizen, 100);
        vm.prank(address(timelock));
        programmes.setMover(MOVER, 15);
    }

    function test_setMoverSets() public {
        vm.expectEmit(address(programmes));
        emit IProgrammes.MoverChanged(STRANGER, 10);
        vm.prank(address(timelock));
        programmes.setMover(STRANGER, 10);
        vm.assertEq(programmes.moverKinds(STRANGER), 10, "kinds");
        vm.assertEq(programmes.moverKinds(MOVER), 15, "the other's");
    }

    function testFuzz_onlyMoversOfTheKind(uint8 kinds) public {
        vm.prank(address(timelock));
        programmes.setMover(STRANGER, kinds);
        bytes[8] memory calls = _calls(PROGRAMME);
        uint8[8] memory kindOf = [0, 1, 1, 1, 2, 2, 3, 3];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(STRANGER);
            (, bytes memory answer) = address(programmes).call(calls[i]);
            bool refused =
                answer.length >= 4 && bytes4(answer) == IProgrammes.MoverUnauthorized.selector;
            vm.assertTrue(refused == ((kinds >> kindOf[i]) & 1 == 0), vm.toString(i));
        }
    }

    function test_revertForAnUnknownProgramme() public {
        bytes[8] memory calls = _calls("unknown");
        for (uint256 i = 0; i < calls.length; ++i) {
            if (i == 5 || i == 7) continue;
            _assertRefused(calls[i], IProgrammes.ProgrammeUnknown.selector);
        }
    }

    function test_revertForAClosedProgramme() public {
        _pay(50);
        _enrol(STRANGER);
        _close(PROGRAMME);
        bytes[8] memory calls = _calls(PROGRAMME);
        for (uint256 i = 0; i < 4; ++i) {
            _assertRefused(calls[i], IProgrammes.ProgrammeIsClosed.selector);
        }
        _assertRefused(
            abi.encodeCall(programmes.move, (PROGRAMME, citizen, MINTER, 0)),
            IImpactToken.TokenExpired.selector
        );
        vm.startPrank(MOVER);
        programmes.payOut(PROGRAMME, baker, 10);
        programmes.move(PROGRAMME, baker, STRANGER, 40);
        vm.stopPrank();
        vm.assertEq(token.balanceOf(STRANGER), 40, "moved");
    }

    function test_payRevertsForANonPayee() public {
        vm.prank(MOVER);
        vm.expectRevert(abi.encodeWithSelector(IProgrammes.PayeeUnknown.selector, STRANGER));
        programmes.pay(PROGRAMME, citizen, STRANGER, 5);
    }

    function test_payRevertsForAPayee() public {
        _pay(50);
        _enrol(STRANGER);
        vm.prank(MOVER);
        vm.expectRevert(
            abi.encodeWithSelector(IProgrammes.PayeesMayNotPay.selector, PROGRAMME, baker)
        );
        programmes.pay(PROGRAMME, baker, STRANGER, 5);
    }

    function test_refundTakesFromWhatWasTaken() public {
        vm.prank(MOVER);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, citizen, 0, 5)
        );
        programmes.refund(PROGRAMME, citizen, STRANGER, 5);
    }

    function test_moveRevertsBetweenKinds() public {
        vm.startPrank(MOVER);
        vm.expectRevert(
            abi.encodeWithSelector(IProgrammes.MoveSidesDiffer.selector, citizen, baker)
        );
        programmes.move(PROGRAMME, citizen, baker, 5);
        vm.expectRevert(
            abi.encodeWithSelector(IProgrammes.MoveSidesDiffer.selector, baker, citizen)
        );
        programmes.move(PROGRAMME, baker, citizen, 5);
        vm.stopPrank();
    }

    function test_moveMoves() public {
        vm.prank(MOVER);
        programmes.move(PROGRAMME, citizen, STRANGER, 30);
        vm.assertEq(token.sideOf(STRANGER, IImpactToken.Side.Held), 30, "the new account's");
        vm.assertEq(token.sideOf(citizen, IImpactToken.Side.Held), 70, "the old account's");
    }

    function testFuzz_freezeStopsGivingBack(uint64 until) public {
        vm.startPrank(MOVER);
        programmes.freeze(PROGRAMME, citizen, until);
        vm.assertEq(programmes.frozenUntil(PROGRAMME, citizen), until, "until");
        vm.assertEq(programmes.frozenUntil(OTHER, citizen), 0, "in the other programme");
        if (block.timestamp < until) {
            vm.expectRevert(
                abi.encodeWithSelector(IProgrammes.HolderFrozen.selector, citizen, until)
            );
            programmes.giveBack(PROGRAMME, citizen, 1);
            vm.warp(until);
        }
        if (until < 1 << 60) programmes.giveBack(PROGRAMME, citizen, 1);
        vm.stopPrank();
    }

    function test_frozenHoldersPay() public {
        vm.startPrank(MOVER);
        programmes.freeze(PROGRAMME, citizen, type(uint64).max);
        programmes.pay(PROGRAMME, citizen, baker, 30);
        programmes.refund(PROGRAMME, baker, citizen, 10);
        vm.stopPrank();
        vm.assertEq(token.balanceOf(baker), 20, "the baker's");
    }

    function test_enrolRevertsForAPayee() public {
        vm.prank(MOVER);
        vm.expectRevert(abi.encodeWithSelector(IProgrammes.PayeeExists.selector, baker));
        programmes.enrolPayee(baker);
    }

    function test_enrolRevertsForAHolder() public {
        _commit(OTHER, _one(STRANGER, 1));
        vm.prank(MOVER);
        vm.expectRevert(
            abi.encodeWithSelector(IProgrammes.PayeeHoldsBalance.selector, STRANGER, OTHER)
        );
        programmes.enrolPayee(STRANGER);
        _close(OTHER);
        vm.prank(MOVER);
        programmes.enrolPayee(STRANGER);
    }

    function test_enrolEnrols() public {
        vm.expectEmit(address(programmes));
        emit IProgrammes.PayeeEnrolled(STRANGER);
        vm.prank(MOVER);
        programmes.enrolPayee(STRANGER);
        vm.assertTrue(programmes.isPayee(STRANGER), "payee");
    }

    function _calls(bytes32 id) private view returns (bytes[8] memory) {
        return [
            abi.encodeCall(programmes.mint, (id, _one(citizen, 1))),
            abi.encodeCall(programmes.pay, (id, citizen, baker, 1)),
            abi.encodeCall(programmes.refund, (id, baker, citizen, 1)),
            abi.encodeCall(programmes.giveBack, (id, citizen, 1)),
            abi.encodeCall(programmes.payOut, (id, baker, 1)),
            abi.encodeCall(programmes.enrolPayee, (MINTER)),
            abi.encodeCall(programmes.move, (id, citizen, STRANGER, 1)),
            abi.encodeCall(programmes.freeze, (id, citizen, 1))
        ];
    }

    function _assertRefused(bytes memory call, bytes4 selector) private {
        vm.prank(MOVER);
        (bool success, bytes memory answer) = address(programmes).call(call);
        vm.assertFalse(success, "it went through");
        vm.assertEq(bytes32(bytes4(answer)), bytes32(selector), "error");
    }
}
