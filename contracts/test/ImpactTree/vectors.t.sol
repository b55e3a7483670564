// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {ImpactTree} from "../../src/libraries/ImpactTree.sol";
import {vm} from "../base/Vm.sol";

/// @dev Known answers that Python and the browser are held to as well.
contract VectorsTest {
    string private constant SUM =
        "JsonSum(bytes32 hash,uint128 actions,uint128 reward_cents,uint128[6] metrics)";
    string private constant CELL =
        "JsonCell(uint32 action_type,uint16 action_type_version,uint8 proof_level,uint32 month,bool correction,uint64 actions,uint128 reward_cents,uint128[6] metrics,bytes32 root)";
    string private constant PATH =
        "JsonPath(JsonCell cell,uint256 leaf_index,JsonSum[] leaf_siblings,uint256 cell_index,uint256 cell_count,JsonSum[] cell_siblings)";
    string private constant LEAF =
        "JsonLeaf(bytes32 salt,address account,uint32 action_type,uint16 action_type_version,uint8 proof_level,uint32 day,uint64[6] metrics,uint64 reward_cents,bytes32 attestation_digest)";

    struct Batch {
        uint256 count;
        bytes32 root;
        bytes32[][] paths;
    }

    struct Refused {
        string kind;
        string name;
        string code;
    }

    string private json;
    ImpactTree.Leaf[] private leaves;

    function setUp() public {
        json = vm.readFile("test/vectors/trees.json");
        bytes memory raw = vm.parseJsonTypeArray(json, ".leaves", LEAF);
        ImpactTree.Leaf[] memory all = abi.decode(raw, (ImpactTree.Leaf[]));
        for (uint256 i = 0; i < all.length; ++i) {
            leaves.push(all[i]);
        }
        vm.assertTrue(leaves.length > 10, "too few leaves to mean anything");
    }

    function test_leaves() public view {
        bytes memory raw = vm.parseJsonTypeArray(json, ".leaves", "JsonHash(bytes32 hash)");
        bytes32[] memory hashes = abi.decode(raw, (bytes32[]));
        for (uint256 i = 0; i < leaves.length; ++i) {
            vm.assertEq(ImpactTree.leafHash(leaves[i]), hashes[i], vm.toString(i));
        }
    }

    function test_batchPaths() public view {
        bytes memory raw = vm.parseJsonTypeArray(
            json, ".batches", "JsonBatch(uint256 count,bytes32 root,bytes32[][] paths)"
        );
        Batch[] memory batches = abi.decode(raw, (Batch[]));
        vm.assertTrue(batches.length > 4, "too few batches");
        for (uint256 n = 0; n < batches.length; ++n) {
            Batch memory batch = batches[n];
            for (uint256 i = 0; i < batch.count; ++i) {
                bytes32 leaf = ImpactTree.leafHash(leaves[i]);
                bytes32 root = ImpactTree.batchRootOf(leaf, i, batch.count, batch.paths[i]);
                vm.assertEq(root, batch.root, "root");
            }
        }
    }

    function test_sumRoots() public view {
        bytes32[] memory roots = _sumRoots();
        vm.assertTrue(roots.length > 4, "too few periods");
        for (uint256 n = 0; n < roots.length; ++n) {
            string memory key = string.concat(".sums[", vm.toString(n), "].cells");
            bytes memory raw = vm.parseJsonTypeArray(json, key, CELL);
            IActionRegistry.Cell[] memory cells = abi.decode(raw, (IActionRegistry.Cell[]));
            vm.assertEq(ImpactTree.sumRoot(cells), roots[n], key);
        }
    }

    function test_sumPaths() public view {
        bytes32[] memory roots = _sumRoots();
        for (uint256 n = 0; n < roots.length; ++n) {
            _assertPaths(n, ".paths", roots[n]);
            _assertPaths(n, ".correction_paths", roots[n]);
        }
    }

    function test_refused() public {
        bytes memory raw = vm.parseJsonTypeArray(
            json, ".refused", "JsonRefused(string kind,string name,string code)"
        );
        Refused[] memory refused = abi.decode(raw, (Refused[]));
        vm.assertTrue(refused.length > 10, "too few refusals");
        for (uint256 i = 0; i < refused.length; ++i) {
            bool isBatch = keccak256(bytes(refused[i].kind)) == keccak256("batch");
            bytes memory call =
                isBatch ? abi.encodeCall(this.checkBatch, (i)) : abi.encodeCall(this.checkSum, (i));
            (bool accepted, bytes memory answer) = address(this).call(call);
            vm.assertFalse(accepted, refused[i].name);
            _assertReason(bytes4(answer), refused[i]);
        }
    }

    /// @dev Reverts unless refused path number `i` leads where it says.
    function checkBatch(uint256 i) external view {
        string memory item = string.concat(".refused[", vm.toString(i), "]");
        uint256 leaf = vm.parseJsonUint(json, string.concat(item, ".leaf"));
        bytes32[] memory path = vm.parseJsonBytes32Array(json, string.concat(item, ".path"));
        bytes32 root = ImpactTree.batchRootOf(
            ImpactTree.leafHash(leaves[leaf]),
            vm.parseJsonUint(json, string.concat(item, ".index")),
            vm.parseJsonUint(json, string.concat(item, ".count")),
            path
        );
        require(root == vm.parseJsonBytes32(json, string.concat(item, ".root")), "wrong root");
    }

    /// @dev Reverts unless refused path number `i` leads where it says.
    function checkSum(uint256 i) external view {
        string memory item = string.concat(".refused[", vm.toString(i), "]");
        uint256 leaf = vm.parseJsonUint(json, string.concat(item, ".leaf"));
        bytes memory raw =
            vm.parseJsonType(json, string.concat(item, ".path"), string.concat(PATH, CELL, SUM));
        ImpactTree.SumPath memory path = abi.decode(raw, (ImpactTree.SumPath));
        bytes32 root = ImpactTree.sumRootOf(leaves[leaf], path);
        require(root == vm.parseJsonBytes32(json, string.concat(item, ".root")), "wrong root");
    }

    /// @dev Python's codes in this library's errors. Out of range is a number that doesn't fit its
    /// type (a cheatcode's error) or a sum that doesn't (a panic).
    function _assertReason(bytes4 reason, Refused memory refused) private pure {
        bytes32 code = keccak256(bytes(refused.code));
        bytes4 expected = bytes4(keccak256("Error(string)"));
        if (code == keccak256("wrong_depth")) expected = ImpactTree.TreePathWrong.selector;
        if (code == keccak256("wrong_sums")) expected = ImpactTree.TreeCellWrong.selector;
        if (code == keccak256("out_of_range")) expected = bytes4(keccak256("Panic(uint256)"));
        bool tooLarge = code == keccak256("out_of_range")
            && reason == bytes4(keccak256("CheatcodeError(string)"));
        // A cell's root that isn't reached is an error of the cell here.
        bool cellRoot =
            code == keccak256("wrong_root") && reason == ImpactTree.TreeCellWrong.selector;
        vm.assertTrue(
            reason == expected || tooLarge || cellRoot, string.concat(refused.name, ": reason")
        );
    }

    function _sumRoots() private view returns (bytes32[] memory) {
        bytes memory raw = vm.parseJsonTypeArray(json, ".sums", "JsonRoot(bytes32 root)");
        return abi.decode(raw, (bytes32[]));
    }

    function _assertPaths(uint256 n, string memory which, bytes32 root) private view {
        string memory key = string.concat(".sums[", vm.toString(n), "]", which);
        bytes memory raw = vm.parseJsonTypeArray(json, key, string.concat(PATH, CELL, SUM));
        ImpactTree.SumPath[] memory paths = abi.decode(raw, (ImpactTree.SumPath[]));
        vm.assertTrue(paths.length != 0, key);
        for (uint256 i = 0; i < paths.length; ++i) {
            vm.assertEq(ImpactTree.sumRootOf(leaves[i], paths[i]), root, key);
        }
    }
}
