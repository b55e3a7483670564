// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {vm} from "../base/Vm.sol";
import {DeskTest} from "./DeskTest.sol";

contract AcceptorsTest is DeskTest {
    function test_setAcceptorRevertsOnNobody() public {
        vm.startPrank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(IPaymentDesk.AcceptorInvalid.selector, address(0)));
        desk.setAcceptor(address(0), IPaymentDesk.AcceptorState.Active);
        vm.expectRevert(abi.encodeWithSelector(IPaymentDesk.AcceptorInvalid.selector, STRANGER));
        desk.setAcceptor(STRANGER, IPaymentDesk.AcceptorState.Unknown);
        vm.stopPrank();
    }

    function test_setAcceptorSets() public {
        vm.expectEmit(address(desk));
        emit IPaymentDesk.AcceptorChanged(STRANGER, IPaymentDesk.AcceptorState.Active);
        vm.prank(address(timelock));
        desk.setAcceptor(STRANGER, IPaymentDesk.AcceptorState.Active);
        bool active = desk.acceptorState(STRANGER) == IPaymentDesk.AcceptorState.Active;
        vm.assertTrue(active, "state");
    }

    function test_vouchNeedsAnother() public {
        vm.startPrank(OFFICER);
        desk.vouch(_ids("id"));
        vm.expectRevert(
            abi.encodeWithSelector(
                IPaymentDesk.OrderVouchedAlready.selector, bytes32("id"), OFFICER
            )
        );
        desk.vouch(_ids("id"));
        vm.stopPrank();
        vm.assertFalse(desk.isVouched("id"), "complete with one");
    }

    function test_vouchEndsAtTwo() public {
        vm.prank(OFFICER);
        desk.vouch(_ids("id"));
        vm.startPrank(OFFICER_2);
        desk.vouch(_ids("id"));
        vm.expectPartialRevert(IPaymentDesk.OrderVouchedAlready.selector);
        desk.vouch(_ids("id"));
        vm.stopPrank();
    }

    function test_vouchTakesTwo() public {
        vm.expectEmit(address(desk));
        emit IPaymentDesk.OrderVouched("id", OFFICER, false);
        vm.prank(OFFICER);
        desk.vouch(_ids("id"));
        vm.expectEmit(address(desk));
        emit IPaymentDesk.OrderVouched("id", OFFICER_2, true);
        vm.prank(OFFICER_2);
        desk.vouch(_ids("id"));
        vm.assertTrue(desk.isVouched("id"), "complete");
    }
}
