// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {PaymentDesk} from "../../src/PaymentDesk.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {DeskTest} from "../PaymentDesk/DeskTest.sol";
import {vm} from "../base/Vm.sol";

/// @dev Both signatures are right for one desk, chain, programme and kind, and sent to another.
contract ExecutionReplayTest is DeskTest {
    /// @dev The control: what the other tests send elsewhere is right here.
    function test_everythingExecutesHere() public {
        Signed memory signed = _signAll(_pay(10));
        _send(signed);
        vm.assertEq(token.balanceOf(citizen), HELD - 10 - 7 + 3 - 2, "the citizen's");
        vm.assertEq(token.balanceOf(baker), 10 + 7 - 3, "the baker's");
    }

    function test_nothingExecutesAtAnotherDesk() public {
        Signed memory signed = _signAll(_pay(10));
        _replaceDesk();
        _assertNothingExecutes(signed);
    }

    function test_nothingExecutesOnAnotherChain() public {
        Signed memory signed = _signAll(_pay(10));
        vm.chainId(block.chainid + 1);
        _assertNothingExecutes(signed);
    }

    function test_nothingExecutesInAnotherProgramme() public {
        Signed memory signed = _signAll(_pay(10));
        _commit(OTHER, _one(citizen, 100));
        signed.order.programmeId = OTHER;
        signed.paid.programmeId = OTHER;
        signed.giveBack.programmeId = OTHER;
        _assertNothingExecutes(signed);
        vm.assertEq(_token(OTHER).balanceOf(citizen), 100, "the other programme's");
    }

    function test_nothingPassesForAnotherKind() public {
        Signed memory signed = _signAll(_pay(10));
        (signed.orderOwner, signed.giveBackOwner) = (signed.giveBackOwner, signed.orderOwner);
        (signed.orderAccepted, signed.refundAccepted) =
        (signed.refundAccepted, signed.orderAccepted);
        _assertNothingExecutes(signed);
    }

    /// @dev An order, a refund of another that was paid, and a give-back, all signed by all.
    struct Signed {
        IPaymentDesk.Order order;
        bytes orderOwner;
        bytes orderAccepted;
        IPaymentDesk.Order paid;
        IPaymentDesk.Refund refund;
        bytes refundOwner;
        bytes refundAccepted;
        IPaymentDesk.GiveBack giveBack;
        bytes giveBackOwner;
        bytes giveBackAccepted;
    }

    function _signAll(IPaymentDesk.Order memory paid) private view returns (Signed memory s) {
        s.order = _order(7, "replayed");
        bytes32 id = desk.hashOrder(s.order);
        (s.orderOwner, s.orderAccepted) = (_sign(CITIZEN_KEY, id), _accept(id));
        s.paid = paid;
        s.refund = IPaymentDesk.Refund(desk.hashOrder(paid), baker, 3, "nonce");
        id = desk.hashRefund(s.refund);
        (s.refundOwner, s.refundAccepted) = (_sign(BAKER_KEY, id), _accept(id));
        s.giveBack = IPaymentDesk.GiveBack(PROGRAMME, citizen, 2, "nonce");
        id = desk.hashGiveBack(s.giveBack);
        (s.giveBackOwner, s.giveBackAccepted) = (_sign(CITIZEN_KEY, id), _accept(id));
    }

    function _replaceDesk() private {
        desk = new PaymentDesk(address(manager), programmes, payees, GENESIS);
        bytes4[] memory selectors = new bytes4[](3);
        (selectors[0], selectors[1]) = (desk.settle.selector, desk.settleRefunds.selector);
        selectors[2] = desk.settleGiveBacks.selector;
        vm.startPrank(address(timelock));
        manager.setTargetFunctionRole(address(desk), selectors, roleId("SETTLER"));
        programmes.setMover(address(desk), 2);
        desk.setAcceptor(vm.addr(ACCEPTOR_KEY), IPaymentDesk.AcceptorState.Active);
        vm.stopPrank();
        _executes(_order(1, "the new desk works"), CITIZEN_KEY);
    }

    function _assertNothingExecutes(Signed memory s) private {
        uint256 citizens = token.balanceOf(citizen);
        uint256 bakers = token.balanceOf(baker);
        _send(s);
        vm.assertEq(token.balanceOf(citizen), citizens, "the citizen's");
        vm.assertEq(token.balanceOf(baker), bakers, "the baker's");
    }

    function _send(Signed memory s) private {
        _settle(s.order, s.orderOwner, s.orderAccepted);
        _settleRefund(s.refund, s.paid, s.refundOwner, s.refundAccepted);
        _settleGiveBack(s.giveBack, s.giveBackOwner, s.giveBackAccepted);
    }
}
