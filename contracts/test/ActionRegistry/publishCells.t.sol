// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {ImpactTree} from "../../src/libraries/ImpactTree.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

contract PublishCellsTest is CivisTest {
    /// @dev Ten actions for 100 cents are settled.
    function setUp() public override {
        super.setUp();
        bytes32[] memory credits = _one(citizen, 100);
        bytes32 id = _batchId(PROGRAMME, RULES, 10, credits);
        vm.prank(MINTER);
        registry.commitBatch(id, 0, PROGRAMME, RULES, 10, credits);
    }

    function testFuzz_revertsOnAnEarlierPeriod(uint32 last, uint32 period) public {
        last = uint32(1 + last % type(uint32).max);
        period = uint32(period % (uint256(last) + 1));
        _publish(last, _cells(0, 0, 0), 10, 100);
        bytes32 root = ImpactTree.sumRoot(_cells(0, 0, 0));
        vm.prank(MINTER);
        vm.expectRevert(
            abi.encodeWithSelector(IActionRegistry.PeriodNotAfter.selector, last, period)
        );
        registry.publishCells(PROGRAMME, period, root, _cells(0, 0, 0), 10, 100);
    }

    function testFuzz_revertsOnAnotherRoot(uint8 what, uint32 by) public {
        IActionRegistry.Cell[] memory cells = _cells(2, 4, 40);
        bytes32 root = ImpactTree.sumRoot(cells);
        by = uint32(1 + by % 1_000_000);
        uint256 kind = uint256(what) % 5;
        if (kind == 0) cells[1].actions += by;
        if (kind == 1) cells[1].reward += by;
        if (kind == 2) cells[0].metrics[what % 6] += by;
        if (kind == 3) cells[0].root = keccak256(abi.encode(by));
        if (kind == 4) cells[1].month += by;
        vm.prank(MINTER);
        vm.expectPartialRevert(IActionRegistry.SumRootWrong.selector);
        registry.publishCells(PROGRAMME, 1, root, cells, 2, 20);
    }

    function test_revertsWhenNotSorted() public {
        IActionRegistry.Cell[] memory cells = _cells(3, 2, 20);
        (cells[1].actionTypeId, cells[2].actionTypeId) = (3, 2);
        bytes memory refusal = abi.encodeWithSelector(IActionRegistry.CellsNotSorted.selector, 2);
        _refuses(refusal, cells, 4, 40);
        cells[2].actionTypeId = 3;
        cells[2].month = cells[1].month;
        _refuses(refusal, cells, 4, 40);
        cells[2].proofLevel = cells[1].proofLevel + 1;
        _publish(1, cells, 4, 40);
    }

    function testFuzz_revertsWhenActionsDisagree(uint64 keptBack) public {
        vm.assume(keptBack != 2);
        uint256 sum = 8 + uint256(keptBack);
        bytes memory refusal =
            abi.encodeWithSelector(IActionRegistry.CellsDisagree.selector, sum, 10);
        _refuses(refusal, _cells(2, 4, 40), keptBack, 20);
    }

    function testFuzz_revertsWhenRewardsDisagree(uint128 keptBack) public {
        vm.assume(keptBack != 20);
        uint256 sum = 80 + uint256(keptBack);
        bytes memory refusal =
            abi.encodeWithSelector(IActionRegistry.CellsDisagree.selector, sum, 100);
        _refuses(refusal, _cells(2, 4, 40), 2, keptBack);
    }

    function test_publishesNoCellAtAll() public {
        _publish(1, _cells(0, 0, 0), 10, 100);
        vm.assertEq(registry.totals(PROGRAMME).lastPeriod, 1, "period");
        vm.assertEq(registry.totals(PROGRAMME).publishedActions, 0, "published");
    }

    function test_countsCorrectionsApart() public {
        IActionRegistry.Cell[] memory cells = _cells(3, 4, 40);
        cells[1].actionTypeId = cells[0].actionTypeId;
        cells[1].correction = true;
        _publish(1, cells, 2, 20);
        IActionRegistry.Totals memory totals = registry.totals(PROGRAMME);
        vm.assertEq(totals.publishedActions, 8, "published actions");
        vm.assertEq(totals.publishedReward, 80, "published reward");
        vm.assertEq(totals.correctedActions, 4, "corrected actions");
        vm.assertEq(totals.correctedReward, 40, "corrected reward");
    }

    function test_publishesWhatWasKeptBack() public {
        _publish(1, _cells(1, 6, 60), 4, 40);
        _commit(PROGRAMME, _one(citizen, 10));
        _publish(7, _cells(1, 5, 50), 0, 0);
        vm.assertEq(registry.totals(PROGRAMME).publishedActions, 11, "published");
    }

    function test_emitsAndChains() public {
        IActionRegistry.Cell[] memory cells = _cells(2, 4, 40);
        bytes32 root = ImpactTree.sumRoot(cells);
        bytes32 before = registry.runningHash();
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit(address(registry));
            emit IActionRegistry.CellPublished(PROGRAMME, 3, i, cells[i]);
        }
        vm.expectEmit(address(registry));
        emit IActionRegistry.CellsPublished(PROGRAMME, 3, root, 2, 2, 20);
        _publish(3, cells, 2, 20);
        bytes32 cellsHash = keccak256(abi.encode(cells));
        bytes32 payload =
            keccak256(abi.encode(PROGRAMME, uint32(3), root, cellsHash, uint64(2), uint128(20)));
        bytes32 expected = keccak256(abi.encode(before, uint8(3), payload));
        vm.assertEq(registry.runningHash(), expected, "running hash");
    }

    function test_worksAfterClosing() public {
        _close(PROGRAMME);
        _publish(1, _cells(2, 4, 40), 2, 20);
        vm.assertEq(registry.totals(PROGRAMME).publishedActions, 8, "published");
    }

    function _publish(uint32 period, IActionRegistry.Cell[] memory cells, uint64 n, uint128 r)
        private
    {
        bytes32 root = ImpactTree.sumRoot(cells);
        vm.prank(MINTER);
        registry.publishCells(PROGRAMME, period, root, cells, n, r);
    }

    function _refuses(
        bytes memory refusal,
        IActionRegistry.Cell[] memory cells,
        uint64 keptActions,
        uint128 keptReward
    ) private {
        bytes32 root = ImpactTree.sumRoot(cells);
        vm.prank(MINTER);
        vm.expectRevert(refusal);
        registry.publishCells(PROGRAMME, 1, root, cells, keptActions, keptReward);
    }

    function _cells(uint256 count, uint64 actions, uint128 reward)
        private
        pure
        returns (IActionRegistry.Cell[] memory cells)
    {
        cells = new IActionRegistry.Cell[](count);
        for (uint256 i = 0; i < count; ++i) {
            cells[i].actionTypeId = uint32(i + 1);
            cells[i].actionTypeVersion = 1;
            cells[i].proofLevel = 3;
            cells[i].month = 202701;
            cells[i].actions = actions;
            cells[i].reward = reward;
            cells[i].metrics[i % 6] = 1000 + uint128(i);
            cells[i].root = keccak256(abi.encode("cell", i));
        }
    }
}
