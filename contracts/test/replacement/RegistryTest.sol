// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ActionRegistry} from "../../src/ActionRegistry.sol";
import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {ImpactTree} from "../../src/libraries/ImpactTree.sol";
import {vm} from "../base/Vm.sol";
import {ReplacementTest} from "./ReplacementTest.sol";

/// @dev A registry with a batch, a cancellation and a publication, and the one to come after it.
abstract contract RegistryTest is ReplacementTest {
    uint8 internal constant MINTS = 1;
    bytes32 internal constant BARRED = "barred";
    bytes32 internal settled;
    ActionRegistry internal first;
    ActionRegistry internal next;

    /// @dev A batch of ten actions for 100 cents, of which eight for 80 are published.
    function setUp() public virtual override {
        super.setUp();
        bytes32[] memory credits = _one(citizen, 100);
        settled = _batchId(PROGRAMME, RULES, 10, credits);
        vm.startPrank(MINTER);
        registry.commitBatch(settled, 0, PROGRAMME, RULES, 10, credits);
        registry.cancelBatch(BARRED);
        vm.stopPrank();
        _publish(1, _cell(false, 8, 80), 2, 20, "");
        first = registry;
        next = _made(registry);
    }

    function _made(IActionRegistry before) internal returns (ActionRegistry) {
        return new ActionRegistry(address(manager), programmes, 1, before);
    }

    function _replace() internal {
        _wireNext();
        _then(address(first), abi.encodeCall(first.handOver, (next)));
        _moves(address(first), 0);
        _moves(address(next), MINTS);
        _decideAll();
        registry = next;
    }

    function _wireNext() internal {
        _thenWire("ActionRegistry", address(next));
    }

    function _publish(
        uint32 period,
        IActionRegistry.Cell[] memory cells,
        uint64 keptActions,
        uint128 keptReward,
        bytes4 refusal
    ) internal {
        bytes32 root = ImpactTree.sumRoot(cells);
        vm.prank(MINTER);
        if (refusal != 0) vm.expectPartialRevert(refusal);
        registry.publishCells(PROGRAMME, period, root, cells, keptActions, keptReward);
    }

    function _cell(bool correction, uint64 actions, uint128 reward)
        internal
        pure
        returns (IActionRegistry.Cell[] memory cells)
    {
        cells = new IActionRegistry.Cell[](1);
        (cells[0].actionTypeId, cells[0].actionTypeVersion) = (7, 1);
        (cells[0].proofLevel, cells[0].month) = (3, 202701);
        (cells[0].correction, cells[0].actions, cells[0].reward) = (correction, actions, reward);
        cells[0].root = keccak256(abi.encode(actions, reward));
    }
}
