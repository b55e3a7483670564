// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IRecovery} from "../../src/interfaces/IRecovery.sol";
import {vm} from "../base/Vm.sol";
import {RecoveryTest} from "./RecoveryTest.sol";

contract ObjectionsTest is RecoveryTest {
    function test_theOldKeyObjectsThroughAnybody() public {
        _confirmed();
        bytes memory signature = _sign(CITIZEN_KEY, recovery.hashObjection(ID));
        vm.prank(STRANGER);
        vm.expectEmit(address(recovery));
        emit IRecovery.RecoveryObjected(ID, uint64(block.timestamp) + 30 days, address(0));
        recovery.objectTo(ID, signature);
        _assertState(IRecovery.State.Objected);
        _assertFrozen(citizen, true);
        _assertFrozen(fresh, true);
    }

    function testFuzz_nobodyElseObjects(uint256 key) public {
        key = 1 + key % type(uint128).max;
        _confirmed();
        bytes memory signature = _sign(key, recovery.hashObjection(ID));
        _expect(abi.encodeWithSelector(IRecovery.ObjectionWrong.selector, ID));
        recovery.objectTo(ID, signature);
        signature = _sign(CITIZEN_KEY, recovery.hashObjection("another case"));
        _expect(abi.encodeWithSelector(IRecovery.ObjectionWrong.selector, ID));
        recovery.objectTo(ID, signature);
    }

    function test_objectionsCountOnceAndWhileConfirmed() public {
        bytes memory signature = _sign(CITIZEN_KEY, recovery.hashObjection(ID));
        _propose(ID);
        _expectState(IRecovery.State.Proposed);
        recovery.objectTo(ID, signature);
        _confirm(ID);
        vm.warp(block.timestamp + 80 hours);
        recovery.objectTo(ID, signature);
        _expectState(IRecovery.State.Objected);
        recovery.objectTo(ID, signature);
        _vote(OFFICER_3, true);
        _vote(OFFICER_4, true);
        _expectState(IRecovery.State.Approved);
        recovery.objectTo(ID, signature);
    }

    function test_officersContestForAnOwnerWithoutKey() public {
        _confirmed();
        vm.prank(OFFICER);
        _expectOther(OFFICER);
        recovery.contest(ID);
        vm.prank(OFFICER_3);
        vm.expectEmit(address(recovery));
        emit IRecovery.RecoveryObjected(ID, uint64(block.timestamp) + 30 days, OFFICER_3);
        recovery.contest(ID);
        _assertFrozen(fresh, true);
        _vote(OFFICER_3, false);
        _vote(OFFICER_4, false);
        _assertState(IRecovery.State.Failed);
    }

    function test_thePairDecidesNothing() public {
        _objected();
        _expectOther(OFFICER);
        _vote(OFFICER, true);
        _expectOther(OFFICER_2);
        _vote(OFFICER_2, true);
        _vote(OFFICER_3, true);
        _expectOther(OFFICER_3);
        _vote(OFFICER_3, true);
        _assertState(IRecovery.State.Objected);
    }

    function test_twoAgainstEndIt() public {
        _blocks(OFFICER);
        _objected();
        _vote(OFFICER_3, false);
        vm.expectEmit(address(recovery));
        emit IRecovery.RecoveryRejected(ID);
        _vote(OFFICER_4, false);
        _assertState(IRecovery.State.Failed);
        _assertFrozen(fresh, false);
        // The officer's block goes on to its own end.
        _assertFrozen(citizen, true);
        vm.warp(block.timestamp + 72 hours);
        _assertFrozen(citizen, false);
        _propose("again");
    }

    function test_twoInFavourLetItGoOn() public {
        _objected();
        vm.expectEmit(address(recovery));
        emit IRecovery.RecoveryVoted(ID, OFFICER_3, true);
        _vote(OFFICER_3, true);
        vm.expectEmit(address(recovery));
        emit IRecovery.RecoveryApproved(ID);
        _vote(OFFICER_4, true);
        _assertFrozen(citizen, true);
        _assertFrozen(fresh, false);
        _assertEndsAt(block.timestamp + 72 hours + 30 days);
        bytes memory acceptance = _released(ID, 0);
        vm.prank(SETTLER);
        vm.expectPartialRevert(IRecovery.RecoveryTooEarly.selector);
        recovery.execute(ID, 0, acceptance);
        vm.warp(block.timestamp + 72 hours);
        _execute(0);
    }

    function testFuzz_approvedLateItLapses(uint64 later) public {
        _objected();
        vm.warp(block.timestamp + 72 hours + later % (27 days));
        _vote(OFFICER_3, true);
        _vote(OFFICER_4, true);
        uint256 end = block.timestamp + 30 days;
        _assertEndsAt(end);
        vm.warp(end - 1);
        _assertState(IRecovery.State.Approved);
        _assertFrozen(citizen, true);
        vm.warp(end);
        _assertState(IRecovery.State.Failed);
        _assertFrozen(citizen, false);
    }

    function _assertEndsAt(uint256 end) private view {
        vm.assertEq(recovery.recovery(ID).endsAt, end, "ends at");
    }

    function test_oneAgainstOneDecidesNothing() public {
        _objected();
        _vote(OFFICER_3, true);
        _vote(OFFICER_4, false);
        _assertState(IRecovery.State.Objected);
        address fifth = vm.addr(5);
        vm.startPrank(address(timelock));
        manager.grantRole(roleId("OFFICER"), fifth, 0);
        vm.stopPrank();
        _vote(fifth, false);
        _assertState(IRecovery.State.Failed);
    }

    function testFuzz_undecidedItFails(uint64 later) public {
        _objected();
        _vote(OFFICER_3, true);
        vm.warp(block.timestamp + 30 days + later % (300 days));
        _expectState(IRecovery.State.Failed);
        _vote(OFFICER_4, true);
        _assertFrozen(citizen, false);
        _assertFrozen(fresh, false);
        bytes memory acceptance = _released(ID, 0);
        vm.prank(SETTLER);
        _expectState(IRecovery.State.Failed);
        recovery.execute(ID, 0, acceptance);
    }
}
