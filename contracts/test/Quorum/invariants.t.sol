// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Quorum} from "../../src/Quorum.sol";
import {vm} from "../base/Vm.sol";

/// @dev Six people, some of whom are members, do anything in any order on four decisions.
contract QuorumHandler {
    Quorum public immutable QUORUM;
    /// @dev What must stay zero.
    uint256 public executedBelow;
    uint256 public executions;

    address[6] private _people;
    mapping(bytes32 id => mapping(address person => bool)) private _stands;
    bytes32[4] public ids;

    constructor() {
        address[] memory first = new address[](3);
        for (uint256 i = 0; i < 6; ++i) {
            _people[i] = vm.addr(i + 1);
            if (i < 3) first[i] = _people[i];
        }
        QUORUM = new Quorum(first, 2);
        for (uint256 i = 0; i < 4; ++i) {
            ids[i] = QUORUM.hashDecision(address(this), _data(i), bytes32(i));
        }
    }

    /// @dev What is proposed.
    function nothing(uint256) external {}

    function propose(uint256 who, uint256 what) external {
        (address person, uint256 n) = (_people[who % 6], what % 4);
        vm.prank(person);
        try QUORUM.propose(address(this), _data(n), bytes32(n)) {
            _stands[ids[n]][person] = true;
        } catch {}
    }

    function confirm(uint256 who, uint256 what) external {
        (address person, uint256 n) = (_people[who % 6], what % 4);
        vm.prank(person);
        try QUORUM.confirm(ids[n]) {
            _stands[ids[n]][person] = true;
        } catch {}
    }

    function withdraw(uint256 who, uint256 what) external {
        (address person, uint256 n) = (_people[who % 6], what % 4);
        vm.prank(person);
        try QUORUM.withdraw(ids[n]) {
            _stands[ids[n]][person] = false;
        } catch {}
    }

    function execute(uint256 who, uint256 what) external {
        uint256 n = what % 4;
        vm.prank(_people[who % 6]);
        try QUORUM.execute(address(this), _data(n), bytes32(n)) {
            ++executions;
            if (_membersBehind(ids[n]) < QUORUM.needed()) ++executedBelow;
        } catch {}
    }

    /// @dev By the quorum itself, as a decision would have it.
    function change(uint256 first, uint256 count, uint256 enough) external {
        if (first % 8 != 0) return; // seldom, or nothing would ever come about
        address[] memory others = new address[](2 + count % 5);
        for (uint256 i = 0; i < others.length; ++i) {
            others[i] = _people[(first + i) % 6];
        }
        vm.prank(address(QUORUM));
        QUORUM.setMembers(others, 2 + enough % (others.length - 1));
    }

    function behind(bytes32 id) external view returns (uint256 count) {
        for (uint256 i = 0; i < 6; ++i) {
            if (_stands[id][_people[i]]) ++count;
        }
    }

    function _membersBehind(bytes32 id) private view returns (uint256 count) {
        for (uint256 i = 0; i < 6; ++i) {
            if (_stands[id][_people[i]] && QUORUM.isMember(_people[i])) ++count;
        }
    }

    function _data(uint256 n) private pure returns (bytes memory) {
        return abi.encodeCall(QuorumHandler.nothing, (n));
    }
}

contract QuorumInvariantsTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    QuorumHandler private handler;

    function setUp() public {
        handler = new QuorumHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](5);
        (selectors[0], selectors[1]) = (handler.propose.selector, handler.confirm.selector);
        (selectors[2], selectors[3]) = (handler.execute.selector, handler.withdraw.selector);
        selectors[4] = handler.change.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    function invariant_neverBelowTheNumber() public view {
        vm.assertEq(handler.executedBelow(), 0, "executed with too few");
    }

    function invariant_confirmationsAreCounted() public view {
        for (uint256 i = 0; i < 4; ++i) {
            bytes32 id = handler.ids(i);
            vm.assertEq(handler.QUORUM().confirmations(id), handler.behind(id), "confirmations");
        }
    }
}
