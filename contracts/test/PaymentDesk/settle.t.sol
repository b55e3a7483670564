// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPausing} from "../../src/interfaces/IPausing.sol";
import {IPayees} from "../../src/interfaces/IPayees.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {vm} from "../base/Vm.sol";
import {DeskTest} from "./DeskTest.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

contract SettleTest is DeskTest {
    function test_revertsWhilePaused() public {
        vm.prank(PAUSER);
        desk.pause(2);
        vm.prank(SETTLER);
        vm.expectPartialRevert(IPausing.PauseInForce.selector);
        desk.settle(new IPaymentDesk.Order[](0), new bytes[](0), new bytes[](0));
    }

    function test_revertsWhenListsDiffer() public {
        IPaymentDesk.Order[] memory orders = new IPaymentDesk.Order[](1);
        vm.startPrank(SETTLER);
        vm.expectRevert(abi.encodeWithSelector(IPaymentDesk.ListLengthsDiffer.selector));
        desk.settle(orders, new bytes[](0), new bytes[](1));
        vm.expectRevert(abi.encodeWithSelector(IPaymentDesk.ListLengthsDiffer.selector));
        desk.settle(orders, new bytes[](1), new bytes[](2));
        vm.stopPrank();
    }

    function testFuzz_executesOnce(uint128 amount) public {
        amount = 1 + amount % (HELD / 2);
        IPaymentDesk.Order memory order = _pay(amount);
        bytes32 id = desk.hashOrder(order);
        bytes memory payer = _sign(CITIZEN_KEY, id);
        bytes memory acceptor = _accept(id);
        vm.expectEmit(address(desk));
        emit IPaymentDesk.OrderAlreadyExecuted(id);
        _settle(order, payer, acceptor);
        vm.assertEq(token.balanceOf(baker), amount, "paid twice");
    }

    function test_skipsAnotherPayersSignature() public {
        IPaymentDesk.Order memory order = _order(5, "payment");
        bytes32 id = desk.hashOrder(order);
        bytes memory acceptor = _accept(id);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(CITIZEN_KEY, id);
        uint256 curve = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes[4] memory wrong = [
            _sign(BAKER_KEY, id),
            bytes("short"),
            bytes(""),
            abi.encodePacked(r, bytes32(curve - uint256(s)), v == 27 ? 28 : 27)
        ];
        for (uint256 i = 0; i < wrong.length; ++i) {
            _expectSkip(id, IPaymentDesk.OwnerSignatureWrong.selector);
            _settle(order, wrong[i], acceptor);
        }
        vm.assertEq(token.balanceOf(baker), 0, "paid");
    }

    function testFuzz_skipsAChangedOrder(uint8 what, uint128 by) public {
        IPaymentDesk.Order memory order = _order(5, "payment");
        bytes memory payer = _sign(CITIZEN_KEY, desk.hashOrder(order));
        uint256 kind = uint256(what) % 5;
        by = 1 + by % 90;
        if (kind == 0) order.amount += by;
        if (kind == 1) order.paymentId = keccak256(abi.encode(by));
        if (kind == 2) order.programmeId = OTHER;
        if (kind == 3) order.requestedUntil += uint64(by);
        if (kind == 4) (order.payee, by) = (MINTER, 1);
        if (kind == 4) _enrol(MINTER);
        bytes32 id = desk.hashOrder(order);
        bytes memory acceptor = _accept(id);
        _expectSkip(id, IPaymentDesk.OwnerSignatureWrong.selector);
        _settle(order, payer, acceptor);
    }

    function test_holderAloneExecutesNothing() public {
        IPaymentDesk.Order memory order = _order(5, "payment");
        bytes32 id = desk.hashOrder(order);
        bytes memory own = _sign(CITIZEN_KEY, id);
        bytes memory accepted = _sign(CITIZEN_KEY, desk.hashAcceptance(id));
        bytes memory refusal =
            abi.encodeWithSelector(IPaymentDesk.AcceptanceWrong.selector, id, citizen);
        _expectSkip(id, refusal);
        _settle(order, own, accepted);
        _expectSkip(
            id, abi.encodeWithSelector(IPaymentDesk.AcceptanceWrong.selector, id, address(0))
        );
        _settle(order, own, "");
    }

    function testFuzz_skipsAnUnknownAcceptor(uint256 key) public {
        key = 1 + key % (type(uint256).max >> 1);
        vm.assume(key != ACCEPTOR_KEY);
        IPaymentDesk.Order memory order = _order(5, "payment");
        bytes32 id = desk.hashOrder(order);
        bytes memory accepted = _sign(key, desk.hashAcceptance(id));
        bytes memory refusal =
            abi.encodeWithSelector(IPaymentDesk.AcceptanceWrong.selector, id, vm.addr(key));
        _expectSkip(id, refusal);
        _settle(order, _sign(CITIZEN_KEY, id), accepted);
    }

    function test_skipsAnotherOrdersAcceptance() public {
        IPaymentDesk.Order memory order = _order(5, "payment");
        bytes32 id = desk.hashOrder(order);
        bytes memory accepted = _accept(desk.hashOrder(_order(5, "another")));
        vm.recordLogs();
        _settle(order, _sign(CITIZEN_KEY, id), accepted);
        vm.assertEq(
            vm.getRecordedLogs()[0].topics[0], IPaymentDesk.OrderSkipped.selector, "skipped"
        );
        vm.assertEq(token.balanceOf(baker), 0, "paid");
    }

    function test_executesForARetiredAcceptor() public {
        _setAcceptor(IPaymentDesk.AcceptorState.Retired);
        _executes(_order(5, "payment"), CITIZEN_KEY);
    }

    function test_skipsAStolenAcceptor() public {
        _setAcceptor(IPaymentDesk.AcceptorState.Stolen);
        IPaymentDesk.Order memory order = _order(5, "payment");
        bytes32 id = desk.hashOrder(order);
        address acceptor = vm.addr(ACCEPTOR_KEY);
        vm.prank(OFFICER);
        desk.vouch(_ids(id));
        _skips(order, abi.encodeWithSelector(IPaymentDesk.AcceptanceWrong.selector, id, acceptor));
    }

    function test_executesWhatOfficersVouchedFor() public {
        _setAcceptor(IPaymentDesk.AcceptorState.Stolen);
        IPaymentDesk.Order memory order = _order(5, "payment");
        bytes32[] memory ids = _ids(desk.hashOrder(order));
        vm.prank(OFFICER);
        desk.vouch(ids);
        vm.prank(OFFICER_2);
        desk.vouch(ids);
        _executes(order, CITIZEN_KEY);
    }

    function test_skipsNothingAndSelf() public {
        IPaymentDesk.Order memory order = _order(0, "payment");
        _skips(order, _encoded(IPaymentDesk.OrderAmountZero.selector, desk.hashOrder(order)));
        order = _order(5, "payment");
        order.payee = citizen;
        _skips(order, _encoded(IPaymentDesk.OrderToSelf.selector, desk.hashOrder(order)));
    }

    function test_skipsAPayeeNotReceiving() public {
        IPaymentDesk.Order memory order = _order(5, "payment");
        bytes memory refusal =
            abi.encodeWithSelector(IPaymentDesk.PayeeNotReceiving.selector, STRANGER);
        order.payee = STRANGER;
        _skips(order, refusal);
        _enrol(STRANGER);
        vm.prank(REGISTRAR);
        payees.setState(STRANGER, IPayees.State.Closed);
        _skips(order, refusal);
    }

    function test_executesForAClosingPayee() public {
        vm.prank(REGISTRAR);
        payees.setState(baker, IPayees.State.Closing);
        _executes(_order(5, "payment"), CITIZEN_KEY);
    }

    function testFuzz_skipsWithoutBalance(uint128 amount) public {
        amount = HELD + 1 + amount % HELD;
        IPaymentDesk.Order memory order = _order(amount, "payment");
        _skips(
            order,
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, citizen, HELD, amount
            )
        );
        _credit(citizen, HELD);
        _executes(order, CITIZEN_KEY);
    }

    function test_skipsAfterClosing() public {
        IPaymentDesk.Order memory order = _order(5, "payment");
        _close(PROGRAMME);
        _skips(order, _encoded(IProgrammes.ProgrammeIsClosed.selector, PROGRAMME));
    }

    function test_payeesPayWhereAllowed() public {
        _pay(50);
        _enrol(STRANGER);
        IPaymentDesk.Order memory order = _order(20, "onward");
        (order.payer, order.payee) = (baker, STRANGER);
        bytes32 id = desk.hashOrder(order);
        bytes memory refusal =
            abi.encodeWithSelector(IProgrammes.PayeesMayNotPay.selector, PROGRAMME, baker);
        bytes memory payer = _sign(BAKER_KEY, id);
        bytes memory acceptor = _accept(id);
        _expectSkip(id, refusal);
        _settle(order, payer, acceptor);
        vm.prank(OFFICER);
        programmes.setPayeesPayPayees(PROGRAMME, true);
        _executes(order, BAKER_KEY);
        vm.assertEq(token.balanceOf(STRANGER), 20, "the second payee");
        vm.assertEq(token.balanceOf(baker), 30, "the first payee");
    }

    function test_othersGoOn() public {
        IPaymentDesk.Order[] memory orders = new IPaymentDesk.Order[](3);
        bytes[] memory payers = new bytes[](3);
        bytes[] memory acceptors = new bytes[](3);
        for (uint256 i = 0; i < 3; ++i) {
            orders[i] = _order(i == 1 ? 2 * HELD : 5, bytes32(i));
            bytes32 id = desk.hashOrder(orders[i]);
            (payers[i], acceptors[i]) = (_sign(CITIZEN_KEY, id), _accept(id));
        }
        vm.prank(SETTLER);
        desk.settle(orders, payers, acceptors);
        vm.assertEq(token.balanceOf(baker), 10, "two of three");
    }

    function test_neverExpires() public {
        IPaymentDesk.Order memory order = _order(5, "payment");
        vm.warp(uint256(SPEND_UNTIL) + 29 days);
        _executes(order, CITIZEN_KEY);
    }

    function testFuzz_movesTokens(uint128 amount) public {
        amount = 1 + amount % HELD;
        IPaymentDesk.Order memory order = _order(amount, "payment");
        bytes32 id = desk.hashOrder(order);
        bytes memory payer = _sign(CITIZEN_KEY, id);
        bytes memory acceptor = _accept(id);
        vm.expectEmit(address(desk));
        emit IPaymentDesk.OrderExecuted(id, "payment", PROGRAMME, citizen, baker, amount);
        _settle(order, payer, acceptor);
        vm.assertEq(token.balanceOf(citizen), HELD - amount, "payer");
        vm.assertEq(token.balanceOf(baker), amount, "payee");
        _assertSolvent(PROGRAMME);
    }
}
