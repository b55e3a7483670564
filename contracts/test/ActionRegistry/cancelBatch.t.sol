// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

contract CancelBatchTest is CivisTest {
    function test_revertsWhenCommitted() public {
        bytes32 id = _commit(PROGRAMME, _one(citizen, 5));
        vm.prank(MINTER);
        vm.expectRevert(_encoded(IActionRegistry.BatchUsed.selector, id));
        registry.cancelBatch(id);
    }

    function test_revertsWhenCancelled() public {
        vm.startPrank(MINTER);
        registry.cancelBatch("id");
        vm.expectRevert(_encoded(IActionRegistry.BatchIsCancelled.selector, "id"));
        registry.cancelBatch("id");
        vm.stopPrank();
    }

    function testFuzz_barsForEver(bytes32 id) public {
        vm.prank(MINTER);
        registry.cancelBatch(id);
        vm.assertTrue(registry.isCancelled(id), "barred");
        vm.assertEq(registry.batchCount(), 0, "count");
    }

    function test_emitsAndChains() public {
        _credit(citizen, 5);
        bytes32 before = registry.runningHash();
        vm.expectEmit(address(registry));
        emit IActionRegistry.BatchCancelled("id");
        vm.prank(MINTER);
        registry.cancelBatch("id");
        bytes32 payload = keccak256(abi.encode(bytes32("id")));
        bytes32 expected = keccak256(abi.encode(before, uint8(2), payload));
        vm.assertEq(registry.runningHash(), expected, "running hash");
    }
}
