// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActionRegistry} from "../interfaces/IActionRegistry.sol";

/// @title Hashes and proofs of leaves, batches and cells
/// @dev Every hash starts with the domain of its kind, so none can pass for another. Trees are
/// built level by level, an odd last node is promoted unchanged; so the number of leaves and the
/// index of one decide the shape of its path, and a root that commits to the number leaves no
/// freedom. Sums are checked: arithmetic reverts where they leave uint128.
library ImpactTree {
    bytes32 internal constant LEAF = keccak256("civis.leaf.v1");
    bytes32 internal constant NODE = keccak256("civis.node.v1");
    bytes32 internal constant ROOT = keccak256("civis.root.v1");
    bytes32 internal constant SUM = keccak256("civis.sum.v1");
    bytes32 internal constant SUM_ROOT = keccak256("civis.sumroot.v1");
    bytes32 internal constant CELL = keccak256("civis.cell.v1");

    /// @dev One action, as a batch commits to it. `day` counts from 1970-01-01.
    struct Leaf {
        bytes32 salt;
        address account;
        uint32 actionTypeId;
        uint16 actionTypeVersion;
        uint8 proofLevel;
        uint32 day;
        uint64[6] metrics;
        uint64 reward;
        bytes32 attestationDigest;
    }

    /// @dev A node of a Merkle-sum tree: its hash and what lies under it.
    struct Sum {
        bytes32 hash;
        uint128 actions;
        uint128 reward;
        uint128[6] metrics;
    }

    /// @dev From a leaf to its cell, and from the cell to its period's root.
    struct SumPath {
        IActionRegistry.Cell cell;
        uint256 leafIndex;
        Sum[] leafSiblings;
        uint256 cellIndex;
        uint256 cellCount;
        Sum[] cellSiblings;
    }

    /// @dev The leaf isn't of the cell's kind, or isn't under its root with its sums.
    error TreeCellWrong();

    /// @dev The path's length or the index doesn't fit the number of leaves.
    error TreePathWrong(uint256 index, uint256 count, uint256 length);

    function leafHash(Leaf memory leaf) internal pure returns (bytes32) {
        return keccak256(abi.encode(LEAF, leaf));
    }

    /// @dev Root of a batch of `count` leaves whose top node is `top`.
    function batchRoot(uint256 count, bytes32 top) internal pure returns (bytes32) {
        return keccak256(abi.encode(ROOT, count, top));
    }

    /// @dev Root that leaf number `index` of `count` leads to along `path` (bottom up).
    function batchRootOf(bytes32 leaf, uint256 index, uint256 count, bytes32[] memory path)
        internal
        pure
        returns (bytes32)
    {
        bytes32 node = leaf;
        uint256 used = 0;
        uint256 position = index;
        for (uint256 width = count; width > 1; width = (width + 1) / 2) {
            if (_sibling(position) < width) {
                require(used < path.length, TreePathWrong(index, count, path.length));
                bytes32 sibling = path[used++];
                node = position % 2 == 0 ? _join(node, sibling) : _join(sibling, node);
            }
            position /= 2;
        }
        require(index < count && used == path.length, TreePathWrong(index, count, path.length));
        return batchRoot(count, node);
    }

    /// @dev A leaf as the lowest node of a Merkle-sum tree.
    function leafSum(Leaf memory leaf) internal pure returns (Sum memory sum) {
        sum.hash = leafHash(leaf);
        sum.actions = 1;
        sum.reward = leaf.reward;
        for (uint256 i = 0; i < 6; ++i) {
            sum.metrics[i] = leaf.metrics[i];
        }
    }

    /// @dev A cell as a lowest node of its period's tree.
    function cellSum(IActionRegistry.Cell memory cell) internal pure returns (Sum memory) {
        bytes32 hash = keccak256(
            abi.encode(
                CELL,
                cell.actionTypeId,
                cell.actionTypeVersion,
                cell.proofLevel,
                cell.month,
                cell.correction,
                cell.root
            )
        );
        return Sum(hash, cell.actions, cell.reward, cell.metrics);
    }

    /// @dev Root of a period with `count` cells whose top node's hash is `top`.
    function sumRoot(uint256 count, bytes32 top) internal pure returns (bytes32) {
        return keccak256(abi.encode(SUM_ROOT, count, top));
    }

    /// @dev Root of a period's cells; the top node of none is zero.
    function sumRoot(IActionRegistry.Cell[] memory cells) internal pure returns (bytes32) {
        Sum[] memory nodes = new Sum[](cells.length);
        for (uint256 i = 0; i < cells.length; ++i) {
            nodes[i] = cellSum(cells[i]);
        }
        return sumRoot(cells.length, cells.length == 0 ? bytes32(0) : topSum(nodes).hash);
    }

    /// @dev Top of the tree over `nodes` (at least one), which it overwrites.
    function topSum(Sum[] memory nodes) internal pure returns (Sum memory) {
        for (uint256 width = nodes.length; width > 1; width = (width + 1) / 2) {
            for (uint256 i = 0; i < width / 2; ++i) {
                nodes[i] = joinSums(nodes[2 * i], nodes[2 * i + 1]);
            }
            if (width % 2 == 1) nodes[width / 2] = nodes[width - 1];
        }
        return nodes[0];
    }

    /// @dev Top node that lowest node number `index` of `count` leads to along `path` (bottom up),
    /// with its sums: whoever checks compares both.
    function topSumOf(Sum memory leaf, uint256 index, uint256 count, Sum[] memory path)
        internal
        pure
        returns (Sum memory node)
    {
        node = leaf;
        uint256 used = 0;
        uint256 position = index;
        for (uint256 width = count; width > 1; width = (width + 1) / 2) {
            if (_sibling(position) < width) {
                require(used < path.length, TreePathWrong(index, count, path.length));
                Sum memory sibling = path[used++];
                node = position % 2 == 0 ? joinSums(node, sibling) : joinSums(sibling, node);
            }
            position /= 2;
        }
        require(index < count && used == path.length, TreePathWrong(index, count, path.length));
    }

    /// @dev Parent of two nodes: commits to both hashes and to both children's sums.
    function joinSums(Sum memory left, Sum memory right) internal pure returns (Sum memory sum) {
        sum.hash = keccak256(abi.encode(SUM, left, right));
        sum.actions = left.actions + right.actions;
        sum.reward = left.reward + right.reward;
        for (uint256 i = 0; i < 6; ++i) {
            sum.metrics[i] = left.metrics[i] + right.metrics[i];
        }
    }

    /// @dev Sum root of the period in whose cell `path.cell` the leaf is counted. Whoever checks
    /// compares it, and the cell, with what was published.
    function sumRootOf(Leaf memory leaf, SumPath memory path) internal pure returns (bytes32) {
        IActionRegistry.Cell memory cell = path.cell;
        require(
            leaf.actionTypeId == cell.actionTypeId
                && leaf.actionTypeVersion == cell.actionTypeVersion
                && leaf.proofLevel == cell.proofLevel && monthOf(leaf.day) == cell.month,
            TreeCellWrong()
        );
        Sum memory top = topSumOf(leafSum(leaf), path.leafIndex, cell.actions, path.leafSiblings);
        Sum memory expected = Sum(cell.root, cell.actions, cell.reward, cell.metrics);
        require(keccak256(abi.encode(top)) == keccak256(abi.encode(expected)), TreeCellWrong());
        top = topSumOf(cellSum(cell), path.cellIndex, path.cellCount, path.cellSiblings);
        return sumRoot(path.cellCount, top.hash);
    }

    /// @dev Month (yyyymm) of a day counted from 1970-01-01, in the Gregorian calendar. Years are
    /// counted from March, so that the leap day comes last; eras are 400 years.
    // Rounding down is what a calendar does.
    // slither-disable-next-line divide-before-multiply
    function monthOf(uint256 day) internal pure returns (uint32) {
        uint256 shifted = day + 719_468;
        uint256 dayOfEra = shifted % 146_097;
        uint256 yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        uint256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        uint256 fromMarch = (5 * dayOfYear + 2) / 153;
        uint256 month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
        uint256 year = yearOfEra + 400 * (shifted / 146_097) + (month <= 2 ? 1 : 0);
        // A uint32 of days ends before the year 12,000,000.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint32(100 * year + month);
    }

    /// @dev Place of a node's sibling: even and odd pair.
    function _sibling(uint256 position) private pure returns (uint256) {
        return position % 2 == 0 ? position + 1 : position - 1;
    }

    function _join(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encode(NODE, left, right));
    }
}
