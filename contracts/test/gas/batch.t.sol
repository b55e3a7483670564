// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {vm} from "../base/Vm.sol";
import {GasTest} from "./GasTest.sol";

/// @dev What a full batch costs.
abstract contract BatchGas is GasTest {
    /// @dev Measured: a bare mapping-and-event mint in a batch.
    uint256 internal constant BARE = 7658;

    function _credits(uint256 count, uint96 amount) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            // Spread like addresses, in order: 20 bytes none of which is often zero.
            uint160 account = uint160((type(uint160).max / (count + 1)) * (i + 1));
            list[i] = _pack(address(account), amount);
        }
    }

    /// @dev Gas of one commitBatch as a transaction.
    function _measure(bytes32[] memory credits) internal returns (uint256) {
        uint256 sequence = registry.batchCount();
        bytes32 root = keccak256(abi.encode("root", sequence));
        uint32 count = uint32(5 * credits.length);
        bytes32 id = _batchId(PROGRAMME, root, count, credits);
        bytes memory data =
            abi.encodeCall(registry.commitBatch, (id, sequence, PROGRAMME, root, count, credits));
        vm.prank(MINTER);
        uint256 before = gasleft();
        (bool success,) = address(registry).call(data);
        uint256 used = before - gasleft();
        vm.assertTrue(success, "the batch reverted");
        return used + 21_000 + _calldataGas(data);
    }

    function _calldataGas(bytes memory data) private pure returns (uint256 gas) {
        for (uint256 i = 0; i < data.length; ++i) {
            gas += data[i] == 0 ? 4 : 16;
        }
    }
}

contract RepeatRecipientGas is BatchGas {
    uint256 private constant COUNT = 1900;

    function setUp() public override {
        super.setUp();
        _commit(PROGRAMME, _credits(COUNT, 1_00));
    }

    function test_aFullBatchOfRepeatRecipientsIsCheap() public {
        uint256 gas = _measure(_credits(COUNT, 1_37));
        vm.snapshotValue("batch", "repeat recipients", COUNT);
        vm.snapshotValue("batch", "gas of the transaction, repeat recipients", gas);
        vm.snapshotValue("batch", "gas per repeat recipient", gas / COUNT);
        vm.assertLe(gas, LIMIT, "more than a transaction may use");
        vm.assertLe(100 * gas, 115 * BARE * COUNT, "more than 1.15 times a bare mint");
    }
}

contract NewRecipientGas is BatchGas {
    uint256 private constant COUNT = 640;

    function test_aFullBatchOfNewRecipientsFits() public {
        uint256 gas = _measure(_credits(COUNT, 1_37));
        vm.snapshotValue("batch", "new recipients", COUNT);
        vm.snapshotValue("batch", "gas of the transaction, new recipients", gas);
        vm.snapshotValue("batch", "gas per new recipient", gas / COUNT);
        vm.assertLe(gas, LIMIT, "more than a transaction may use");
    }
}
