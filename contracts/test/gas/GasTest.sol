// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {DeskTest} from "../PaymentDesk/DeskTest.sol";
import {vm} from "../base/Vm.sol";

/// @dev Gas of a call as a transaction of its own: with calldata and the 21,000. What a test's
/// set-up touched is cold again in the test, as in the next transaction.
abstract contract GasTest is DeskTest {
    /// @dev EIP-7825 bounds a transaction.
    uint256 internal constant LIMIT = 16_777_216;

    function _gasOf(address sender, address target, bytes memory data)
        internal
        returns (uint256 gas)
    {
        vm.prank(sender);
        uint256 before = gasleft();
        (bool success,) = target.call(data);
        gas = before - gasleft() + 21_000;
        vm.assertTrue(success, "the call reverted");
        for (uint256 i = 0; i < data.length; ++i) {
            gas += data[i] == 0 ? 4 : 16;
        }
    }
}
