// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ActionRegistry} from "../../src/ActionRegistry.sol";
import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {vm} from "../base/Vm.sol";
import {Proof, svm} from "./Proof.sol";

/// @dev Each batch once, in its place; from any state of a registry that has begun. This contract
/// is its Programmes too, which mints any sum.
abstract contract BatchesOnce is Proof {
    ActionRegistry internal registry;

    uint256 private minted;
    uint256 private mints;

    function _anyRegistry(IActionRegistry before) internal {
        registry =
            new ActionRegistry(address(this), IProgrammes(address(this)), 1_000_000_00, before);
        // After slot 0's authority and flag: it has begun, since it was made or took over.
        _anyState(address(registry), 1 << 168);
        minted = svm.createUint256("minted");
        vm.assume(minted <= type(uint128).max);
    }

    /// @dev Stands for Programmes.
    function mint(bytes32, bytes32[] calldata) external returns (uint256) {
        ++mints;
        return minted;
    }

    function check_aUsedBatchNeverAgain(
        bytes32 id,
        uint256 expected,
        bytes32 programmeId,
        bytes32 root,
        uint32 count,
        bytes32 credit
    ) public {
        vm.assume(registry.batchRoot(id) != 0 || registry.isCancelled(id));
        (bool success,) = address(registry)
            .call(
                abi.encodeCall(
                    registry.commitBatch, (id, expected, programmeId, root, count, _one(credit))
                )
            );
        vm.assertFalse(success, "committed again");
        (success,) = address(registry).call(abi.encodeCall(registry.cancelBatch, (id)));
        vm.assertFalse(success, "cancelled again");
        vm.assertEq(mints, 0, "minted");
    }

    function check_aBatchIsMarkedAndMintsOnce(
        bytes32 id,
        uint256 expected,
        bytes32 programmeId,
        bytes32 root,
        uint32 count,
        bytes32 credit
    ) public {
        uint256 batches = registry.batchCount();
        vm.assume(batches < type(uint256).max);
        registry.commitBatch(id, expected, programmeId, root, count, _one(credit));
        vm.assertEq(mints, 1, "mints");
        vm.assertTrue(root != 0, "no root");
        vm.assertEq(registry.batchRoot(id), root, "root");
        vm.assertEq(expected, batches, "out of its place");
        vm.assertEq(registry.batchCount(), batches + 1, "count");
        uint256 today = block.timestamp / 1 days;
        vm.assertLe(
            registry.mintedOn(programmeId, today), registry.dailyCeiling(programmeId), "ceiling"
        );
    }

    function check_aCancelledBatchIsMarked(bytes32 id) public {
        registry.cancelBatch(id);
        vm.assertTrue(registry.isCancelled(id), "not marked");
        vm.assertEq(registry.batchRoot(id), bytes32(0), "committed before");
        vm.assertEq(mints, 0, "minted");
    }

    /// @dev No other batch, cancellation or ceiling takes a mark away. Cells touch none of it.
    function check_aMarkStays(
        bytes32 marked,
        bytes32 id,
        uint256 expected,
        bytes32 programmeId,
        bytes32 root,
        uint32 count,
        bytes32 credit
    ) public {
        (bytes32 before, bool cancelled) =
            (registry.batchRoot(marked), registry.isCancelled(marked));
        vm.assume(before != 0 || cancelled);
        if (svm.createBool("commits")) {
            registry.commitBatch(id, expected, programmeId, root, count, _one(credit));
        } else if (svm.createBool("cancels")) {
            registry.cancelBatch(id);
        } else {
            registry.setDailyCeiling(programmeId, count);
        }
        vm.assertEq(registry.batchRoot(marked), before, "root");
        vm.assertTrue(registry.isCancelled(marked) == cancelled, "cancelled");
    }

    function _one(bytes32 credit) private pure returns (bytes32[] memory list) {
        list = new bytes32[](1);
        list[0] = credit;
    }
}

/// @dev What a registry before answers: anything, and always the same, since it has ended.
contract Ended {
    mapping(bytes32 batchId => bytes32) public batchRoot;
    mapping(bytes32 batchId => bool) public isCancelled;
    mapping(bytes32 programmeId => mapping(uint256 day => uint256)) public mintedOn;
    mapping(bytes32 programmeId => uint128) public dailyCeiling;
    mapping(bytes32 programmeId => IActionRegistry.Totals) private _totals;

    function totals(bytes32 programmeId) external view returns (IActionRegistry.Totals memory) {
        return _totals[programmeId];
    }
}

contract RegistryProofs is BatchesOnce {
    function setUp() public {
        _anyRegistry(IActionRegistry(address(0)));
    }
}

/// @dev The same of one that goes on with another's books, over both.
contract SuccessorProofs is BatchesOnce {
    function setUp() public {
        address before = address(new Ended());
        svm.enableSymbolicStorage(before);
        _anyRegistry(IActionRegistry(before));
    }
}
