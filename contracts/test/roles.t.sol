// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActionRegistry} from "../src/interfaces/IActionRegistry.sol";
import {IImpactToken} from "../src/interfaces/IImpactToken.sol";
import {IProgrammes} from "../src/interfaces/IProgrammes.sol";
import {IQuorum} from "../src/interfaces/IQuorum.sol";
import {CivisTest} from "./base/CivisTest.sol";
import {vm} from "./base/Vm.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

/// @dev Every selector of every contract is in roles.json, and behaves as it says there.
contract RolesTest is CivisTest {
    /// @dev Zeros: every argument decodes, lists as empty ones.
    uint256 private constant ARGUMENTS = 2048;

    function test_everySelectorIsListed() public view {
        string[] memory names = contractNames();
        for (uint256 i = 0; i < names.length; ++i) {
            _assertListed(names[i]);
        }
        _assertListed("ImpactToken");
        _assertListed("Quorum");
    }

    function test_strangersGetWhatTheListSays() public {
        string[] memory names = contractNames();
        for (uint256 i = 0; i < names.length; ++i) {
            _assertHolds(names[i], addressOf(names[i]), STRANGER);
        }
        _assertHolds("ImpactToken", address(programmes.programme(PROGRAMME).token), STRANGER);
        _assertHolds("Quorum", address(quorum), STRANGER);
    }

    function test_eachRoleOpensItsFunctionsOnly() public {
        string[] memory roles = vm.parseJsonKeys(wiring, ".roles");
        for (uint256 i = 0; i < roles.length; ++i) {
            address holder = holderOf(roles[i]);
            string[] memory names = contractNames();
            for (uint256 j = 0; j < names.length; ++j) {
                _assertOpens(names[j], roles[i], holder);
            }
        }
    }

    function test_nobodyButTheTimelockIsAdmin() public view {
        (bool isMember,) = manager.hasRole(0, address(this));
        vm.assertFalse(isMember, "the deployer is admin");
        (isMember,) = manager.hasRole(0, address(timelock));
        vm.assertTrue(isMember, "the timelock is not admin");
        string[] memory roles = vm.parseJsonKeys(wiring, ".roles");
        for (uint256 i = 0; i < roles.length; ++i) {
            if (roleId(roles[i]) == 0) continue;
            (isMember,) = manager.hasRole(0, holderOf(roles[i]));
            vm.assertFalse(isMember, roles[i]);
        }
    }

    /// @dev Whoever may grant a role, take it away or stop what its holders schedule is ADMIN, no
    /// contract of ours asks another manager, and the timelock hears the quorum alone.
    function test_everyWayToAdminPassesTheTimelock() public view {
        string[] memory roles = vm.parseJsonKeys(wiring, ".roles");
        for (uint256 i = 0; i < roles.length; ++i) {
            vm.assertEq(manager.getRoleAdmin(roleId(roles[i])), 0, roles[i]);
            vm.assertEq(manager.getRoleGuardian(roleId(roles[i])), 0, roles[i]);
        }
        string[] memory names = contractNames();
        for (uint256 i = 0; i < names.length; ++i) {
            address authority = IAccessManaged(addressOf(names[i])).authority();
            vm.assertEq(authority, address(manager), names[i]);
        }
        bytes32 proposer = timelock.PROPOSER_ROLE();
        bytes32 admin = timelock.DEFAULT_ADMIN_ROLE();
        vm.assertTrue(timelock.hasRole(admin, address(timelock)), "the timelock rules itself");
        vm.assertTrue(timelock.hasRole(proposer, address(quorum)), "the quorum asks");
        address[5] memory others =
            [address(this), MEMBER, STRANGER, address(delegation), address(manager)];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.assertFalse(timelock.hasRole(proposer, others[i]), "another one asks");
            vm.assertFalse(timelock.hasRole(admin, others[i]), "another one rules");
        }
        vm.assertFalse(timelock.hasRole(admin, address(quorum)), "the quorum rules without delay");
    }

    /// @dev The check finds a door that was left open, and one that was given to another role.
    function test_theCheckCanFail() public {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = registry.cancelBatch.selector;
        vm.prank(address(timelock));
        manager.setTargetFunctionRole(address(registry), selectors, roleId("BURNER"));
        vm.expectRevert();
        this.opens("ActionRegistry", "MINTER", MINTER);
        vm.expectRevert();
        this.opens("ActionRegistry", "BURNER", BURNER);
        vm.prank(address(timelock));
        manager.setTargetFunctionRole(address(registry), selectors, type(uint64).max);
        vm.expectRevert();
        this.holds("ActionRegistry", address(registry), STRANGER);
    }

    function opens(string memory name, string memory role, address holder) external {
        _assertOpens(name, role, holder);
    }

    function holds(string memory name, address target, address caller) external {
        _assertHolds(name, target, caller);
    }

    function _assertListed(string memory name) private view {
        // The artifacts' staleness is checked by script/artifacts.mjs --check.
        string memory built = vm.readFile(string.concat("abi/", name, ".json"));
        string[] memory signatures = vm.parseJsonStringArray(built, ".functions");
        vm.assertTrue(signatures.length > 4, name);
        for (uint256 i = 0; i < signatures.length; ++i) {
            string memory word = wordFor(name, signatures[i]);
            vm.assertTrue(isRole(word) || _isWord(word), string.concat(name, " ", signatures[i]));
        }
        string[] memory listed = vm.parseJsonKeys(wiring, string.concat(".functions.", name));
        vm.assertEq(listed.length, signatures.length, string.concat(name, " lists too much"));
    }

    function _assertHolds(string memory name, address target, address caller) private {
        string[] memory signatures = vm.parseJsonKeys(wiring, string.concat(".functions.", name));
        for (uint256 i = 0; i < signatures.length; ++i) {
            bytes32 word = keccak256(bytes(wordFor(name, signatures[i])));
            bytes4 refused = _try(target, signatures[i], caller);
            string memory message = string.concat(name, " ", signatures[i]);
            vm.assertEq(bytes32(refused), bytes32(_refusal(word)), message);
        }
    }

    function _assertOpens(string memory name, string memory role, address holder) private {
        string[] memory signatures = vm.parseJsonKeys(wiring, string.concat(".functions.", name));
        for (uint256 i = 0; i < signatures.length; ++i) {
            string memory word = wordFor(name, signatures[i]);
            if (!isRole(word)) continue;
            bytes4 refused = _try(addressOf(name), signatures[i], holder);
            bool opened = refused != IAccessManaged.AccessManagedUnauthorized.selector;
            bool same = keccak256(bytes(word)) == keccak256(bytes(role));
            vm.assertTrue(opened == same, string.concat(role, ": ", name, " ", signatures[i]));
        }
    }

    /// @dev The error that an unauthorised call ends with; zero where authority is no matter.
    function _refusal(bytes32 word) private view returns (bytes4) {
        if (word == keccak256("public")) return 0;
        // Zeros name no function, which is refused before it is asked whose it is.
        if (word == keccak256("delegate")) return 0;
        if (word == keccak256("member")) return IQuorum.MemberUnauthorized.selector;
        if (word == keccak256("predecessor")) {
            return IActionRegistry.PredecessorUnauthorized.selector;
        }
        if (word == keccak256("quorum")) return IQuorum.QuorumUnauthorized.selector;
        if (word == keccak256("nobody")) return IImpactToken.TokenTransferForbidden.selector;
        if (word == keccak256("programmes")) return IImpactToken.TokenCallerForbidden.selector;
        if (bytes5(bytes(_wordOf(word))) == "mover") return IProgrammes.MoverUnauthorized.selector;
        return IAccessManaged.AccessManagedUnauthorized.selector;
    }

    function _wordOf(bytes32 word) private view returns (string memory) {
        string[] memory kinds = vm.parseJsonKeys(wiring, ".moverKinds");
        for (uint256 i = 0; i < kinds.length; ++i) {
            string memory candidate = string.concat("mover ", kinds[i]);
            if (keccak256(bytes(candidate)) == word) return candidate;
        }
        return "other";
    }

    function _isWord(string memory word) private view returns (bool) {
        bytes32 hash = keccak256(bytes(word));
        return hash == keccak256("public") || hash == keccak256("nobody")
            || hash == keccak256("programmes") || hash == keccak256("authority")
            || hash == keccak256("member") || hash == keccak256("quorum")
            || hash == keccak256("delegate") || hash == keccak256("predecessor")
            || keccak256(bytes(_wordOf(hash))) == hash;
    }

    /// @dev Selector of an authority's refusal, zero where the call went further.
    function _try(address target, string memory signature, address caller)
        private
        returns (bytes4 selector)
    {
        bytes memory data =
            abi.encodePacked(bytes4(keccak256(bytes(signature))), new bytes(ARGUMENTS));
        vm.prank(caller);
        // The outcome is the matter: success is one.
        (bool success, bytes memory answer) = target.call(data);
        if (success || answer.length < 4) return 0;
        selector = bytes4(answer);
        bool refused = selector == IAccessManaged.AccessManagedUnauthorized.selector
            || selector == IImpactToken.TokenCallerForbidden.selector
            || selector == IImpactToken.TokenTransferForbidden.selector
            || selector == IProgrammes.MoverUnauthorized.selector
            || selector == IQuorum.MemberUnauthorized.selector
            || selector == IQuorum.QuorumUnauthorized.selector
            || selector == IActionRegistry.PredecessorUnauthorized.selector;
        if (!refused) return 0;
    }
}
