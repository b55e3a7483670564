// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IRecovery} from "../../src/interfaces/IRecovery.sol";
import {vm} from "../base/Vm.sol";
import {GasTest} from "./GasTest.sol";

contract RecoveryGas is GasTest {
    function test_recoveriesCost() public {
        address to = vm.addr(3);
        bytes memory data = abi.encodeCall(recovery.propose, ("case", PROGRAMME, citizen, to));
        vm.snapshotValue("recovery", "propose", _gasOf(OFFICER, address(recovery), data));
        data = abi.encodeCall(recovery.confirm, ("case"));
        vm.snapshotValue("recovery", "confirm", _gasOf(OFFICER_2, address(recovery), data));
        vm.warp(block.timestamp + 72 hours);
        bytes32 id = recovery.hashRelease("case", 5_00);
        bytes memory accepted = _sign(ACCEPTOR_KEY, recovery.hashAcceptance(id));
        data = abi.encodeCall(recovery.execute, ("case", 5_00, accepted));
        vm.snapshotValue("recovery", "execute", _gasOf(SETTLER, address(recovery), data));
        IRecovery.Forward memory later = IRecovery.Forward(PROGRAMME, citizen, 5_00, "n");
        accepted = _sign(ACCEPTOR_KEY, recovery.hashAcceptance(recovery.hashForward(later)));
        data = abi.encodeCall(recovery.forward, (later, accepted));
        vm.snapshotValue("recovery", "forward", _gasOf(SETTLER, address(recovery), data));
        vm.assertEq(token.balanceOf(to), HELD, "the new account's");
    }
}
