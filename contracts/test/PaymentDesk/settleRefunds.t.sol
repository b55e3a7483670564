// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IImpactToken} from "../../src/interfaces/IImpactToken.sol";
import {IPausing} from "../../src/interfaces/IPausing.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {vm} from "../base/Vm.sol";
import {DeskTest} from "./DeskTest.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

contract SettleRefundsTest is DeskTest {
    function test_revertsWhilePausedOrUneven() public {
        IPaymentDesk.Refund[] memory refunds = new IPaymentDesk.Refund[](1);
        IPaymentDesk.Order[] memory orders = new IPaymentDesk.Order[](1);
        bytes[] memory one = new bytes[](1);
        bytes memory refusal = abi.encodeWithSelector(IPaymentDesk.ListLengthsDiffer.selector);
        vm.startPrank(SETTLER);
        vm.expectRevert(refusal);
        desk.settleRefunds(refunds, new IPaymentDesk.Order[](0), one, one);
        vm.expectRevert(refusal);
        desk.settleRefunds(refunds, orders, new bytes[](0), one);
        vm.expectRevert(refusal);
        desk.settleRefunds(refunds, orders, one, new bytes[](2));
        vm.stopPrank();
        vm.prank(PAUSER);
        desk.pause(2);
        vm.prank(SETTLER);
        vm.expectPartialRevert(IPausing.PauseInForce.selector);
        desk.settleRefunds(refunds, orders, one, one);
    }

    function test_comesAfterItsOrder() public {
        _pay(10);
        IPaymentDesk.Order memory order = _order(5, "payment");
        bytes32 orderId = desk.hashOrder(order);
        vm.assertFalse(desk.isExecuted(_refund(order, 5, "first")), "refunded before it was paid");
        vm.assertEq(desk.refundedOf(orderId), 0, "refunded");
        _executes(order, CITIZEN_KEY);
        vm.assertTrue(desk.isExecuted(_refund(order, 5, "first")), "not refunded afterwards");
    }

    function test_skipsAMismatch() public {
        IPaymentDesk.Order memory paid = _pay(10);
        IPaymentDesk.Order memory larger = _order(90, paid.paymentId);
        IPaymentDesk.Refund memory refund =
            IPaymentDesk.Refund(desk.hashOrder(paid), baker, 10, "nonce");
        _skipsRefund(refund, larger, BAKER_KEY, IPaymentDesk.RefundMismatch.selector);
        refund.payee = citizen;
        _skipsRefund(refund, paid, CITIZEN_KEY, IPaymentDesk.RefundMismatch.selector);
        (refund.payee, refund.amount) = (baker, 0);
        _skipsRefund(refund, paid, BAKER_KEY, IPaymentDesk.OrderAmountZero.selector);
    }

    function testFuzz_isBoundedByTheOrder(uint128 first, uint128 second) public {
        _pay(40_00);
        IPaymentDesk.Order memory order = _pay(10_00);
        first = 1 + first % 10_00;
        second = 10_00 - first + 1 + second % 10_00;
        _refund(order, first, "first");
        vm.assertFalse(desk.isExecuted(_refund(order, second, "second")), "too much");
        vm.assertEq(desk.refundedOf(desk.hashOrder(order)), first, "refunded");
        vm.assertEq(token.balanceOf(baker), 50_00 - first, "the baker's");
    }

    function test_needsBothSignatures() public {
        IPaymentDesk.Order memory order = _pay(10);
        IPaymentDesk.Refund memory refund =
            IPaymentDesk.Refund(desk.hashOrder(order), baker, 10, "nonce");
        bytes32 id = desk.hashRefund(refund);
        bytes memory accepted = _accept(id);
        bytes memory alone = _sign(BAKER_KEY, desk.hashAcceptance(id));
        _expectSkip(id, abi.encodeWithSelector(IPaymentDesk.AcceptanceWrong.selector, id, baker));
        _settleRefund(refund, order, _sign(BAKER_KEY, id), alone);
        _expectSkip(id, IPaymentDesk.OwnerSignatureWrong.selector);
        _settleRefund(refund, order, _sign(CITIZEN_KEY, id), accepted);
        vm.assertEq(token.balanceOf(baker), 10, "the baker's");
    }

    function test_skipsWithoutBalance() public {
        IPaymentDesk.Order memory order = _pay(20);
        _refund(order, 9, "before");
        _payOut(baker, 5);
        IPaymentDesk.Refund memory refund =
            IPaymentDesk.Refund(desk.hashOrder(order), baker, 7, "nonce");
        bytes32 id = desk.hashRefund(refund);
        bytes memory accepted = _accept(id);
        _expectSkip(
            id, abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, baker, 6, 7)
        );
        _settleRefund(refund, order, _sign(BAKER_KEY, id), accepted);
        vm.assertFalse(desk.isExecuted(id), "executed");
        vm.assertEq(desk.refundedOf(refund.orderId), 9, "refunded");
    }

    function test_executesOnce() public {
        _pay(10);
        IPaymentDesk.Order memory order = _pay(10);
        bytes32 id = _refund(order, 5, "nonce");
        vm.recordLogs();
        _refund(order, 5, "nonce");
        bytes32[] memory topics = vm.getRecordedLogs()[0].topics;
        vm.assertEq(topics[0], IPaymentDesk.OrderAlreadyExecuted.selector, "event");
        vm.assertEq(topics[1], id, "id");
        vm.assertEq(token.balanceOf(baker), 15, "refunded twice");
    }

    function testFuzz_movesBack(uint128 amount) public {
        IPaymentDesk.Order memory order = _pay(10_00);
        amount = 1 + amount % 10_00;
        IPaymentDesk.Refund memory back =
            IPaymentDesk.Refund(desk.hashOrder(order), baker, amount, "nonce");
        bytes32 id = desk.hashRefund(back);
        bytes memory accepted = _accept(id);
        vm.expectEmit(address(desk));
        emit IPaymentDesk.RefundExecuted(id, back.orderId, PROGRAMME, baker, citizen, amount);
        _settleRefund(back, order, _sign(BAKER_KEY, id), accepted);
        vm.assertEq(token.balanceOf(citizen), HELD - 10_00 + amount, "the citizen's");
        vm.assertEq(desk.refundedOf(back.orderId), amount, "refunded");
        _assertSolvent(PROGRAMME);
    }

    function test_refundsAPayee() public {
        _pay(50);
        _enrol(STRANGER);
        vm.prank(OFFICER);
        programmes.setPayeesPayPayees(PROGRAMME, true);
        IPaymentDesk.Order memory order = _order(20, "onward");
        (order.payer, order.payee) = (baker, STRANGER);
        _executes(order, BAKER_KEY);
        IPaymentDesk.Refund memory back =
            IPaymentDesk.Refund(desk.hashOrder(order), STRANGER, 20, "nonce");
        bytes32 id = desk.hashRefund(back);
        _settleRefund(back, order, _sign(uint256(keccak256("stranger")), id), _accept(id));
        vm.assertEq(token.sideOf(baker, IImpactToken.Side.Taken), 50, "taken");
        vm.assertEq(token.sideOf(baker, IImpactToken.Side.Held), 0, "held");
    }

    function _skipsRefund(
        IPaymentDesk.Refund memory back,
        IPaymentDesk.Order memory order,
        uint256 key,
        bytes4 selector
    ) private {
        bytes32 id = desk.hashRefund(back);
        bytes memory accepted = _accept(id);
        _expectSkip(id, selector);
        _settleRefund(back, order, _sign(key, id), accepted);
    }
}
