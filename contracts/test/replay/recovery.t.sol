// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Recovery} from "../../src/Recovery.sol";
import {IRecovery} from "../../src/interfaces/IRecovery.sol";
import {RecoveryTest} from "../Recovery/RecoveryTest.sol";
import {vm} from "../base/Vm.sol";

/// @dev Signatures that are right for one Recovery, chain, programme, case and kind, sent elsewhere.
/// Another citizen's account moves and forwards; the citizen's own is recovered.
contract RecoveryReplayTest is RecoveryTest {
    uint256 private constant MOVER_KEY = uint256(keccak256("who moves"));
    address private mover = vm.addr(MOVER_KEY);

    struct Signed {
        IRecovery.Move move;
        bytes moveOwner;
        bytes moveAccepted;
        IRecovery.Forward forward;
        bytes forwardAccepted;
        bytes release;
        bytes objection;
    }

    function setUp() public override {
        super.setUp();
        _credit(mover, 50);
        _commit(OTHER, _one(mover, 50));
    }

    function test_recoveryExecutesHere() public {
        Signed memory s = _signAll();
        _confirmed();
        _send(s);
        vm.assertEq(token.balanceOf(mover), 0, "moved, and forwarded");
        vm.assertEq(token.balanceOf(fresh), HELD, "recovered");
        vm.assertEq(token.balanceOf(vm.addr(77)), 50, "to its successor");
    }

    function test_recoveryExecutesNothingAtAnother() public {
        Signed memory s = _signAll();
        _replaceRecovery();
        _assertNothingExecutes(s);
    }

    function test_recoveryExecutesNothingOnAnotherChain() public {
        Signed memory s = _signAll();
        vm.chainId(block.chainid + 1);
        _assertNothingExecutes(s);
    }

    function test_recoveryExecutesNothingElsewhere() public {
        Signed memory s = _signAll();
        (s.move.programmeId, s.forward.programmeId) = (OTHER, OTHER);
        s.release = _released("another case", 0);
        s.objection = _sign(CITIZEN_KEY, recovery.hashObjection("another case"));
        _assertNothingExecutes(s);
    }

    function test_recoveryTakesNoOtherKind() public {
        Signed memory s = _signAll();
        (s.moveOwner, s.objection) = (s.objection, s.release);
        (s.forwardAccepted, s.release) = (s.release, s.forwardAccepted);
        _assertNothingExecutes(s);
        s = _signAll();
        // The desk's acceptances of the same ids.
        s.moveAccepted = _accept(recovery.hashMove(s.move));
        s.forwardAccepted = _accept(recovery.hashForward(s.forward));
        s.release = _accept(recovery.hashRelease(ID, 0));
        s.objection = _sign(CITIZEN_KEY, recovery.hashRelease(ID, 0));
        _assertNothingExecutes(s);
    }

    function _signAll() private view returns (Signed memory s) {
        s.move = IRecovery.Move(PROGRAMME, mover, vm.addr(77), 40, "nonce");
        bytes32 id = recovery.hashMove(s.move);
        s.moveOwner = _sign(MOVER_KEY, id);
        s.moveAccepted = _sign(ACCEPTOR_KEY, recovery.hashAcceptance(id));
        s.forward = IRecovery.Forward(PROGRAMME, mover, 10, "nonce");
        id = recovery.hashForward(s.forward);
        s.forwardAccepted = _sign(ACCEPTOR_KEY, recovery.hashAcceptance(id));
        s.release = _released(ID, 0);
        s.objection = _sign(CITIZEN_KEY, recovery.hashObjection(ID));
    }

    function _replaceRecovery() private {
        recovery = new Recovery(address(manager), programmes, desk, GENESIS);
        bytes4[] memory settlers = new bytes4[](3);
        (settlers[0], settlers[1]) = (recovery.execute.selector, recovery.moveAccount.selector);
        settlers[2] = recovery.forward.selector;
        bytes4[] memory officers = new bytes4[](2);
        (officers[0], officers[1]) = (recovery.propose.selector, recovery.confirm.selector);
        vm.startPrank(address(timelock));
        manager.setTargetFunctionRole(address(recovery), settlers, roleId("SETTLER"));
        manager.setTargetFunctionRole(address(recovery), officers, roleId("OFFICER"));
        programmes.setMover(address(recovery), 8);
        vm.stopPrank();
    }

    /// @dev Where each is sent, everything but the signature is right: the case is confirmed and
    /// ripe, and for the forward somebody succeeded.
    function _assertNothingExecutes(Signed memory s) private {
        if (recovery.recovery(ID).state == IRecovery.State.None) _confirmed();
        uint256 movers = token.balanceOf(mover) + _token(OTHER).balanceOf(mover);
        _send(s);
        vm.assertEq(token.balanceOf(mover) + _token(OTHER).balanceOf(mover), movers, "moved");
        vm.assertEq(token.balanceOf(fresh), 0, "recovered");
        _assertState(IRecovery.State.Confirmed);
    }

    function _send(Signed memory s) private {
        vm.warp(recovery.recovery(ID).readyAt);
        vm.startPrank(SETTLER);
        (bool ok,) = address(recovery)
            .call(abi.encodeCall(recovery.moveAccount, (s.move, s.moveOwner, s.moveAccepted)));
        if (!ok) _succeed(s.move.programmeId);
        vm.startPrank(SETTLER);
        (ok,) = address(recovery)
            .call(abi.encodeCall(recovery.forward, (s.forward, s.forwardAccepted)));
        (ok,) = address(recovery).call(abi.encodeCall(recovery.objectTo, (ID, s.objection)));
        if (ok) _decide();
        vm.startPrank(SETTLER);
        (ok,) = address(recovery).call(abi.encodeCall(recovery.execute, (ID, 0, s.release)));
        vm.stopPrank();
    }

    /// @dev The mover changed account by a move of nothing, signed for this very place.
    function _succeed(bytes32 programmeId) private {
        vm.stopPrank();
        if (recovery.successorOf(programmeId, mover) != address(0)) return;
        IRecovery.Move memory move =
            IRecovery.Move(programmeId, mover, vm.addr(78), 0, "for the control");
        _moves(move, MOVER_KEY, ACCEPTOR_KEY);
    }

    function _decide() private {
        vm.stopPrank();
        _vote(OFFICER_3, true);
        _vote(OFFICER_4, true);
    }
}
