// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {IRecovery} from "../../src/interfaces/IRecovery.sol";
import {vm} from "../base/Vm.sol";
import {RecoveryTest} from "./RecoveryTest.sol";

contract BlocksTest is RecoveryTest {
    function test_oneOfficerBlocksAtOnce() public {
        uint64 until = uint64(block.timestamp) + 72 hours;
        vm.expectEmit(address(recovery));
        emit IRecovery.AccountBlocked(PROGRAMME, citizen, until, OFFICER);
        _blocks(OFFICER);
        (uint64 stored, address officer) = recovery.blockOf(PROGRAMME, citizen);
        vm.assertEq(stored, until, "until");
        vm.assertEq(officer, OFFICER, "officer");
        vm.assertEq(programmes.frozenUntil(OTHER, citizen), 0, "in the other programme");
    }

    function testFuzz_endsByItself(uint64 later) public {
        later = later % (10 days);
        _blocks(OFFICER);
        vm.warp(block.timestamp + later);
        _assertFrozen(citizen, later < 72 hours);
    }

    function testFuzz_nobodyExtendsAlone(uint64 later) public {
        later = later % (33 days);
        _blocks(OFFICER);
        vm.warp(block.timestamp + later);
        _expectOther(OFFICER);
        _blocks(OFFICER);
        vm.warp(block.timestamp + 33 days - later);
        _blocks(OFFICER);
        _assertFrozen(citizen, true);
        vm.warp(block.timestamp + 33 days + 1 + later);
        _blocks(OFFICER);
    }

    function test_aSecondOfficerExtends() public {
        _blocks(OFFICER);
        vm.warp(block.timestamp + 71 hours);
        _blocks(OFFICER_2);
        vm.assertEq(programmes.frozenUntil(PROGRAMME, citizen), block.timestamp + 72 hours, "until");
        _expectOther(OFFICER_2);
        _blocks(OFFICER_2);
        _blocks(OFFICER);
    }

    function test_anotherOfficerLifts() public {
        _expect(abi.encodeWithSelector(IRecovery.BlockNotInForce.selector, PROGRAMME, citizen));
        _lifts(OFFICER_2);
        _blocks(OFFICER);
        _expectOther(OFFICER);
        _lifts(OFFICER);
        vm.expectEmit(address(recovery));
        emit IRecovery.AccountUnblocked(PROGRAMME, citizen, OFFICER_2);
        _lifts(OFFICER_2);
        _assertFrozen(citizen, false);
        (uint64 until,) = recovery.blockOf(PROGRAMME, citizen);
        vm.assertEq(until, block.timestamp, "ended now");
        _expectOther(OFFICER);
        _blocks(OFFICER);
    }

    function test_whatHasEndedIsNotLifted() public {
        _blocks(OFFICER);
        vm.warp(block.timestamp + 72 hours);
        _expect(abi.encodeWithSelector(IRecovery.BlockNotInForce.selector, PROGRAMME, citizen));
        _lifts(OFFICER_2);
    }

    function test_aRecoveryKeepsItBlocked() public {
        _blocks(OFFICER);
        _confirmed();
        _expect(abi.encodeWithSelector(IRecovery.RecoveryIsOpen.selector, ID));
        _lifts(OFFICER_2);
        vm.warp(block.timestamp + 73 hours);
        _assertFrozen(citizen, true);
        uint256 until = programmes.frozenUntil(PROGRAMME, citizen);
        _blocks(OFFICER_3);
        vm.assertEq(programmes.frozenUntil(PROGRAMME, citizen), until, "a block shortened it");
    }

    function test_stopsGivingBack() public {
        IPaymentDesk.GiveBack memory giveBack =
            IPaymentDesk.GiveBack(PROGRAMME, citizen, 10, "nonce");
        bytes32 id = desk.hashGiveBack(giveBack);
        bytes memory accepted = _accept(id);
        _blocks(OFFICER);
        uint64 until = uint64(block.timestamp) + 72 hours;
        _expectSkip(id, abi.encodeWithSelector(IProgrammes.HolderFrozen.selector, citizen, until));
        _settleGiveBack(giveBack, _sign(CITIZEN_KEY, id), accepted);
        vm.warp(until);
        _settleGiveBack(giveBack, _sign(CITIZEN_KEY, id), accepted);
        vm.assertTrue(desk.isExecuted(id), "after the block");
    }

    function test_stopsTheOwnersMove() public {
        _blocks(OFFICER);
        uint64 until = uint64(block.timestamp) + 72 hours;
        IRecovery.Move memory move = _move(fresh, 10);
        bytes32 id = recovery.hashMove(move);
        bytes memory accepted = _sign(ACCEPTOR_KEY, recovery.hashAcceptance(id));
        vm.prank(SETTLER);
        _expect(abi.encodeWithSelector(IRecovery.AccountFrozen.selector, citizen, until));
        recovery.moveAccount(move, _sign(CITIZEN_KEY, id), accepted);
        vm.warp(until);
        _moves(move, CITIZEN_KEY, ACCEPTOR_KEY);
    }

    function test_acceptedOrdersStillExecute() public {
        _blocks(OFFICER);
        _executes(_order(10, "accepted before"), CITIZEN_KEY);
        vm.assertEq(token.balanceOf(baker), 10, "the baker's");
    }

    function test_whatWasReplacedStaysFrozen() public {
        _moves(_move(fresh, 10), CITIZEN_KEY, ACCEPTOR_KEY);
        bytes memory refusal =
            abi.encodeWithSelector(IRecovery.AccountSucceeded.selector, citizen, fresh);
        _expect(refusal);
        _blocks(OFFICER);
        _expect(refusal);
        _lifts(OFFICER_2);
        _assertFrozen(citizen, true);
    }

    function _lifts(address officer) private {
        vm.prank(officer);
        recovery.unblockAccount(PROGRAMME, citizen);
    }
}
