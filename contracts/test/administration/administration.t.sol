// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IDelegation} from "../../src/interfaces/IDelegation.sol";
import {IQuorum} from "../../src/interfaces/IQuorum.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

/// @dev An administrator's act, end to end, by each way that leads there, and by none that doesn't.
contract AdministrationTest is CivisTest {
    address private delegate = vm.addr(uint256(keccak256("delegate")));

    function _ceiling(uint128 cents) private view returns (bytes memory) {
        return abi.encodeCall(registry.setDailyCeiling, (PROGRAMME, cents));
    }

    /// @dev The members let the contract of delegates ask, and one of them ask for ceilings.
    function _delegated(uint64 until) private {
        bytes32 role = timelock.PROPOSER_ROLE();
        _rule(address(timelock), abi.encodeCall(timelock.grantRole, (role, address(delegation))));
        bytes4 selector = registry.setDailyCeiling.selector;
        bytes memory data =
            abi.encodeCall(delegation.permit, (delegate, address(registry), selector, until));
        _rule(address(delegation), data);
    }

    function test_twoOfThreeRuleAfterTheDelay() public {
        bytes memory asked =
            abi.encodeCall(timelock.schedule, (address(registry), 0, _ceiling(7), 0, 0, 2 days));
        _decide(address(timelock), asked, 0);
        vm.expectRevert();
        timelock.execute(address(registry), 0, _ceiling(7), 0, 0);
        vm.warp(block.timestamp + 2 days);
        vm.prank(STRANGER);
        timelock.execute(address(registry), 0, _ceiling(7), 0, 0);
        vm.assertEq(registry.dailyCeiling(PROGRAMME), 7, "ceiling");
    }

    function test_noDecisionIsShorterThanTheDelay() public {
        bytes memory asked = abi.encodeCall(
            timelock.schedule, (address(registry), 0, _ceiling(7), 0, 0, 2 days - 1)
        );
        vm.prank(MEMBER);
        bytes32 id = quorum.propose(address(timelock), asked, 0);
        vm.prank(MEMBER_2);
        quorum.confirm(id);
        vm.prank(MEMBER);
        vm.expectPartialRevert(bytes4(keccak256("TimelockInsufficientDelay(uint256,uint256)")));
        quorum.execute(address(timelock), asked, 0);
    }

    function test_oneMemberReachesNothing() public {
        bytes memory asked =
            abi.encodeCall(timelock.schedule, (address(registry), 0, _ceiling(7), 0, 0, 2 days));
        vm.startPrank(MEMBER);
        bytes32 id = quorum.propose(address(timelock), asked, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IQuorum.ConfirmationsMissing.selector, id, uint256(1), uint256(2)
            )
        );
        quorum.execute(address(timelock), asked, 0);
        vm.expectPartialRevert(
            bytes4(keccak256("AccessControlUnauthorizedAccount(address,bytes32)"))
        );
        timelock.schedule(address(registry), 0, _ceiling(7), 0, 0, 2 days);
        vm.expectPartialRevert(bytes4(keccak256("AccessManagedUnauthorized(address)")));
        registry.setDailyCeiling(PROGRAMME, 7);
        vm.stopPrank();
    }

    function test_theQuorumItselfIsNoAdministrator() public {
        vm.prank(MEMBER);
        bytes32 id = quorum.propose(address(registry), _ceiling(7), 0);
        vm.prank(MEMBER_2);
        quorum.confirm(id);
        vm.prank(MEMBER_2);
        vm.expectRevert(
            abi.encodeWithSignature("AccessManagedUnauthorized(address)", address(quorum))
        );
        quorum.execute(address(registry), _ceiling(7), 0);
    }

    function test_aDelegateRulesWithinTheSpan() public {
        _delegated(uint64(block.timestamp + 30 days));
        vm.prank(delegate);
        delegation.schedule(address(registry), _ceiling(9), "of mine");
        vm.warp(block.timestamp + 2 days);
        timelock.execute(address(registry), 0, _ceiling(9), 0, "of mine");
        vm.assertEq(registry.dailyCeiling(PROGRAMME), 9, "ceiling");
    }

    function test_aDelegateIsNothingByThemselves() public {
        bytes4 selector = registry.setDailyCeiling.selector;
        vm.prank(address(timelock));
        delegation.permit(delegate, address(registry), selector, uint64(block.timestamp + 1 days));
        vm.prank(delegate);
        vm.expectPartialRevert(
            bytes4(keccak256("AccessControlUnauthorizedAccount(address,bytes32)"))
        );
        delegation.schedule(address(registry), _ceiling(9), 0);
    }

    function test_aDelegateIsStoppedAtOnce() public {
        _delegated(uint64(block.timestamp + 30 days));
        bytes4 selector = registry.setDailyCeiling.selector;
        vm.expectEmit(address(delegation));
        emit IDelegation.Revoked(delegate, address(registry), selector);
        vm.prank(PAUSER);
        delegation.revoke(delegate, address(registry), selector);
        vm.prank(delegate);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDelegation.DelegateUnauthorized.selector, delegate, address(registry), selector
            )
        );
        delegation.schedule(address(registry), _ceiling(9), 0);
    }

    function test_theQuorumCancelsWhatADelegateAskedFor() public {
        _delegated(uint64(block.timestamp + 30 days));
        vm.prank(delegate);
        bytes32 operation = delegation.schedule(address(registry), _ceiling(9), 0);
        _decide(address(timelock), abi.encodeCall(timelock.cancel, (operation)), "cancel");
        vm.warp(block.timestamp + 2 days);
        vm.expectRevert();
        timelock.execute(address(registry), 0, _ceiling(9), 0, 0);
    }

    function test_aTargetIsClosedByTheTimelockAloneAndLate() public {
        vm.warp(block.timestamp + 6 days); // the deployment's own delays have passed
        string[] memory names = contractNames();
        for (uint256 i = 0; i < names.length; ++i) {
            address target = addressOf(names[i]);
            vm.assertEq(manager.getTargetAdminDelay(target), 2 days, names[i]);
            bytes memory data = abi.encodeCall(manager.setTargetClosed, (target, true));
            _refusedToAll(data);
            vm.prank(address(timelock)); // before the manager's own delay
            vm.expectPartialRevert(bytes4(keccak256("AccessManagerNotScheduled(bytes32)")));
            manager.setTargetClosed(target, true);
            vm.startPrank(address(timelock));
            manager.schedule(address(manager), data, 0);
            vm.warp(block.timestamp + 2 days);
            manager.setTargetClosed(target, true);
            vm.stopPrank();
            vm.assertTrue(manager.isTargetClosed(target), names[i]);
        }
    }

    function _refusedToAll(bytes memory data) private {
        address[5] memory others =
            [address(this), address(quorum), address(delegation), MEMBER, STRANGER];
        for (uint256 i = 0; i < others.length; ++i) {
            _refused(data, others[i]);
        }
        string[] memory roles = vm.parseJsonKeys(wiring, ".roles");
        for (uint256 i = 0; i < roles.length; ++i) {
            if (roleId(roles[i]) != 0) _refused(data, holderOf(roles[i]));
        }
    }

    function _refused(bytes memory data, address caller) private {
        vm.prank(caller);
        (bool success, bytes memory answer) = address(manager).call(data);
        vm.assertFalse(success, "closed");
        vm.assertEq(
            bytes32(bytes4(answer)),
            bytes32(bytes4(keccak256("AccessManagerUnauthorizedAccount(address,uint64)"))),
            "why"
        );
    }
}
