// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {ImpactTree} from "../../src/libraries/ImpactTree.sol";
import {vm} from "../base/Vm.sol";
import {GasTest} from "./GasTest.sol";

/// @dev What settles and what publishes, as large as it is sent.
contract OthersGas is GasTest {
    uint256 private constant ORDERS = 100;
    uint256 private constant CELLS = 300;
    uint32 private constant ACTIONS = 1234;
    uint96 private constant REWARD = 29_99;

    function test_ordersFit() public {
        IPaymentDesk.Order[] memory orders = new IPaymentDesk.Order[](ORDERS);
        bytes[] memory payers = new bytes[](ORDERS);
        bytes[] memory acceptors = new bytes[](ORDERS);
        for (uint256 i = 0; i < ORDERS; ++i) {
            orders[i] = _order(37, keccak256(abi.encode(i)));
            bytes32 id = desk.hashOrder(orders[i]);
            (payers[i], acceptors[i]) = (_sign(CITIZEN_KEY, id), _accept(id));
        }
        bytes memory data = abi.encodeCall(desk.settle, (orders, payers, acceptors));
        uint256 gas = _gasOf(SETTLER, address(desk), data);
        vm.assertEq(token.balanceOf(baker), 37 * ORDERS, "settled");
        vm.snapshotValue("others", "orders of a transaction", ORDERS);
        vm.snapshotValue("others", "gas per order", gas / ORDERS);
        vm.assertLe(gas, LIMIT, "more than a transaction may use");
    }

    function test_cellsFit() public {
        IActionRegistry.Cell[] memory cells = new IActionRegistry.Cell[](CELLS);
        for (uint256 i = 0; i < CELLS; ++i) {
            cells[i].actionTypeId = uint32(i);
            (cells[i].actionTypeVersion, cells[i].proofLevel) = (1, 3);
            cells[i].month = 202701;
            (cells[i].actions, cells[i].reward) = (ACTIONS, REWARD);
            cells[i].metrics = [uint128(1e9), 1e9, 1e9, 1e9, 1e9, 1e9];
            cells[i].root = keccak256(abi.encode(i));
        }
        _mintFor(cells.length);
        bytes32 root = ImpactTree.sumRoot(cells);
        bytes memory data =
            abi.encodeCall(registry.publishCells, (PROGRAMME, 1, root, cells, 1, HELD));
        uint256 gas = _gasOf(MINTER, address(registry), data);
        vm.snapshotValue("others", "cells of a transaction", CELLS);
        vm.snapshotValue("others", "gas per cell", gas / CELLS);
        vm.assertLe(gas, LIMIT, "more than a transaction may use");
    }

    /// @dev The batch whose deeds the cells publish.
    function _mintFor(uint256 cells) private {
        bytes32[] memory credits = _one(citizen, uint96(cells) * REWARD);
        uint32 actions = uint32(cells) * ACTIONS;
        uint256 sequence = registry.batchCount();
        bytes32 id = _batchId(PROGRAMME, RULES, actions, credits);
        vm.prank(MINTER);
        registry.commitBatch(id, sequence, PROGRAMME, RULES, actions, credits);
    }
}
