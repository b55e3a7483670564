// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {IRecovery} from "../../src/interfaces/IRecovery.sol";
import {vm} from "../base/Vm.sol";
import {RecoveryTest} from "./RecoveryTest.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

contract MovesTest is RecoveryTest {
    function testFuzz_ownerAndAcceptorMove(uint128 amount) public {
        amount = amount % (HELD + 1);
        IRecovery.Move memory move = _move(fresh, amount);
        vm.expectEmit(address(recovery));
        emit IRecovery.AccountMoved(recovery.hashMove(move), PROGRAMME, citizen, fresh, amount);
        _moves(move, CITIZEN_KEY, ACCEPTOR_KEY);
        vm.assertEq(token.balanceOf(fresh), amount, "the new account's");
        vm.assertEq(recovery.successorOf(PROGRAMME, citizen), fresh, "successor");
        _assertSolvent(PROGRAMME);
    }

    function testFuzz_neitherMovesAlone(uint256 key) public {
        key = 1 + key % type(uint128).max;
        IRecovery.Move memory move = _move(fresh, 10);
        bytes32 id = recovery.hashMove(move);
        _refuses(move, CITIZEN_KEY, key, IRecovery.AcceptanceWrong.selector);
        _refuses(move, CITIZEN_KEY, CITIZEN_KEY, IRecovery.AcceptanceWrong.selector);
        _refuses(move, key, ACCEPTOR_KEY, IRecovery.SignatureWrong.selector);
        _refuses(move, ACCEPTOR_KEY, ACCEPTOR_KEY, IRecovery.SignatureWrong.selector);
        vm.assertFalse(recovery.isExecuted(id), "executed");
    }

    function test_movesOnce() public {
        IRecovery.Move memory move = _move(fresh, 10);
        _moves(move, CITIZEN_KEY, ACCEPTOR_KEY);
        _refuses(move, CITIZEN_KEY, ACCEPTOR_KEY, IRecovery.ExecutedAlready.selector);
        move.nonce = "another";
        _refuses(move, CITIZEN_KEY, ACCEPTOR_KEY, IRecovery.AccountSucceeded.selector);
    }

    function test_movesToANewAccountOnly() public {
        _refuses(_move(baker, 10), CITIZEN_KEY, ACCEPTOR_KEY, IRecovery.AccountIsPayee.selector);
        _refuses(_move(citizen, 10), CITIZEN_KEY, ACCEPTOR_KEY, IRecovery.AccountNotNew.selector);
        _credit(STRANGER, 1);
        _refuses(_move(STRANGER, 10), CITIZEN_KEY, ACCEPTOR_KEY, IRecovery.AccountNotNew.selector);
        _pay(10);
        IRecovery.Move memory payees = IRecovery.Move(PROGRAMME, baker, fresh, 5, "nonce");
        _refuses(payees, BAKER_KEY, ACCEPTOR_KEY, IRecovery.AccountIsPayee.selector);
        _propose(ID);
        _refuses(_move(fresh, 10), CITIZEN_KEY, ACCEPTOR_KEY, IRecovery.AccountNotNew.selector);
    }

    function test_nobodyMovesToASuccessor() public {
        _moves(_move(fresh, 0), CITIZEN_KEY, ACCEPTOR_KEY);
        vm.assertEq(token.balanceOf(fresh), 0, "empty, as a new one");
        uint256 key = uint256(keccak256("another citizen"));
        IRecovery.Move memory other = IRecovery.Move(PROGRAMME, vm.addr(key), fresh, 0, "other");
        _refuses(other, key, ACCEPTOR_KEY, IRecovery.AccountNotNew.selector);
    }

    function test_movesNoMoreThanThereIs() public {
        _refuses(
            _move(fresh, HELD + 1),
            CITIZEN_KEY,
            ACCEPTOR_KEY,
            IERC20Errors.ERC20InsufficientBalance.selector
        );
        vm.assertEq(recovery.successorOf(PROGRAMME, citizen), address(0), "successor");
    }

    function test_laterRefundsAreForwarded() public {
        IPaymentDesk.Order memory order = _pay(30);
        _moves(_move(fresh, HELD - 30), CITIZEN_KEY, ACCEPTOR_KEY);
        _refund(order, 20, "later");
        _credit(citizen, 5);
        vm.assertEq(token.balanceOf(citizen), 25, "reached the old account");
        IRecovery.Forward memory forwarded = IRecovery.Forward(PROGRAMME, citizen, 25, "n");
        vm.expectEmit(address(recovery));
        emit IRecovery.Forwarded(recovery.hashForward(forwarded), PROGRAMME, citizen, fresh, 25);
        _forwards(25, "n");
        vm.assertEq(token.balanceOf(fresh), HELD - 5, "the new account's");
        vm.assertEq(token.balanceOf(citizen), 0, "the old account's");
        _assertSolvent(PROGRAMME);
    }

    function test_forwardsWithAnAcceptanceOnceToASuccessor() public {
        IRecovery.Forward memory forwarded = IRecovery.Forward(PROGRAMME, citizen, 1, "n");
        bytes32 id = recovery.hashForward(forwarded);
        bytes memory accepted = _sign(ACCEPTOR_KEY, recovery.hashAcceptance(id));
        vm.startPrank(SETTLER);
        _expect(abi.encodeWithSelector(IRecovery.SuccessorUnknown.selector, citizen));
        recovery.forward(forwarded, accepted);
        vm.stopPrank();
        _moves(_move(fresh, 10), CITIZEN_KEY, ACCEPTOR_KEY);
        bytes memory owners = _sign(CITIZEN_KEY, recovery.hashAcceptance(id));
        vm.startPrank(SETTLER);
        vm.expectPartialRevert(IRecovery.AcceptanceWrong.selector);
        recovery.forward(forwarded, owners);
        recovery.forward(forwarded, accepted);
        _expect(abi.encodeWithSelector(IRecovery.ExecutedAlready.selector, id));
        recovery.forward(forwarded, accepted);
        vm.stopPrank();
    }

    function _refuses(IRecovery.Move memory move, uint256 owner, uint256 acceptor, bytes4 selector)
        private
    {
        bytes32 id = recovery.hashMove(move);
        bytes memory accepted = _sign(acceptor, recovery.hashAcceptance(id));
        bytes memory signed = _sign(owner, id);
        vm.prank(SETTLER);
        vm.expectPartialRevert(selector);
        recovery.moveAccount(move, signed, accepted);
    }
}
