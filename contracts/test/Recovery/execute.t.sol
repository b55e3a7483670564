// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPausing} from "../../src/interfaces/IPausing.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {IRecovery} from "../../src/interfaces/IRecovery.sol";
import {vm} from "../base/Vm.sol";
import {RecoveryTest} from "./RecoveryTest.sol";

contract ExecuteTest is RecoveryTest {
    function testFuzz_notBeforeItsTime(uint64 early) public {
        early = 1 + early % (72 hours);
        _confirmed();
        vm.warp(block.timestamp + 72 hours - early);
        bytes memory acceptance = _released(ID, 0);
        vm.prank(SETTLER);
        vm.expectPartialRevert(IRecovery.RecoveryTooEarly.selector);
        recovery.execute(ID, 0, acceptance);
        vm.warp(block.timestamp + early);
        _execute(0);
    }

    function test_notUnconfirmedOrObjected() public {
        bytes memory acceptance = _released(ID, 0);
        _propose(ID);
        vm.prank(SETTLER);
        _expectState(IRecovery.State.Proposed);
        recovery.execute(ID, 0, acceptance);
        _confirm(ID);
        vm.warp(block.timestamp + 72 hours);
        recovery.objectTo(ID, _sign(CITIZEN_KEY, recovery.hashObjection(ID)));
        vm.prank(SETTLER);
        _expectState(IRecovery.State.Objected);
        recovery.execute(ID, 0, acceptance);
    }

    function testFuzz_onlyWithTheAcceptorsHolds(uint128 holds, uint128 other) public {
        vm.assume(holds != other);
        _confirmed();
        vm.warp(block.timestamp + 72 hours);
        bytes memory acceptance = _released(ID, other);
        vm.prank(SETTLER);
        vm.expectPartialRevert(IRecovery.AcceptanceWrong.selector);
        recovery.execute(ID, holds, acceptance);
        _setAcceptor(IPaymentDesk.AcceptorState.Stolen);
        acceptance = _released(ID, holds);
        vm.prank(SETTLER);
        vm.expectPartialRevert(IRecovery.AcceptanceWrong.selector);
        recovery.execute(ID, holds, acceptance);
        _setAcceptor(IPaymentDesk.AcceptorState.Retired);
        _execute(holds);
    }

    function testFuzz_holdsStay(uint128 holds) public {
        holds = holds % (2 * HELD);
        IPaymentDesk.Order memory order = _order(holds < HELD ? holds : HELD, "accepted before");
        _confirmed();
        vm.warp(block.timestamp + 72 hours);
        uint128 moved = holds < HELD ? HELD - holds : 0;
        vm.expectEmit(address(recovery));
        emit IRecovery.RecoveryExecuted(ID, PROGRAMME, citizen, fresh, moved, holds);
        _execute(holds);
        vm.assertEq(token.balanceOf(fresh), moved, "the new account's");
        vm.assertEq(token.totalSupply(), HELD, "supply");
        if (order.amount != 0) _executes(order, CITIZEN_KEY);
        vm.assertEq(token.balanceOf(baker), order.amount, "the baker's");
        vm.assertEq(token.balanceOf(citizen), 0, "the old account's");
        _assertSolvent(PROGRAMME);
    }

    function test_executesOnceAndForEver() public {
        _confirmed();
        vm.warp(block.timestamp + 72 hours);
        _execute(0);
        _assertState(IRecovery.State.Executed);
        vm.assertEq(recovery.successorOf(PROGRAMME, citizen), fresh, "successor");
        vm.assertEq(recovery.successorOf(OTHER, citizen), address(0), "in the other programme");
        bytes memory acceptance = _released(ID, 0);
        vm.prank(SETTLER);
        _expectState(IRecovery.State.Executed);
        recovery.execute(ID, 0, acceptance);
        vm.warp(block.timestamp + 3650 days);
        _assertState(IRecovery.State.Executed);
        _assertFrozen(citizen, true);
    }

    function test_notWhatBecameAPayee() public {
        address empty = vm.addr(3);
        vm.prank(OFFICER);
        recovery.propose(ID, PROGRAMME, empty, fresh);
        _confirm(ID);
        vm.warp(block.timestamp + 72 hours);
        _enrol(empty);
        _enrol(fresh);
        bytes memory acceptance = _released(ID, 0);
        vm.prank(SETTLER);
        _expect(abi.encodeWithSelector(IRecovery.AccountIsPayee.selector, empty));
        recovery.execute(ID, 0, acceptance);
    }

    function test_aPauseStopsWhatMoves() public {
        _confirmed();
        vm.prank(PAUSER);
        recovery.pause(5);
        vm.warp(block.timestamp + 72 hours);
        bytes memory acceptance = _released(ID, 0);
        IRecovery.Move memory move = _move(fresh, 1);
        IRecovery.Forward memory forwarded = IRecovery.Forward(PROGRAMME, citizen, 1, "n");
        vm.startPrank(SETTLER);
        vm.expectPartialRevert(IPausing.PauseInForce.selector);
        recovery.execute(ID, 0, acceptance);
        vm.expectPartialRevert(IPausing.PauseInForce.selector);
        recovery.moveAccount(move, acceptance, acceptance);
        vm.expectPartialRevert(IPausing.PauseInForce.selector);
        recovery.forward(forwarded, acceptance);
        vm.stopPrank();
        recovery.objectTo(ID, _sign(CITIZEN_KEY, recovery.hashObjection(ID)));
    }
}
