// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {PaymentDesk} from "../../src/PaymentDesk.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {vm} from "../base/Vm.sol";
import {ReplacementTest} from "./ReplacementTest.sol";

/// @dev Two desks beside each other: what was accepted for one is executed by that one alone.
contract DeskReplacementTest is ReplacementTest {
    uint8 private constant PAYS = 1 << 1;
    PaymentDesk private old;
    PaymentDesk private next;
    IPaymentDesk.Order private accepted;
    bytes32 private id;
    bytes private byPayer;
    bytes private byAcceptor;

    /// @dev The citizen's order of 10.00 is accepted, and not executed yet.
    function setUp() public override {
        super.setUp();
        _credit(citizen, 100_00);
        old = desk;
        next = new PaymentDesk(address(manager), programmes, payees, GENESIS);
        accepted = _order(10_00, "accepted before");
        id = desk.hashOrder(accepted);
        (byPayer, byAcceptor) = (_sign(CITIZEN_KEY, id), _accept(id));
    }

    function test_acceptedOrdersSettleOnTheOldOne() public {
        _replace();
        _settle(accepted, byPayer, byAcceptor);
        vm.assertEq(token.balanceOf(baker), 0, "executed by another desk");
        vm.assertFalse(next.isExecuted(id), "executed by another desk");
        desk = old;
        _settle(accepted, byPayer, byAcceptor);
        vm.assertTrue(old.isExecuted(id), "not executed");
        vm.assertEq(token.balanceOf(baker), 10_00, "the baker's");
        desk = next;
        _settle(accepted, byPayer, byAcceptor);
        vm.assertEq(token.balanceOf(baker), 10_00, "executed twice");
    }

    function test_newOrdersSettleOnTheNewOne() public {
        _replace();
        IPaymentDesk.Order memory order = _pay(3_00);
        vm.assertTrue(next.isExecuted(next.hashOrder(order)), "not executed");
        vm.assertEq(token.balanceOf(baker), 3_00, "the baker's");
        _assertSolvent(PROGRAMME);
    }

    function test_refundsGoWhereTheOrderWas() public {
        _settle(accepted, byPayer, byAcceptor);
        _replace();
        _refund(next);
        vm.assertEq(token.balanceOf(baker), 10_00, "given back by another desk");
        _refund(old);
        vm.assertEq(token.balanceOf(baker), 6_00, "not given back");
        vm.assertEq(old.refundedOf(id), 4_00, "refunded");
    }

    function test_theOldOneEndsByTheTimelock() public {
        _replace();
        _moves(address(old), 0);
        _decideAll();
        desk = old;
        bytes memory reason = abi.encodeWithSelector(
            IProgrammes.MoverUnauthorized.selector, address(old), IProgrammes.MoverKind.Pay
        );
        vm.expectEmit(address(old));
        emit IPaymentDesk.OrderSkipped(id, reason);
        _settle(accepted, byPayer, byAcceptor);
    }

    function test_withoutTheRightNoDeskPays() public {
        _thenWire("PaymentDesk", address(next));
        _then(address(next), _acceptor());
        _decideAll();
        desk = next;
        IPaymentDesk.Order memory order = _pay(3_00);
        vm.assertFalse(next.isExecuted(next.hashOrder(order)), "executed");
        vm.assertEq(token.balanceOf(baker), 0, "the baker's");
    }

    function _replace() private {
        _thenWire("PaymentDesk", address(next));
        _then(address(next), _acceptor());
        _moves(address(next), PAYS);
        _decideAll();
        desk = next;
    }

    function _acceptor() private view returns (bytes memory) {
        return abi.encodeCall(
            next.setAcceptor, (vm.addr(ACCEPTOR_KEY), IPaymentDesk.AcceptorState.Active)
        );
    }

    /// @dev Signed for that desk by all who must.
    function _refund(PaymentDesk at) private {
        desk = at;
        IPaymentDesk.Refund[] memory refunds = new IPaymentDesk.Refund[](1);
        IPaymentDesk.Order[] memory orders = new IPaymentDesk.Order[](1);
        bytes[] memory byPayee = new bytes[](1);
        bytes[] memory acceptors = new bytes[](1);
        refunds[0] = IPaymentDesk.Refund(id, baker, 4_00, "refund");
        orders[0] = accepted;
        bytes32 refundId = at.hashRefund(refunds[0]);
        (byPayee[0], acceptors[0]) = (_sign(BAKER_KEY, refundId), _accept(refundId));
        vm.prank(SETTLER);
        at.settleRefunds(refunds, orders, byPayee, acceptors);
    }
}
