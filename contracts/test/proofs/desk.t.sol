// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {PaymentDesk} from "../../src/PaymentDesk.sol";
import {IPayees} from "../../src/interfaces/IPayees.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {vm} from "../base/Vm.sol";
import {Proof, svm} from "./Proof.sol";

/// @dev Each order, refund and return once; from any state of the desk, with any signatures (who
/// signed is any function of digest and signature). This contract is Programmes, which refuses or
/// not, and the register of payees, which says anything.
contract DeskProofs is Proof {
    PaymentDesk private desk;

    IPayees.State private payeeState;
    bool private refuses;
    uint256 private moves;
    uint256 private moved;

    function setUp() public {
        desk = new PaymentDesk(
            address(this), IProgrammes(address(this)), IPayees(address(this)), "genesis"
        );
        _anyState(address(desk));
        payeeState = IPayees.State(svm.createUint256("payee state") % 4);
        refuses = svm.createBool("refuses");
    }

    /// @dev Stands for Programmes.
    function pay(bytes32, address, address, uint128 amount) external {
        _move(amount);
    }

    /// @dev Stands for Programmes.
    function refund(bytes32, address, address, uint128 amount) external {
        _move(amount);
    }

    /// @dev Stands for Programmes.
    function giveBack(bytes32, address, uint128 amount) external {
        _move(amount);
    }

    /// @dev Stands for the register of payees.
    function stateOf(address) external view returns (IPayees.State) {
        return payeeState;
    }

    function check_anOrderExecutesOnce(
        IPaymentDesk.Order memory order,
        bytes32[2] memory payer,
        bytes32[2] memory acceptor
    ) public {
        bytes32 id = desk.hashOrder(order);
        bool before = desk.isExecuted(id);
        _settle(order, payer, acceptor);
        _checkOnce(id, before, order.amount);
    }

    /// @dev The same order twice in one list.
    function check_anOrderTwiceInAListExecutesOnce(
        IPaymentDesk.Order memory order,
        bytes32[2] memory payer,
        bytes32[2] memory acceptor
    ) public {
        IPaymentDesk.Order[] memory orders = new IPaymentDesk.Order[](2);
        (orders[0], orders[1]) = (order, order);
        bytes[] memory payers = new bytes[](2);
        (payers[0], payers[1]) = (_signature(payer), _signature(payer));
        bytes[] memory acceptors = new bytes[](2);
        (acceptors[0], acceptors[1]) = (_signature(acceptor), _signature(acceptor));
        desk.settle(orders, payers, acceptors);
        vm.assertLe(moves, 1, "paid twice");
    }

    function check_aRefundExecutesOnceAndWithinItsOrder(
        IPaymentDesk.Refund memory back,
        IPaymentDesk.Order memory order,
        bytes32[2] memory payee,
        bytes32[2] memory acceptor
    ) public {
        bytes32 id = desk.hashRefund(back);
        bytes32 orderId = desk.hashOrder(order);
        bool before = desk.isExecuted(id);
        uint256 refunded = desk.refundedOf(orderId);
        vm.assume(refunded <= order.amount);
        _settleRefund(back, order, payee, acceptor);
        _checkOnce(id, before, back.amount);
        vm.assertEq(desk.refundedOf(orderId), refunded + moved, "refunded");
        vm.assertLe(desk.refundedOf(orderId), order.amount, "refunded too much");
        if (moves == 1) vm.assertTrue(desk.isExecuted(orderId), "of an order not executed");
    }

    function check_aReturnExecutesOnce(
        IPaymentDesk.GiveBack memory back,
        bytes32[2] memory holder,
        bytes32[2] memory acceptor
    ) public {
        bytes32 id = desk.hashGiveBack(back);
        bool before = desk.isExecuted(id);
        _settleGiveBack(back, holder, acceptor);
        _checkOnce(id, before, back.amount);
    }

    /// @dev What executed stays executed, whatever is settled, refunded or given back afterwards.
    function check_whatExecutedStaysSo(
        bytes32 executed,
        IPaymentDesk.Order memory order,
        IPaymentDesk.Refund memory back,
        IPaymentDesk.GiveBack memory returned,
        bytes32[2] memory owner,
        bytes32[2] memory acceptor
    ) public {
        vm.assume(desk.isExecuted(executed));
        if (svm.createBool("settles")) _settle(order, owner, acceptor);
        else if (svm.createBool("refunds")) _settleRefund(back, order, owner, acceptor);
        else _settleGiveBack(returned, owner, acceptor);
        vm.assertTrue(desk.isExecuted(executed), "forgotten");
    }

    function _move(uint128 amount) private {
        require(!refuses, "refused");
        ++moves;
        moved += amount;
    }

    function _checkOnce(bytes32 id, bool before, uint256 amount) private view {
        vm.assertLe(moves, 1, "moved twice");
        if (before) vm.assertEq(moves, 0, "moved again");
        vm.assertTrue(desk.isExecuted(id) == (before || moves == 1), "not marked as it is");
        vm.assertEq(moved, moves * amount, "moved another amount");
    }

    function _settle(
        IPaymentDesk.Order memory order,
        bytes32[2] memory payer,
        bytes32[2] memory acceptor
    ) private {
        IPaymentDesk.Order[] memory orders = new IPaymentDesk.Order[](1);
        orders[0] = order;
        desk.settle(orders, _list(payer), _list(acceptor));
    }

    function _settleRefund(
        IPaymentDesk.Refund memory back,
        IPaymentDesk.Order memory order,
        bytes32[2] memory payee,
        bytes32[2] memory acceptor
    ) private {
        IPaymentDesk.Refund[] memory refunds = new IPaymentDesk.Refund[](1);
        IPaymentDesk.Order[] memory orders = new IPaymentDesk.Order[](1);
        (refunds[0], orders[0]) = (back, order);
        desk.settleRefunds(refunds, orders, _list(payee), _list(acceptor));
    }

    function _settleGiveBack(
        IPaymentDesk.GiveBack memory back,
        bytes32[2] memory holder,
        bytes32[2] memory acceptor
    ) private {
        IPaymentDesk.GiveBack[] memory giveBacks = new IPaymentDesk.GiveBack[](1);
        giveBacks[0] = back;
        desk.settleGiveBacks(giveBacks, _list(holder), _list(acceptor));
    }

    function _list(bytes32[2] memory words) private pure returns (bytes[] memory list) {
        list = new bytes[](1);
        list[0] = _signature(words);
    }

    function _signature(bytes32[2] memory words) private pure returns (bytes memory) {
        return abi.encodePacked(words[0], words[1], uint8(27));
    }
}
