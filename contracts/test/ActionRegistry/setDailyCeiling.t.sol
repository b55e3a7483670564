// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

contract SetDailyCeilingTest is CivisTest {
    function test_hasADefault() public view {
        vm.assertEq(registry.dailyCeiling(PROGRAMME), CEILING, "default");
    }

    function testFuzz_setsOne(uint128 ceiling) public {
        vm.expectEmit(address(registry));
        emit IActionRegistry.DailyCeilingChanged(PROGRAMME, ceiling);
        vm.prank(address(timelock));
        registry.setDailyCeiling(PROGRAMME, ceiling);
        vm.assertEq(registry.dailyCeiling(PROGRAMME), ceiling, "ceiling");
        vm.assertEq(registry.dailyCeiling(OTHER), CEILING, "the other's");
    }
}
