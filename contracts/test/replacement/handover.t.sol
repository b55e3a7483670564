// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ActionRegistry} from "../../src/ActionRegistry.sol";
import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {ImpactTree} from "../../src/libraries/ImpactTree.sol";
import {vm} from "../base/Vm.sol";
import {RegistryTest} from "./RegistryTest.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

/// @dev Who may hand a registry over, to which, and what neither takes before and after.
contract HandoverTest is RegistryTest {
    function test_theOldOneTakesNothing() public {
        _replace();
        bytes memory over = _encoded(
            IActionRegistry.RegistryNotInForce.selector, bytes32(uint256(uint160(address(next))))
        );
        _refusesAll(first, over);
    }

    function test_theNewOneTakesNothingBefore() public {
        _wireNext();
        _decideAll();
        _refusesAll(next, _encoded(IActionRegistry.RegistryNotInForce.selector, 0));
    }

    function test_nobodyButTheTimelockHandsOver() public {
        address[8] memory all = [
            MINTER, OFFICER, PAUSER, MEMBER, STRANGER, address(quorum), address(next), address(this)
        ];
        for (uint256 i = 0; i < all.length; ++i) {
            vm.prank(all[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, all[i])
            );
            first.handOver(next);
            vm.prank(all[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IActionRegistry.PredecessorUnauthorized.selector, all[i])
            );
            next.takeOver();
        }
        vm.prank(address(timelock));
        vm.expectPartialRevert(IActionRegistry.PredecessorUnauthorized.selector);
        next.takeOver();
    }

    function test_itGoesToItsOwnSuccessorOnly() public {
        ActionRegistry stranger = _made(next);
        vm.prank(address(timelock));
        vm.expectPartialRevert(IActionRegistry.PredecessorUnauthorized.selector);
        first.handOver(stranger);
        vm.assertEq(address(first.successor()), address(0), "handed over");
    }

    function test_withoutTheRightItMintsNothing() public {
        vm.prank(address(timelock));
        first.handOver(next);
        _wireNext();
        _decideAll();
        bytes32 id = _batchId(PROGRAMME, RULES, 1, _one(citizen, 5));
        vm.prank(MINTER);
        vm.expectRevert(
            abi.encodeWithSelector(
                IProgrammes.MoverUnauthorized.selector, address(next), IProgrammes.MoverKind.Mint
            )
        );
        next.commitBatch(id, 1, PROGRAMME, RULES, 1, _one(citizen, 5));
    }

    function _refusesAll(ActionRegistry one, bytes memory refusal) private {
        IActionRegistry.Cell[] memory cells = _cell(false, 1, 10);
        bytes32 root = ImpactTree.sumRoot(cells);
        uint256 count = one.batchCount();
        vm.startPrank(MINTER);
        vm.expectRevert(refusal);
        one.commitBatch("id", count, PROGRAMME, RULES, 1, _one(citizen, 5));
        vm.expectRevert(refusal);
        one.cancelBatch("id");
        vm.expectRevert(refusal);
        one.publishCells(PROGRAMME, 2, root, cells, 1, 10);
        vm.stopPrank();
        vm.startPrank(address(timelock));
        vm.expectRevert(refusal);
        one.setDailyCeiling(PROGRAMME, 1);
        vm.expectRevert(refusal);
        one.handOver(next);
        vm.stopPrank();
    }

    /// @dev As {CivisTest-_credit} commits it.
}
