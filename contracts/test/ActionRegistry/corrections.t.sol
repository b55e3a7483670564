// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {ImpactTree} from "../../src/libraries/ImpactTree.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

/// @dev What a minter may take back of what it published: no figure falls below zero.
contract CorrectionsTest is CivisTest {
    uint64 private constant ACTIONS = 10;
    uint128 private constant REWARD = 100;

    /// @dev Ten actions for 100 cents are published under one key.
    function setUp() public override {
        super.setUp();
        bytes32[] memory credits = _one(citizen, uint96(REWARD));
        bytes32 id = _batchId(PROGRAMME, RULES, uint32(ACTIONS), credits);
        vm.prank(MINTER);
        registry.commitBatch(id, 0, PROGRAMME, RULES, uint32(ACTIONS), credits);
        _send(PROGRAMME, 1, _cell(false, ACTIONS, REWARD), "");
    }

    function testFuzz_revertsOnTooLargeACorrection(uint64 first, uint64 more, uint128 cents)
        public
    {
        first %= ACTIONS + 1;
        _send(PROGRAMME, 2, _cell(true, first, first), "");
        uint64 left = ACTIONS - first;
        uint128 leftCents = REWARD - first;
        bytes memory refusal =
            abi.encodeWithSelector(IActionRegistry.CorrectionTooLarge.selector, 0, left, leftCents);
        uint64 many = left + 1 + more % (type(uint64).max - left);
        _send(PROGRAMME, 3, _cell(true, many, 0), refusal);
        uint128 much = leftCents + 1 + cents % (type(uint128).max - leftCents);
        _send(PROGRAMME, 3, _cell(true, 0, much), refusal);
        _send(PROGRAMME, 3, _cell(true, left, leftCents), "");
    }

    function test_revertsOnACorrectionOfNothing() public {
        bytes memory refusal =
            abi.encodeWithSelector(IActionRegistry.CorrectionTooLarge.selector, 0, 0, 0);
        for (uint256 i = 0; i < 4; ++i) {
            IActionRegistry.Cell[] memory cells = _cell(true, 1, 0);
            if (i == 0) ++cells[0].actionTypeId;
            if (i == 1) ++cells[0].actionTypeVersion;
            if (i == 2) ++cells[0].proofLevel;
            if (i == 3) ++cells[0].month;
            _send(PROGRAMME, 2, cells, refusal);
        }
    }

    function test_revertsOnACorrectionOfAnothersCells() public {
        bytes memory refusal =
            abi.encodeWithSelector(IActionRegistry.CorrectionTooLarge.selector, 0, 0, 0);
        _send(OTHER, 1, _cell(true, 1, 1), refusal);
    }

    function testFuzz_takesBackInSteps(uint64 first) public {
        first %= ACTIONS + 1;
        _send(PROGRAMME, 2, _cell(true, first, 10 * first), "");
        _send(PROGRAMME, 3, _cell(true, ACTIONS - first, REWARD - 10 * first), "");
        IActionRegistry.Totals memory totals = registry.totals(PROGRAMME);
        vm.assertEq(totals.correctedActions, totals.publishedActions, "actions");
        vm.assertEq(totals.correctedReward, totals.publishedReward, "reward");
    }

    function _send(
        bytes32 programmeId,
        uint32 period,
        IActionRegistry.Cell[] memory cells,
        bytes memory refusal
    ) private {
        bytes32 root = ImpactTree.sumRoot(cells);
        vm.prank(MINTER);
        if (refusal.length != 0) vm.expectRevert(refusal);
        registry.publishCells(programmeId, period, root, cells, 0, 0);
    }

    function _cell(bool correction, uint64 actions, uint128 reward)
        private
        pure
        returns (IActionRegistry.Cell[] memory cells)
    {
        cells = new IActionRegistry.Cell[](1);
        cells[0].actionTypeId = 7;
        cells[0].actionTypeVersion = 1;
        cells[0].proofLevel = 3;
        cells[0].month = 202701;
        cells[0].correction = correction;
        cells[0].actions = actions;
        cells[0].reward = reward;
        cells[0].root = keccak256(abi.encode(actions, reward));
    }
}
