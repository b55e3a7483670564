// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IRecovery} from "../../src/interfaces/IRecovery.sol";
import {DeskTest} from "../PaymentDesk/DeskTest.sol";
import {vm} from "../base/Vm.sol";

/// @dev The citizen's account is lost, `fresh` is to take its place; case `ID`.
abstract contract RecoveryTest is DeskTest {
    bytes32 internal constant ID = keccak256("case");
    uint256 internal constant FRESH_KEY = uint256(keccak256("fresh"));

    address internal fresh = vm.addr(FRESH_KEY);

    function _blocks(address officer) internal {
        vm.prank(officer);
        recovery.blockAccount(PROGRAMME, citizen);
    }

    function _propose(bytes32 id) internal {
        vm.prank(OFFICER);
        recovery.propose(id, PROGRAMME, citizen, fresh);
    }

    function _confirm(bytes32 id) internal {
        vm.prank(OFFICER_2);
        recovery.confirm(id);
    }

    function _confirmed() internal {
        _propose(ID);
        _confirm(ID);
    }

    function _objected() internal {
        _confirmed();
        recovery.objectTo(ID, _sign(CITIZEN_KEY, recovery.hashObjection(ID)));
    }

    function _vote(address officer, bool inFavour) internal {
        vm.prank(officer);
        recovery.vote(ID, inFavour);
    }

    function _released(bytes32 id, uint128 holds) internal view returns (bytes memory) {
        bytes32 release = recovery.hashRelease(id, holds);
        return _sign(ACCEPTOR_KEY, recovery.hashAcceptance(release));
    }

    function _execute(uint128 holds) internal {
        bytes memory acceptance = _released(ID, holds);
        vm.prank(SETTLER);
        recovery.execute(ID, holds, acceptance);
    }

    function _move(address to, uint128 amount) internal view returns (IRecovery.Move memory) {
        return IRecovery.Move(PROGRAMME, citizen, to, amount, "nonce");
    }

    function _moves(IRecovery.Move memory move, uint256 owner, uint256 acceptor) internal {
        bytes32 id = recovery.hashMove(move);
        bytes memory accepted = _sign(acceptor, recovery.hashAcceptance(id));
        vm.prank(SETTLER);
        recovery.moveAccount(move, _sign(owner, id), accepted);
    }

    function _forwards(uint128 amount, bytes32 nonce) internal {
        IRecovery.Forward memory forwarded = IRecovery.Forward(PROGRAMME, citizen, amount, nonce);
        bytes32 id = recovery.hashForward(forwarded);
        bytes memory accepted = _sign(ACCEPTOR_KEY, recovery.hashAcceptance(id));
        vm.prank(SETTLER);
        recovery.forward(forwarded, accepted);
    }

    function _state() internal view returns (IRecovery.State) {
        return recovery.recovery(ID).state;
    }

    function _assertState(IRecovery.State wanted) internal view {
        vm.assertEq(uint256(_state()), uint256(wanted), "state");
    }

    function _assertFrozen(address account, bool frozen) internal view {
        bool is_ = block.timestamp < programmes.frozenUntil(PROGRAMME, account);
        vm.assertTrue(is_ == frozen, account == citizen ? "the old account" : "the new account");
    }

    function _expect(bytes memory refusal) internal {
        vm.expectRevert(refusal);
    }

    function _expectOther(address officer) internal {
        vm.expectRevert(abi.encodeWithSelector(IRecovery.OtherOfficerNeeded.selector, officer));
    }

    function _expectState(IRecovery.State state) internal {
        vm.expectRevert(abi.encodeWithSelector(IRecovery.RecoveryStateWrong.selector, ID, state));
    }
}
