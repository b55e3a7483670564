// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IDelegation} from "../../src/interfaces/IDelegation.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

contract DelegationTest is CivisTest {
    address private delegate = vm.addr(uint256(keccak256("delegate")));

    function _permit(address target, bytes4 selector, uint64 until) private {
        vm.prank(address(timelock));
        delegation.permit(delegate, target, selector, until);
    }

    function testFuzz_spansAreShort(uint64 until) public {
        uint64 last = uint64(block.timestamp) + 92 days;
        if (until <= block.timestamp || until > last) {
            vm.expectRevert(abi.encodeWithSelector(IDelegation.SpanInvalid.selector, until));
        }
        _permit(address(registry), registry.setDailyCeiling.selector, until);
    }

    function test_theLongestSpanIsNinetyTwoDays() public {
        bytes4 selector = registry.setDailyCeiling.selector;
        uint64 last = uint64(block.timestamp) + 92 days;
        uint64[2] memory outside = [uint64(block.timestamp), last + 1];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IDelegation.SpanInvalid.selector, outside[i]));
            _permit(address(registry), selector, outside[i]);
        }
        vm.expectEmit(address(delegation));
        emit IDelegation.Permitted(delegate, address(registry), selector, last);
        _permit(address(registry), selector, last);
        uint64 until = delegation.permittedUntil(delegate, address(registry), selector);
        vm.assertEq(until, last, "until");
    }

    function test_nobodyIsLetNearTheManager() public {
        address[3] memory targets = [address(manager), address(timelock), address(delegation)];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IDelegation.TargetForbidden.selector, targets[i])
            );
            _permit(targets[i], manager.grantRole.selector, uint64(block.timestamp + 1 days));
        }
    }

    function test_aCallNamesAFunction() public {
        vm.prank(delegate);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.CallInvalid.selector));
        delegation.schedule(address(registry), hex"aabbcc", 0);
    }

    function testFuzz_whatIsNotPermittedIsRefused(address caller, bytes4 selector, uint32 late)
        public
    {
        bytes4 allowed = registry.setDailyCeiling.selector;
        uint64 until = uint64(block.timestamp) + 30 days;
        _permit(address(registry), allowed, until);
        bool inTime = late < 30 days;
        vm.assume(caller != delegate || selector != allowed || !inTime);
        vm.warp(block.timestamp + late);
        vm.prank(caller);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDelegation.DelegateUnauthorized.selector, caller, address(registry), selector
            )
        );
        delegation.schedule(address(registry), abi.encodePacked(selector), 0);
    }

    function test_theLastInstantIsOver() public {
        bytes4 selector = registry.setDailyCeiling.selector;
        uint64 until = uint64(block.timestamp) + 30 days;
        _permit(address(registry), selector, until);
        vm.warp(until);
        vm.prank(delegate);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDelegation.DelegateUnauthorized.selector, delegate, address(registry), selector
            )
        );
        delegation.schedule(address(registry), abi.encodePacked(selector), 0);
    }

    function test_anotherContractIsRefused() public {
        _permit(address(registry), registry.pause.selector, uint64(block.timestamp + 1 days));
        vm.prank(delegate);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDelegation.DelegateUnauthorized.selector,
                delegate,
                address(desk),
                registry.pause.selector
            )
        );
        delegation.schedule(address(desk), abi.encodeCall(desk.pause, (0)), 0);
    }
}
