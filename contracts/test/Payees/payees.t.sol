// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPausing} from "../../src/interfaces/IPausing.sol";
import {IPayees} from "../../src/interfaces/IPayees.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

contract PayeesTest is CivisTest {
    bytes32 private constant REF = keccak256("pay-out reference");

    function setUp() public override {
        super.setUp();
        _credit(citizen, 100_00);
        _pay(60_00);
    }

    function test_registerRevertsForPayeesAndHolders() public {
        vm.startPrank(REGISTRAR);
        vm.expectRevert(abi.encodeWithSelector(IProgrammes.PayeeExists.selector, baker));
        payees.register(baker);
        vm.expectRevert(
            abi.encodeWithSelector(IProgrammes.PayeeHoldsBalance.selector, citizen, PROGRAMME)
        );
        payees.register(citizen);
        vm.stopPrank();
        vm.assertTrue(payees.stateOf(citizen) == IPayees.State.None, "state");
    }

    function test_registerRegisters() public {
        vm.expectEmit(address(payees));
        emit IPayees.PayeeStateChanged(STRANGER, IPayees.State.Active);
        vm.prank(REGISTRAR);
        payees.register(STRANGER);
        vm.assertTrue(payees.stateOf(STRANGER) == IPayees.State.Active, "state");
        vm.assertTrue(payees.isPayee(STRANGER), "payee");
    }

    function test_setStateRevertsWhenUnknown() public {
        vm.prank(REGISTRAR);
        vm.expectRevert(abi.encodeWithSelector(IPayees.PayeeNotRegistered.selector, citizen));
        payees.setState(citizen, IPayees.State.Closing);
    }

    function test_setStateRevertsOnNothing() public {
        IPayees.State[2] memory states = [IPayees.State.None, IPayees.State.Active];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(REGISTRAR);
            vm.expectRevert(
                abi.encodeWithSelector(IPayees.PayeeStateWrong.selector, baker, states[i])
            );
            payees.setState(baker, states[i]);
        }
    }

    function test_staysAPayee() public {
        for (uint8 i = 2; i <= 3; ++i) {
            vm.expectEmit(address(payees));
            emit IPayees.PayeeStateChanged(baker, IPayees.State(i));
            vm.prank(REGISTRAR);
            payees.setState(baker, IPayees.State(i));
            vm.assertTrue(payees.isPayee(baker), "payee");
            _payOut(baker, 1);
        }
    }

    function test_payOutRevertsWhilePaused() public {
        vm.prank(PAUSER);
        payees.pause(3);
        (address[] memory accounts, uint128[] memory amounts) = _list(5, 0);
        vm.prank(BURNER);
        vm.expectPartialRevert(IPausing.PauseInForce.selector);
        payees.payOut(REF, PROGRAMME, accounts, amounts);
    }

    function test_payOutUsesAReferenceOnce() public {
        (address[] memory accounts, uint128[] memory amounts) = _list(5, 0);
        vm.startPrank(BURNER);
        payees.payOut(REF, PROGRAMME, accounts, amounts);
        vm.assertTrue(payees.isPaidOut(REF), "paid out");
        vm.expectRevert(_encoded(IPayees.PayOutReferenceUsed.selector, REF));
        payees.payOut(REF, PROGRAMME, accounts, amounts);
        vm.stopPrank();
    }

    function test_payOutRevertsOnBadLists() public {
        (address[] memory accounts, uint128[] memory amounts) = _list(5, 0);
        bytes memory refusal = _encoded(IPayees.PayOutInvalid.selector, REF);
        vm.startPrank(BURNER);
        (address[] memory two, uint128[] memory both) = _list(5, 7);
        vm.expectRevert(refusal);
        payees.payOut(REF, PROGRAMME, accounts, both);
        vm.expectRevert(refusal);
        payees.payOut(REF, PROGRAMME, two, amounts);
        vm.expectRevert(refusal);
        payees.payOut(REF, PROGRAMME, new address[](0), new uint128[](0));
        amounts[0] = 0;
        vm.expectRevert(refusal);
        payees.payOut(REF, PROGRAMME, accounts, amounts);
        vm.stopPrank();
    }

    function test_payOutIsAllOrNone() public {
        _enrol(STRANGER);
        (address[] memory accounts, uint128[] memory amounts) = _list(5, 7);
        vm.prank(BURNER);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, STRANGER, 0, 7)
        );
        payees.payOut(REF, PROGRAMME, accounts, amounts);
        vm.assertEq(token.balanceOf(baker), 60_00, "the baker's");
        vm.assertFalse(payees.isPaidOut(REF), "the reference");
    }

    function test_limitHoldsForADay() public {
        vm.prank(address(timelock));
        payees.setDailyLimit(50_00);
        _payOut(baker, 30_00);
        (address[] memory accounts, uint128[] memory amounts) = _list(20_01, 0);
        vm.prank(BURNER);
        vm.expectRevert(abi.encodeWithSelector(IPayees.DailyLimitExceeded.selector, 50_01, 50_00));
        payees.payOut(REF, PROGRAMME, accounts, amounts);
        uint256 day = block.timestamp / 1 days;
        vm.assertEq(payees.paidOutOn(day), 30_00, "today");
        _payOut(baker, 20_00);
        vm.assertEq(payees.paidOutOn(day), 50_00, "all that today lets through");
        vm.warp((day + 1) * 1 days);
        _payOut(baker, 10_00);
        vm.assertEq(payees.paidOutOn(day + 1), 10_00, "tomorrow");
    }

    function test_payOutTouchesNoHolder() public {
        address[] memory accounts = new address[](1);
        uint128[] memory amounts = new uint128[](1);
        (accounts[0], amounts[0]) = (citizen, 5);
        vm.prank(BURNER);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, citizen, 0, 5)
        );
        payees.payOut(REF, PROGRAMME, accounts, amounts);
    }

    function testFuzz_payOutBurns(uint128 amount) public {
        amount = 1 + amount % 60_00;
        (address[] memory accounts, uint128[] memory amounts) = _list(amount, 0);
        vm.expectEmit(address(payees));
        emit IPayees.PaidOut(REF, PROGRAMME, baker, amount);
        vm.prank(BURNER);
        payees.payOut(REF, PROGRAMME, accounts, amounts);
        vm.assertEq(token.balanceOf(baker), 60_00 - amount, "the baker's");
        vm.assertEq(programmes.programme(PROGRAMME).paidOut, amount, "paid out");
        _assertSolvent(PROGRAMME);
    }

    function test_setDailyLimitSets() public {
        vm.expectEmit(address(payees));
        emit IPayees.DailyLimitChanged(7);
        vm.prank(address(timelock));
        payees.setDailyLimit(7);
        vm.assertEq(payees.dailyLimit(), 7, "limit");
    }

    /// @dev The baker's amount and, unless zero, the stranger's.
    function _list(uint128 bakers, uint128 strangers)
        private
        view
        returns (address[] memory accounts, uint128[] memory amounts)
    {
        uint256 count = strangers == 0 ? 1 : 2;
        (accounts, amounts) = (new address[](count), new uint128[](count));
        (accounts[0], amounts[0]) = (baker, bakers);
        if (count == 2) (accounts[1], amounts[1]) = (STRANGER, strangers);
    }
}
