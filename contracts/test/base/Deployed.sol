// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ActionRegistry} from "../../src/ActionRegistry.sol";
import {Anchor} from "../../src/Anchor.sol";
import {Attesters} from "../../src/Attesters.sol";
import {Delegation} from "../../src/Delegation.sol";
import {Payees} from "../../src/Payees.sol";
import {PaymentDesk} from "../../src/PaymentDesk.sol";
import {Programmes} from "../../src/Programmes.sol";
import {Quorum} from "../../src/Quorum.sol";
import {Recovery} from "../../src/Recovery.sol";
import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {vm} from "./Vm.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @dev All contracts, deployed and wired from roles.json as app/chain/deploying/deploy.py does it.
abstract contract Deployed {
    bytes32 internal constant GENESIS = keccak256("genesis");
    uint128 internal constant CEILING = 1_000_000_00;
    uint128 internal constant PAY_OUT_LIMIT = 1_000_000_00;
    uint32 internal constant UNPAUSE_DELAY = 1 days;
    uint256 internal constant ACCEPTOR_KEY = uint256(keccak256("acceptor"));

    AccessManager internal manager;
    TimelockController internal timelock;
    Programmes internal programmes;
    ActionRegistry internal registry;
    Attesters internal attesters;
    Payees internal payees;
    PaymentDesk internal desk;
    Anchor internal anchor;
    Recovery internal recovery;
    Quorum internal quorum;
    Delegation internal delegation;

    address internal immutable MINTER = _actor("minter");
    address internal immutable SETTLER = _actor("settler");
    address internal immutable BURNER = _actor("burner");
    address internal immutable TREASURER = _actor("treasurer one");
    address internal immutable TREASURER_2 = _actor("treasurer two");
    address internal immutable OFFICER = _actor("officer one");
    address internal immutable OFFICER_2 = _actor("officer two");
    address internal immutable OFFICER_3 = _actor("officer three");
    address internal immutable OFFICER_4 = _actor("officer four");
    address internal immutable REGISTRAR = _actor("registrar");
    address internal immutable PAUSER = _actor("pauser");
    address internal immutable UNPAUSER = _actor("unpauser");
    address internal immutable MEMBER = _actor("member one");
    address internal immutable MEMBER_2 = _actor("member two");
    address internal immutable MEMBER_3 = _actor("member three");
    address internal immutable STRANGER = _actor("stranger");

    string internal wiring;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        wiring = vm.readFile("roles.json");
        _deploy();
        string[] memory names = contractNames();
        for (uint256 i = 0; i < names.length; ++i) {
            _wire(names[i]);
        }
        _grant();
        desk.setAcceptor(vm.addr(ACCEPTOR_KEY), IPaymentDesk.AcceptorState.Active);
        manager.grantRole(0, address(timelock), 0);
        manager.renounceRole(0, address(this));
    }

    /// @dev The contracts that the manager rules.
    function contractNames() internal pure returns (string[] memory names) {
        names = new string[](8);
        (names[0], names[1], names[2]) = ("Programmes", "ActionRegistry", "Attesters");
        (names[3], names[4], names[5]) = ("PaymentDesk", "Payees", "Anchor");
        (names[6], names[7]) = ("Recovery", "Delegation");
    }

    function addressOf(string memory name) internal view returns (address) {
        bytes32 hash = keccak256(bytes(name));
        if (hash == keccak256("Programmes")) return address(programmes);
        if (hash == keccak256("ActionRegistry")) return address(registry);
        if (hash == keccak256("Attesters")) return address(attesters);
        if (hash == keccak256("PaymentDesk")) return address(desk);
        if (hash == keccak256("Payees")) return address(payees);
        if (hash == keccak256("Recovery")) return address(recovery);
        if (hash == keccak256("Delegation")) return address(delegation);
        if (hash == keccak256("Quorum")) return address(quorum);
        return address(anchor);
    }

    /// @dev What roles.json says of a function: a role or another word.
    function wordFor(string memory name, string memory signature)
        internal
        view
        returns (string memory)
    {
        return vm.parseJsonString(wiring, string.concat(".functions.", name, "['", signature, "']"));
    }

    function roleId(string memory role) internal view returns (uint64) {
        return uint64(vm.parseJsonUint(wiring, string.concat(".roles.", role)));
    }

    function isRole(string memory word) internal view returns (bool) {
        string[] memory roles = vm.parseJsonKeys(wiring, ".roles");
        for (uint256 i = 0; i < roles.length; ++i) {
            if (keccak256(bytes(roles[i])) == keccak256(bytes(word))) return true;
        }
        return false;
    }

    function _deploy() private {
        address[] memory members = new address[](3);
        (members[0], members[1], members[2]) = (MEMBER, MEMBER_2, MEMBER_3);
        quorum = new Quorum(members, 2);
        address[] memory proposers = new address[](1);
        proposers[0] = address(quorum);
        manager = new AccessManager(address(this));
        timelock = new TimelockController(2 days, proposers, new address[](1), address(0));
        programmes = new Programmes(address(manager));
        payees = new Payees(address(manager), programmes, PAY_OUT_LIMIT);
        registry =
            new ActionRegistry(address(manager), programmes, CEILING, IActionRegistry(address(0)));
        attesters = new Attesters(address(manager), GENESIS);
        desk = new PaymentDesk(address(manager), programmes, payees, GENESIS);
        anchor = new Anchor(address(manager));
        recovery = new Recovery(address(manager), programmes, desk, GENESIS);
        delegation = new Delegation(address(manager), timelock);
    }

    function _wire(string memory name) private {
        address target = addressOf(name);
        string[] memory signatures = vm.parseJsonKeys(wiring, string.concat(".functions.", name));
        bytes4[] memory selectors = new bytes4[](1);
        for (uint256 i = 0; i < signatures.length; ++i) {
            string memory word = wordFor(name, signatures[i]);
            if (!isRole(word)) continue;
            selectors[0] = bytes4(keccak256(bytes(signatures[i])));
            manager.setTargetFunctionRole(target, selectors, roleId(word));
        }
        manager.setTargetAdminDelay(target, 2 days);
        string memory path = string.concat(".movers.", name);
        if (!vm.keyExistsJson(wiring, path)) return;
        string[] memory kinds = vm.parseJsonStringArray(wiring, path);
        uint256 bits = 0;
        for (uint256 i = 0; i < kinds.length; ++i) {
            bits |= 1 << vm.parseJsonUint(wiring, string.concat(".moverKinds.", kinds[i]));
        }
        programmes.setMover(target, uint8(bits));
    }

    function _grant() private {
        manager.grantRole(roleId("MINTER"), MINTER, 0);
        manager.grantRole(roleId("SETTLER"), SETTLER, 0);
        manager.grantRole(roleId("BURNER"), BURNER, 0);
        manager.grantRole(roleId("TREASURER"), TREASURER, 0);
        manager.grantRole(roleId("TREASURER"), TREASURER_2, 0);
        manager.grantRole(roleId("OFFICER"), OFFICER, 0);
        manager.grantRole(roleId("OFFICER"), OFFICER_2, 0);
        manager.grantRole(roleId("OFFICER"), OFFICER_3, 0);
        manager.grantRole(roleId("OFFICER"), OFFICER_4, 0);
        manager.grantRole(roleId("REGISTRAR"), REGISTRAR, 0);
        manager.grantRole(roleId("PAUSER"), PAUSER, 0);
        manager.grantRole(roleId("UNPAUSER"), UNPAUSER, UNPAUSE_DELAY);
    }

    function _actor(string memory name) private returns (address actor) {
        actor = vm.addr(uint256(keccak256(bytes(name))));
        vm.label(actor, name);
    }
}
