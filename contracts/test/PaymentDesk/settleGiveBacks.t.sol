// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPausing} from "../../src/interfaces/IPausing.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {vm} from "../base/Vm.sol";
import {DeskTest} from "./DeskTest.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

contract SettleGiveBacksTest is DeskTest {
    function test_revertsWhilePausedOrUneven() public {
        IPaymentDesk.GiveBack[] memory giveBacks = new IPaymentDesk.GiveBack[](1);
        bytes[] memory one = new bytes[](1);
        bytes memory refusal = abi.encodeWithSelector(IPaymentDesk.ListLengthsDiffer.selector);
        vm.startPrank(SETTLER);
        vm.expectRevert(refusal);
        desk.settleGiveBacks(giveBacks, new bytes[](0), one);
        vm.expectRevert(refusal);
        desk.settleGiveBacks(giveBacks, one, new bytes[](2));
        vm.stopPrank();
        vm.prank(PAUSER);
        desk.pause(2);
        vm.prank(SETTLER);
        vm.expectPartialRevert(IPausing.PauseInForce.selector);
        desk.settleGiveBacks(giveBacks, one, one);
    }

    function test_skipsWithoutSignaturesOrAmount() public {
        IPaymentDesk.GiveBack memory giveBack = _giveBack(10);
        bytes32 id = desk.hashGiveBack(giveBack);
        bytes memory accepted = _accept(id);
        bytes memory alone = _sign(CITIZEN_KEY, desk.hashAcceptance(id));
        _expectSkip(id, abi.encodeWithSelector(IPaymentDesk.AcceptanceWrong.selector, id, citizen));
        _settleGiveBack(giveBack, _sign(CITIZEN_KEY, id), alone);
        _expectSkip(id, IPaymentDesk.OwnerSignatureWrong.selector);
        _settleGiveBack(giveBack, _sign(BAKER_KEY, id), accepted);
        giveBack.amount = 0;
        id = desk.hashGiveBack(giveBack);
        accepted = _accept(id);
        _expectSkip(id, IPaymentDesk.OrderAmountZero.selector);
        _settleGiveBack(giveBack, _sign(CITIZEN_KEY, id), accepted);
        vm.assertEq(token.balanceOf(citizen), HELD, "balance");
    }

    function test_skipsWithoutBalance() public {
        IPaymentDesk.GiveBack memory giveBack = _giveBack(HELD + 1);
        bytes32 id = desk.hashGiveBack(giveBack);
        bytes memory accepted = _accept(id);
        _expectSkip(
            id,
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, citizen, HELD, HELD + 1
            )
        );
        _settleGiveBack(giveBack, _sign(CITIZEN_KEY, id), accepted);
        vm.assertFalse(desk.isExecuted(id), "executed");
        vm.assertEq(programmes.programme(PROGRAMME).givenBack, 0, "given back");
    }

    function test_executesOnce() public {
        IPaymentDesk.GiveBack memory giveBack = _giveBack(10);
        bytes32 id = desk.hashGiveBack(giveBack);
        bytes memory accepted = _accept(id);
        _settleGiveBack(giveBack, _sign(CITIZEN_KEY, id), accepted);
        vm.expectEmit(address(desk));
        emit IPaymentDesk.OrderAlreadyExecuted(id);
        _settleGiveBack(giveBack, _sign(CITIZEN_KEY, id), accepted);
        vm.assertEq(token.balanceOf(citizen), HELD - 10, "balance");
    }

    function testFuzz_burns(uint128 amount) public {
        amount = 1 + amount % HELD;
        IPaymentDesk.GiveBack memory giveBack = _giveBack(amount);
        bytes32 id = desk.hashGiveBack(giveBack);
        bytes memory accepted = _accept(id);
        vm.expectEmit(address(programmes));
        emit IProgrammes.GivenBack(PROGRAMME, citizen, amount);
        vm.expectEmit(address(desk));
        emit IPaymentDesk.GiveBackExecuted(id, PROGRAMME, citizen, amount);
        _settleGiveBack(giveBack, _sign(CITIZEN_KEY, id), accepted);
        vm.assertEq(token.totalSupply(), HELD - amount, "supply");
        vm.assertEq(programmes.programme(PROGRAMME).givenBack, amount, "given back");
        vm.assertEq(programmes.programme(PROGRAMME).minted, HELD, "minted");
        _assertSolvent(PROGRAMME);
    }

    function _giveBack(uint128 amount) private view returns (IPaymentDesk.GiveBack memory) {
        return IPaymentDesk.GiveBack(PROGRAMME, citizen, amount, "nonce");
    }
}
