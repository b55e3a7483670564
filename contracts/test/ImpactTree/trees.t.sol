// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ImpactTree} from "../../src/libraries/ImpactTree.sol";
import {vm} from "../base/Vm.sol";

contract TreesTest {
    function testFuzz_batchTree(uint8 size, uint8 place) public pure {
        uint256 count = 1 + uint256(size) % 40;
        uint256 index = uint256(place) % count;
        (bytes32 root, bytes32[] memory path) = _batch(count, index);
        vm.assertEq(ImpactTree.batchRootOf(bytes32(index + 1), index, count, path), root, "root");
    }

    function testFuzz_batchPathIsExact(uint8 size, uint8 place, uint8 other) public {
        uint256 count = 2 + uint256(size) % 40;
        uint256 index = uint256(place) % count;
        (bytes32 root, bytes32[] memory path) = _batch(count, index);
        uint256 wrong = uint256(other) % 64;
        vm.assertTrue(wrong == index || !_leads(index, wrong, count, path, root), "index");
        wrong = 1 + wrong;
        vm.assertTrue(wrong == count || !_leads(index, index, wrong, path, root), "count");
        bytes32[] memory longer = new bytes32[](path.length + 1);
        bytes32[] memory shorter = new bytes32[](path.length - 1);
        for (uint256 i = 0; i < path.length; ++i) {
            longer[i] = path[i];
            if (i < shorter.length) shorter[i] = path[i];
        }
        vm.assertFalse(_leads(index, index, count, longer, root), "longer");
        vm.assertFalse(_leads(index, index, count, shorter, root), "shorter");
    }

    function testFuzz_sumTree(uint8 size, uint8 place) public pure {
        uint256 count = 1 + uint256(size) % 40;
        uint256 index = uint256(place) % count;
        (ImpactTree.Sum memory top, ImpactTree.Sum[] memory path) = _sums(count, index);
        ImpactTree.Sum memory reached = ImpactTree.topSumOf(_sum(index), index, count, path);
        vm.assertEq(keccak256(abi.encode(reached)), keccak256(abi.encode(top)), "top");
        vm.assertEq(top.actions, count, "actions");
        vm.assertEq(top.reward, count * (count + 1) / 2, "reward");
    }

    function test_sumsDontOverflow() public {
        ImpactTree.Sum memory large;
        ImpactTree.Sum memory other = _sum(2);
        other.metrics = [uint128(1), 1, 1, 1, 1, 1];
        for (uint256 i = 0; i < 8; ++i) {
            large = _sum(1);
            if (i == 0) large.actions = type(uint128).max;
            else if (i == 1) large.reward = type(uint128).max;
            else large.metrics[i - 2] = type(uint128).max;
            vm.expectRevert();
            this.join(large, other);
        }
    }

    function testFuzz_sumsAreBound(uint8 what, uint64 by) public pure {
        by = 1 + by / 2;
        ImpactTree.Sum memory left = _sum(1);
        bytes32 expected = ImpactTree.joinSums(left, _sum(2)).hash;
        uint256 kind = uint256(what) % 8;
        if (kind == 0) left.actions += by;
        else if (kind == 1) left.reward += by;
        else left.metrics[kind - 2] += by;
        vm.assertTrue(ImpactTree.joinSums(left, _sum(2)).hash != expected, "not bound");
    }

    function test_monthOf() public pure {
        uint256[9] memory day = [uint256(0), 30, 31, 11_016, 11_017, 19_782, 19_783, 20_453, 47_541];
        uint32[9] memory month =
            [uint32(197001), 197001, 197002, 200002, 200003, 202402, 202403, 202512, 210003];
        for (uint256 i = 0; i < day.length; ++i) {
            vm.assertEq(ImpactTree.monthOf(day[i]), month[i], vm.toString(day[i]));
        }
    }

    /// @dev External, so that a revert can be expected.
    function join(ImpactTree.Sum memory left, ImpactTree.Sum memory right)
        external
        pure
        returns (ImpactTree.Sum memory)
    {
        return ImpactTree.joinSums(left, right);
    }

    /// @dev External, so that a revert can be caught.
    function rootOf(bytes32 leaf, uint256 index, uint256 count, bytes32[] memory path)
        external
        pure
        returns (bytes32)
    {
        return ImpactTree.batchRootOf(leaf, index, count, path);
    }

    function _leads(uint256 leaf, uint256 index, uint256 count, bytes32[] memory path, bytes32 root)
        private
        view
        returns (bool)
    {
        try this.rootOf(bytes32(leaf + 1), index, count, path) returns (bytes32 reached) {
            return reached == root;
        } catch {
            return false;
        }
    }

    /// @dev A tree over 1, 2, ... built by levels, independently of the library's climbing.
    function _batch(uint256 count, uint256 index)
        private
        pure
        returns (bytes32 root, bytes32[] memory path)
    {
        bytes32[] memory level = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            level[i] = bytes32(i + 1);
        }
        path = new bytes32[](0);
        uint256 position = index;
        while (level.length > 1) {
            if (position ^ 1 < level.length) path = _append(path, level[position ^ 1]);
            level = _above(level);
            position /= 2;
        }
        root = keccak256(abi.encode(keccak256("civis.root.v1"), uint32(count), level[0]));
    }

    function _above(bytes32[] memory level) private pure returns (bytes32[] memory above) {
        above = new bytes32[]((level.length + 1) / 2);
        for (uint256 i = 0; i < above.length; ++i) {
            above[i] = 2 * i + 1 == level.length
                ? level[2 * i]
                : keccak256(abi.encode(keccak256("civis.node.v1"), level[2 * i], level[2 * i + 1]));
        }
    }

    function _append(bytes32[] memory list, bytes32 last)
        private
        pure
        returns (bytes32[] memory longer)
    {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = last;
    }

    function _sum(uint256 i) private pure returns (ImpactTree.Sum memory sum) {
        sum.hash = bytes32(i + 1);
        (sum.actions, sum.reward, sum.metrics[i % 6]) = (1, uint128(i + 1), uint128(3 * i + 1));
    }

    function _sums(uint256 count, uint256 index)
        private
        pure
        returns (ImpactTree.Sum memory top, ImpactTree.Sum[] memory path)
    {
        ImpactTree.Sum[] memory nodes = new ImpactTree.Sum[](count);
        for (uint256 i = 0; i < count; ++i) {
            nodes[i] = _sum(i);
        }
        path = new ImpactTree.Sum[](8);
        uint256 used = 0;
        uint256 position = index;
        for (uint256 width = count; width > 1; width = (width + 1) / 2) {
            if (position ^ 1 < width) path[used++] = nodes[position ^ 1];
            ImpactTree.Sum[] memory above = new ImpactTree.Sum[]((width + 1) / 2);
            for (uint256 i = 0; i < above.length; ++i) {
                above[i] = 2 * i + 1 == width
                    ? nodes[2 * i]
                    : ImpactTree.joinSums(nodes[2 * i], nodes[2 * i + 1]);
            }
            (nodes, position) = (above, position / 2);
        }
        top = nodes[0];
        // Shortens the path to what was used.
        assembly ("memory-safe") {
            mstore(path, used)
        }
    }
}
