// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Quorum} from "../../src/Quorum.sol";
import {IAnchor} from "../../src/interfaces/IAnchor.sol";
import {IQuorum} from "../../src/interfaces/IQuorum.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {Vm, vm} from "../base/Vm.sol";

contract QuorumTest is CivisTest {
    bytes32 private constant SALT = "salt";

    /// @dev Something harmless that only a member of the quorum brings about: a call of a view.
    function _call() private view returns (address, bytes memory) {
        return (address(programmes), abi.encodeCall(programmes.programmeCount, ()));
    }

    function _proposed() private returns (bytes32 id) {
        (address target, bytes memory data) = _call();
        vm.prank(MEMBER);
        id = quorum.propose(target, data, SALT);
    }

    function _execute(address member) private {
        (address target, bytes memory data) = _call();
        vm.prank(member);
        quorum.execute(target, data, SALT);
    }

    function _refuses(bytes4 selector, bytes32 id) private {
        vm.expectRevert(abi.encodeWithSelector(selector, id));
    }

    function testFuzz_strangersDoNothing(address stranger) public {
        vm.assume(!quorum.isMember(stranger));
        (address target, bytes memory data) = _call();
        bytes memory refusal = abi.encodeWithSelector(IQuorum.MemberUnauthorized.selector, stranger);
        vm.startPrank(stranger);
        vm.expectRevert(refusal);
        quorum.propose(target, data, SALT);
        vm.expectRevert(refusal);
        quorum.confirm(SALT);
        vm.expectRevert(refusal);
        quorum.withdraw(SALT);
        vm.expectRevert(refusal);
        quorum.execute(target, data, SALT);
        vm.stopPrank();
    }

    function test_aDecisionIsProposedOnce() public {
        (address target, bytes memory data) = _call();
        bytes32 id = quorum.hashDecision(target, data, SALT);
        uint64 ends = uint64(block.timestamp) + 14 days;
        vm.expectEmit(address(quorum));
        emit IQuorum.Proposed(id, MEMBER, target, data, SALT, ends);
        vm.expectEmit(address(quorum));
        emit IQuorum.Confirmed(id, MEMBER);
        vm.assertEq(_proposed(), id, "name");
        vm.assertEq(quorum.confirmations(id), 1, "the proposer stands behind it");
        vm.prank(MEMBER_2);
        _refuses(IQuorum.DecisionExists.selector, id);
        quorum.propose(target, data, SALT);
    }

    function test_oneAloneIsTooFew() public {
        bytes32 id = _proposed();
        (address target, bytes memory data) = _call();
        vm.startPrank(MEMBER);
        vm.expectRevert(abi.encodeWithSelector(IQuorum.ConfirmationExists.selector, id, MEMBER));
        quorum.confirm(id);
        vm.expectRevert(
            abi.encodeWithSelector(
                IQuorum.ConfirmationsMissing.selector, id, uint256(1), uint256(2)
            )
        );
        quorum.execute(target, data, SALT);
        vm.stopPrank();
    }

    function test_twoMakeItOnce() public {
        bytes32 id = _proposed();
        vm.prank(MEMBER_2);
        quorum.confirm(id);
        (address target, bytes memory data) = _call();
        vm.expectEmit(address(quorum));
        emit IQuorum.Executed(id, MEMBER_3);
        vm.prank(MEMBER_3);
        quorum.execute(target, data, SALT);
        vm.assertTrue(quorum.decision(id).executed, "executed");
        vm.startPrank(MEMBER);
        _refuses(IQuorum.DecisionExecuted.selector, id);
        quorum.execute(target, data, SALT);
        _refuses(IQuorum.DecisionExecuted.selector, id);
        quorum.withdraw(id);
        vm.stopPrank();
    }

    function test_whatIsUnknownIsRefused() public {
        (address target, bytes memory data) = _call();
        bytes32 id = quorum.hashDecision(target, data, SALT);
        vm.startPrank(MEMBER);
        _refuses(IQuorum.DecisionUnknown.selector, id);
        quorum.confirm(id);
        _refuses(IQuorum.DecisionUnknown.selector, id);
        quorum.execute(target, data, SALT);
        vm.stopPrank();
    }

    function test_aConfirmationIsTakenBack() public {
        bytes32 id = _proposed();
        vm.startPrank(MEMBER_2);
        vm.expectRevert(abi.encodeWithSelector(IQuorum.ConfirmationMissing.selector, id, MEMBER_2));
        quorum.withdraw(id);
        quorum.confirm(id);
        vm.expectEmit(address(quorum));
        emit IQuorum.ConfirmationWithdrawn(id, MEMBER_2);
        quorum.withdraw(id);
        vm.stopPrank();
        vm.assertEq(quorum.confirmations(id), 1, "taken back");
        vm.assertFalse(quorum.hasConfirmed(id, MEMBER_2), "taken back");
        vm.expectRevert(
            abi.encodeWithSelector(
                IQuorum.ConfirmationsMissing.selector, id, uint256(1), uint256(2)
            )
        );
        _execute(MEMBER);
    }

    function testFuzz_itExpires(uint32 late) public {
        bytes32 id = _proposed();
        uint64 ends = quorum.decision(id).expiresAt;
        vm.assertEq(ends, block.timestamp + 14 days, "fourteen days");
        vm.prank(MEMBER_2);
        quorum.confirm(id);
        bytes memory refusal = abi.encodeWithSelector(IQuorum.DecisionExpired.selector, id, ends);
        vm.warp(uint256(ends) + late);
        vm.expectRevert(refusal);
        _execute(MEMBER);
        vm.warp(ends);
        vm.expectRevert(refusal);
        _execute(MEMBER);
        vm.warp(uint256(ends) - 1);
        _execute(MEMBER);
    }

    function test_aRefusalIsHandedOn() public {
        bytes memory data = abi.encodeCall(anchor.commit, ("kind", 1, "root"));
        vm.prank(MEMBER);
        bytes32 id = quorum.propose(address(anchor), data, SALT);
        vm.prank(MEMBER_2);
        quorum.confirm(id);
        vm.prank(MEMBER);
        vm.expectRevert(
            abi.encodeWithSignature("AccessManagedUnauthorized(address)", address(quorum))
        );
        quorum.execute(address(anchor), data, SALT);
        vm.assertFalse(quorum.decision(id).executed, "it may be tried again");
        vm.assertEq(IAnchor(address(anchor)).rootOf("kind", 1), bytes32(0), "nothing happened");
    }

    function test_onlyTheQuorumChangesItself() public {
        address[] memory others = new address[](2);
        (others[0], others[1]) = (MEMBER_2, OFFICER);
        bytes memory change = abi.encodeCall(quorum.setMembers, (others, 2));
        vm.prank(MEMBER);
        vm.expectRevert(abi.encodeWithSelector(IQuorum.QuorumUnauthorized.selector, MEMBER));
        quorum.setMembers(others, 2);

        bytes32 open = _proposed();
        vm.recordLogs();
        _decide(address(quorum), change, "change");
        Vm.Log[] memory told = vm.getRecordedLogs();
        vm.assertEq(told[told.length - 1].topics[0], IQuorum.MembersSet.selector, "event");
        vm.assertFalse(quorum.isMember(MEMBER), "who left");
        vm.assertTrue(quorum.isMember(OFFICER) && quorum.isMember(MEMBER_2), "who is there");
        vm.assertEq(quorum.members().length, 2, "members");
        vm.prank(MEMBER_2);
        _refuses(IQuorum.DecisionOutdated.selector, open);
        quorum.confirm(open);
    }

    function testFuzz_membersThatCantDecide(uint8 enough) public {
        address[] memory first = new address[](3);
        (first[0], first[1], first[2]) = (MEMBER, MEMBER_2, MEMBER);
        vm.expectRevert(abi.encodeWithSelector(IQuorum.MembersInvalid.selector));
        new Quorum(first, 2);
        first[2] = address(0);
        vm.expectRevert(abi.encodeWithSelector(IQuorum.MembersInvalid.selector));
        new Quorum(first, 2);
        first[2] = MEMBER_3;
        if (enough < 2 || enough > 3) {
            vm.expectRevert(abi.encodeWithSelector(IQuorum.MembersInvalid.selector));
        }
        new Quorum(first, enough);
    }

    function test_membersAreThirtyTwoAtMost() public {
        vm.assertEq(new Quorum(_many(32), 2).members().length, 32, "as many as there may be");
        address[] memory more = _many(33);
        vm.expectRevert(abi.encodeWithSelector(IQuorum.MembersInvalid.selector));
        new Quorum(more, 2);
    }

    function _many(uint160 number) private pure returns (address[] memory many) {
        many = new address[](number);
        for (uint160 i = 0; i < number; ++i) {
            many[i] = address(1000 + i);
        }
    }
}
