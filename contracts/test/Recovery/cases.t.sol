// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IRecovery} from "../../src/interfaces/IRecovery.sol";
import {vm} from "../base/Vm.sol";
import {RecoveryTest} from "./RecoveryTest.sol";

contract CasesTest is RecoveryTest {
    function test_proposeFreezesNothing() public {
        vm.expectEmit(address(recovery));
        emit IRecovery.RecoveryProposed(ID, PROGRAMME, citizen, fresh, OFFICER);
        _propose(ID);
        _assertState(IRecovery.State.Proposed);
        _assertFrozen(citizen, false);
        vm.assertEq(recovery.recovery(ID).endsAt, block.timestamp + 72 hours, "ends");
    }

    function test_proposeRefusesWhatIsNoRecovery() public {
        _refuses(baker, fresh, abi.encodeWithSelector(IRecovery.AccountIsPayee.selector, baker));
        _refuses(citizen, baker, abi.encodeWithSelector(IRecovery.AccountIsPayee.selector, baker));
        _refusesNew(citizen);
        _refusesNew(address(0));
        _credit(STRANGER, 1);
        _refusesNew(STRANGER);
    }

    function test_proposeRefusesWhatWasNamed() public {
        _propose(ID);
        bytes memory open = abi.encodeWithSelector(IRecovery.RecoveryIsOpen.selector, ID);
        _refuses(citizen, vm.addr(3), open);
        vm.prank(OFFICER);
        _expect(abi.encodeWithSelector(IRecovery.AccountNotNew.selector, fresh));
        recovery.propose("another", PROGRAMME, vm.addr(3), fresh);
        vm.prank(OFFICER);
        _expect(abi.encodeWithSelector(IRecovery.RecoveryExists.selector, ID));
        recovery.propose(ID, PROGRAMME, vm.addr(3), vm.addr(4));
        vm.warp(block.timestamp + 72 hours);
        _propose("after it lapsed");
    }

    function test_proposeRefusesReplacedAccounts() public {
        _moves(_move(fresh, 10), CITIZEN_KEY, ACCEPTOR_KEY);
        bytes memory succeeded =
            abi.encodeWithSelector(IRecovery.AccountSucceeded.selector, citizen, fresh);
        _refuses(citizen, vm.addr(3), succeeded);
        _refuses(vm.addr(3), citizen, succeeded);
        _forwards(0, "n");
        vm.prank(OFFICER);
        _expect(abi.encodeWithSelector(IRecovery.AccountNotNew.selector, fresh));
        recovery.propose("another", PROGRAMME, vm.addr(3), fresh);
    }

    function test_confirmNeedsAnotherOfficerInTime() public {
        _propose(ID);
        vm.prank(OFFICER);
        _expectOther(OFFICER);
        recovery.confirm(ID);
        vm.warp(block.timestamp + 72 hours);
        _expectState(IRecovery.State.Failed);
        _confirm(ID);
        _propose("again");
        vm.expectEmit(address(recovery));
        emit IRecovery.RecoveryConfirmed("again", uint64(block.timestamp) + 72 hours, OFFICER_2);
        _confirm("again");
        _assertFrozen(citizen, true);
        _assertFrozen(fresh, false);
    }

    function test_confirmRefusesWhatWasMovedMeanwhile() public {
        _propose(ID);
        _moves(_move(vm.addr(3), 10), CITIZEN_KEY, ACCEPTOR_KEY);
        _expect(abi.encodeWithSelector(IRecovery.AccountSucceeded.selector, citizen, vm.addr(3)));
        _confirm(ID);
    }

    function test_anyOfficerWithdrawsWhatIsNotConfirmed() public {
        _propose(ID);
        vm.prank(OFFICER_3);
        vm.expectEmit(address(recovery));
        emit IRecovery.RecoveryWithdrawn(ID, OFFICER_3);
        recovery.withdraw(ID);
        _assertState(IRecovery.State.Failed);
        _propose("again");
        _confirm("again");
        vm.prank(OFFICER_3);
        vm.expectPartialRevert(IRecovery.RecoveryStateWrong.selector);
        recovery.withdraw("again");
    }

    function test_unexecutedItLapses() public {
        _confirmed();
        vm.warp(block.timestamp + 72 hours + 30 days);
        _assertFrozen(citizen, false);
        _assertState(IRecovery.State.Failed);
        bytes memory acceptance = _released(ID, 0);
        vm.prank(SETTLER);
        _expectState(IRecovery.State.Failed);
        recovery.execute(ID, 0, acceptance);
    }

    function _refusesNew(address account) private {
        _refuses(
            citizen, account, abi.encodeWithSelector(IRecovery.AccountNotNew.selector, account)
        );
    }

    function _refuses(address oldAccount, address newAccount, bytes memory refusal) private {
        vm.prank(OFFICER);
        _expect(refusal);
        recovery.propose("refused", PROGRAMME, oldAccount, newAccount);
    }
}
