// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAnchor} from "../../src/interfaces/IAnchor.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

contract AnchorTest is CivisTest {
    function test_revertsOnNothing() public {
        vm.prank(MINTER);
        vm.expectRevert(abi.encodeWithSelector(IAnchor.RootEmpty.selector));
        anchor.commit("kind", 1, 0);
    }

    function testFuzz_commitsOnce(bytes32 kind, uint32 day, bytes32 root) public {
        vm.assume(root != 0);
        vm.startPrank(MINTER);
        anchor.commit(kind, day, "root");
        vm.expectRevert(abi.encodeWithSelector(IAnchor.RootExists.selector, kind, day));
        anchor.commit(kind, day, root);
        vm.stopPrank();
    }

    function testFuzz_keeps(bytes32 kind, uint32 day, bytes32 root) public {
        vm.assume(root != 0 && day < type(uint32).max);
        vm.expectEmit(address(anchor));
        emit IAnchor.RootCommitted(kind, day, root);
        vm.startPrank(MINTER);
        anchor.commit(kind, day, root);
        anchor.commit(kind, day + 1, "another");
        vm.stopPrank();
        vm.assertEq(anchor.rootOf(kind, day), root, "root");
    }
}
