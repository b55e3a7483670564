// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {vm} from "../base/Vm.sol";
import {RegistryTest} from "./RegistryTest.sol";

/// @dev A registry's books go on in the next one: count, running hash, once, sums and ceilings.
contract RegistryReplacementTest is RegistryTest {
    function testFuzz_countAndRunningHashGoOn(uint8 before, uint8 afterwards) public {
        for (uint256 i = 0; i < before % 4; ++i) {
            _credit(citizen, 5);
        }
        (uint256 count, bytes32 hash) = (registry.batchCount(), registry.runningHash());
        vm.assertEq(count, 1 + before % 4, "count before");
        _replace();
        vm.assertEq(next.batchCount(), count, "count");
        vm.assertEq(next.runningHash(), hash, "running hash");
        for (uint256 i = 0; i < afterwards % 4; ++i) {
            _credit(citizen, 5); // names the count, and so proves it
            hash = _chained(hash, count + i);
        }
        vm.assertEq(next.batchCount(), count + afterwards % 4, "count after");
        vm.assertEq(next.runningHash(), hash, "running hash after");
        vm.assertEq(first.batchCount(), count, "the first one counts on");
        _assertSolvent(PROGRAMME);
    }

    function test_bothSaySo() public {
        (uint256 count, bytes32 hash) = (first.batchCount(), first.runningHash());
        vm.expectEmit(address(first));
        emit IActionRegistry.HandedOver(address(next), count, hash);
        vm.expectEmit(address(next));
        emit IActionRegistry.TookOver(address(first), count, hash);
        vm.prank(address(timelock));
        first.handOver(next);
        vm.assertEq(address(first.successor()), address(next), "successor");
        vm.assertEq(address(next.predecessor()), address(first), "predecessor");
    }

    function test_aBatchIsOnceInBoth() public {
        _replace();
        vm.startPrank(MINTER);
        vm.expectRevert(_encoded(IActionRegistry.BatchUsed.selector, settled));
        next.commitBatch(settled, 1, PROGRAMME, RULES, 10, _one(citizen, 100));
        vm.expectRevert(_encoded(IActionRegistry.BatchUsed.selector, settled));
        next.cancelBatch(settled);
        vm.expectRevert(_encoded(IActionRegistry.BatchIsCancelled.selector, BARRED));
        next.cancelBatch(BARRED);
        vm.stopPrank();
        vm.assertEq(next.batchRoot(settled), RULES, "root");
        vm.assertTrue(next.isCancelled(BARRED), "barred");
    }

    function test_sumsGoOn() public {
        _replace();
        _assertSums(next.totals(PROGRAMME), 10, 8);
        _publish(1, _cell(false, 1, 10), 1, 10, IActionRegistry.PeriodNotAfter.selector);
        _publish(2, _cell(false, 1, 10), 0, 0, IActionRegistry.CellsDisagree.selector);
        _publish(2, _cell(false, 1, 10), 1, 10, "");
        _credit(citizen, 7);
        _assertSums(next.totals(PROGRAMME), 11, 9);
        _assertSums(first.totals(PROGRAMME), 10, 8);
    }

    function test_whatTheFirstPublishedIsCorrectedOnce() public {
        _replace();
        _publish(2, _cell(true, 9, 80), 2, 20, IActionRegistry.CorrectionTooLarge.selector);
        _publish(2, _cell(true, 5, 50), 2, 20, "");
        _publish(3, _cell(true, 4, 30), 2, 20, IActionRegistry.CorrectionTooLarge.selector);
        _publish(3, _cell(true, 3, 30), 2, 20, "");
        uint256 key = (uint256(7) << 56) | (uint256(1) << 40) | (uint256(3) << 32) | 202701;
        (uint64 actions, uint128 reward) = next.standingOf(PROGRAMME, key);
        vm.assertEq(actions + reward, 0, "all is taken back");
        (actions, reward) = first.standingOf(PROGRAMME, key);
        vm.assertEq(actions, 8, "the first one's word is what it was");
    }

    function test_theDaysCeilingSpansBoth() public {
        _wireNext();
        vm.prank(address(timelock));
        first.setDailyCeiling(PROGRAMME, 60);
        _decideAll();
        _credit(citizen, 40);
        vm.prank(address(timelock));
        first.handOver(next); // on the same day
        _moveTheRight();
        registry = next;
        vm.assertEq(next.dailyCeiling(PROGRAMME), 60, "its ceiling");
        vm.assertEq(next.dailyCeiling(OTHER), CEILING, "the others'");
        bytes32 id = _batchId(PROGRAMME, RULES, 1, _one(citizen, 21));
        vm.prank(MINTER);
        vm.expectRevert(
            abi.encodeWithSelector(IActionRegistry.DailyCeilingExceeded.selector, PROGRAMME, 61, 60)
        );
        next.commitBatch(id, 2, PROGRAMME, RULES, 1, _one(citizen, 21));
        _credit(citizen, 20);
        vm.assertEq(next.mintedOn(PROGRAMME, block.timestamp / 1 days), 60, "minted");
    }

    function test_theThirdKnowsTheFirst() public {
        _replace();
        _credit(citizen, 5);
        (first, next) = (next, _made(next));
        _replace();
        vm.assertEq(next.batchCount(), 2, "count");
        vm.assertEq(next.batchRoot(settled), RULES, "root");
        vm.assertTrue(next.isCancelled(BARRED), "barred");
        _assertSums(next.totals(PROGRAMME), 11, 8);
        _publish(2, _cell(true, 8, 80), 3, 25, "");
    }

    function _moveTheRight() private {
        vm.startPrank(address(timelock));
        programmes.setMover(address(first), 0);
        programmes.setMover(address(next), MINTS);
        vm.stopPrank();
    }

    /// @dev As {CivisTest-_credit} commits it.
    function _chained(bytes32 hash, uint256 sequence) private view returns (bytes32) {
        bytes32 root = keccak256(abi.encode("root", sequence));
        bytes32 id = _batchId(PROGRAMME, root, 1, _one(citizen, 5));
        bytes memory payload =
            abi.encode(id, PROGRAMME, sequence, root, uint32(1), uint256(5), uint256(1));
        return keccak256(abi.encode(hash, uint8(1), keccak256(payload)));
    }

    function _assertSums(IActionRegistry.Totals memory sums, uint64 actions, uint64 published)
        private
        pure
    {
        vm.assertEq(sums.actions, actions, "actions");
        vm.assertEq(sums.publishedActions, published, "published");
    }
}
