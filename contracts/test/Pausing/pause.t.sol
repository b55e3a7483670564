// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPausing} from "../../src/interfaces/IPausing.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

contract PausingTest is CivisTest {
    function testFuzz_revertsForAnotherFamily(uint8 family) public {
        IPausing[5] memory contracts = [IPausing(registry), desk, payees, programmes, recovery];
        for (uint8 i = 0; i < 5; ++i) {
            bool own = family == i + 1;
            bytes memory refusal =
                abi.encodeWithSelector(IPausing.PauseFamilyUnknown.selector, family);
            vm.prank(PAUSER);
            if (!own) vm.expectRevert(refusal);
            contracts[i].pause(family);
            if (!own) vm.expectRevert(refusal);
            contracts[i].pausedUntil(family);
        }
    }

    function test_isNeverProlongedUnseen() public {
        vm.startPrank(PAUSER);
        desk.pause(2);
        uint64 until = uint64(block.timestamp) + 14 days;
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IPausing.PauseInForce.selector, 2, until));
        desk.pause(2);
        vm.stopPrank();
    }

    function test_endsByItself() public {
        _credit(citizen, 10);
        uint64 until = uint64(block.timestamp) + 14 days;
        vm.expectEmit(address(desk));
        emit IPausing.FamilyPaused(2, until);
        vm.prank(PAUSER);
        desk.pause(2);
        vm.assertEq(desk.pausedUntil(2), until, "until");
        _commit(PROGRAMME, _one(citizen, 5));
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IPausing.PauseInForce.selector, 2, until));
        vm.prank(SETTLER);
        desk.settle(new IPaymentDesk.Order[](0), new bytes[](0), new bytes[](0));
        vm.warp(until);
        _pay(5);
        vm.assertEq(token.balanceOf(baker), 5, "paid");
    }

    function test_unpauseRevertsWithoutOne() public {
        _unpauseLater();
        vm.prank(UNPAUSER);
        vm.expectRevert(abi.encodeWithSelector(IPausing.PauseNotInForce.selector, 2));
        desk.unpause(2);
    }

    function test_whatHasEndedIsNotEnded() public {
        vm.prank(PAUSER);
        desk.pause(2);
        uint64 until = desk.pausedUntil(2);
        vm.warp(until - UNPAUSE_DELAY);
        _unpauseLater();
        vm.assertEq(block.timestamp, until, "the second in which it ends");
        vm.prank(UNPAUSER);
        vm.expectRevert(abi.encodeWithSelector(IPausing.PauseNotInForce.selector, 2));
        desk.unpause(2);
    }

    function test_unpauseWaits() public {
        vm.prank(PAUSER);
        desk.pause(2);
        vm.prank(UNPAUSER);
        vm.expectRevert();
        desk.unpause(2);
        _unpauseLater();
        vm.expectEmit(address(desk));
        emit IPausing.FamilyUnpaused(2);
        vm.prank(UNPAUSER);
        desk.unpause(2);
        vm.assertEq(desk.pausedUntil(2), 0, "until");
    }

    function _unpauseLater() private {
        vm.prank(UNPAUSER);
        manager.schedule(address(desk), abi.encodeCall(desk.unpause, (2)), 0);
        vm.warp(block.timestamp + UNPAUSE_DELAY);
    }
}
