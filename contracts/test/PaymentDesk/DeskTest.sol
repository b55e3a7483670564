// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

/// @dev The citizen has 100.00; helpers say what the desk is expected to answer.
abstract contract DeskTest is CivisTest {
    uint96 internal constant HELD = 100_00;

    function setUp() public virtual override {
        super.setUp();
        _credit(citizen, HELD);
    }

    function _expectSkip(bytes32 id, bytes memory reason) internal {
        vm.expectEmit(address(desk));
        emit IPaymentDesk.OrderSkipped(id, reason);
    }

    function _expectSkip(bytes32 id, bytes4 selector) internal {
        _expectSkip(id, _encoded(selector, id));
    }

    /// @dev Settles the order with right signatures and expects it to be skipped for `reason`.
    function _skips(IPaymentDesk.Order memory order, bytes memory reason) internal {
        bytes32 id = desk.hashOrder(order);
        bytes memory payer = _sign(CITIZEN_KEY, id);
        bytes memory acceptor = _accept(id);
        _expectSkip(id, reason);
        _settle(order, payer, acceptor);
        vm.assertFalse(desk.isExecuted(id), "a skipped order counts as executed");
    }

    function _executes(IPaymentDesk.Order memory order, uint256 payerKey) internal {
        bytes32 id = desk.hashOrder(order);
        _settle(order, _sign(payerKey, id), _accept(id));
        vm.assertTrue(desk.isExecuted(id), "the order was not executed");
    }

    function _setAcceptor(IPaymentDesk.AcceptorState state) internal {
        vm.prank(address(timelock));
        desk.setAcceptor(vm.addr(ACCEPTOR_KEY), state);
    }

    function _ids(bytes32 id) internal pure returns (bytes32[] memory ids) {
        ids = new bytes32[](1);
        ids[0] = id;
    }

    /// @dev The baker gives back; the acceptor countersigns.
    function _refund(IPaymentDesk.Order memory order, uint128 amount, bytes32 nonce)
        internal
        returns (bytes32 id)
    {
        IPaymentDesk.Refund memory refund =
            IPaymentDesk.Refund(desk.hashOrder(order), baker, amount, nonce);
        id = desk.hashRefund(refund);
        _settleRefund(refund, order, _sign(BAKER_KEY, id), _accept(id));
    }

    function _settleRefund(
        IPaymentDesk.Refund memory refund,
        IPaymentDesk.Order memory order,
        bytes memory payee,
        bytes memory acceptor
    ) internal {
        IPaymentDesk.Refund[] memory refunds = new IPaymentDesk.Refund[](1);
        IPaymentDesk.Order[] memory orders = new IPaymentDesk.Order[](1);
        bytes[] memory payees_ = new bytes[](1);
        bytes[] memory acceptors = new bytes[](1);
        (refunds[0], orders[0]) = (refund, order);
        (payees_[0], acceptors[0]) = (payee, acceptor);
        vm.prank(SETTLER);
        desk.settleRefunds(refunds, orders, payees_, acceptors);
    }

    function _settleGiveBack(
        IPaymentDesk.GiveBack memory giveBack,
        bytes memory holder,
        bytes memory acceptor
    ) internal {
        IPaymentDesk.GiveBack[] memory giveBacks = new IPaymentDesk.GiveBack[](1);
        bytes[] memory holders = new bytes[](1);
        bytes[] memory acceptors = new bytes[](1);
        (giveBacks[0], holders[0], acceptors[0]) = (giveBack, holder, acceptor);
        vm.prank(SETTLER);
        desk.settleGiveBacks(giveBacks, holders, acceptors);
    }
}
