// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

/// @dev One decision of the quorum puts a contract in another's place, as app/chain/deploying/replacing.py
/// prepares it: every call or none.
abstract contract ReplacementTest is CivisTest {
    address[] private _targets;
    bytes[] private _calls;

    function _then(address target, bytes memory data) internal {
        _targets.push(target);
        _calls.push(data);
    }

    /// @dev The functions of a contract `name` at `target` are given to their roles.
    function _thenWire(string memory name, address target) internal {
        string[] memory signatures = vm.parseJsonKeys(wiring, string.concat(".functions.", name));
        bytes4[] memory selectors = new bytes4[](1);
        for (uint256 i = 0; i < signatures.length; ++i) {
            string memory word = wordFor(name, signatures[i]);
            if (!isRole(word)) continue;
            selectors[0] = bytes4(keccak256(bytes(signatures[i])));
            bytes memory data =
                abi.encodeCall(manager.setTargetFunctionRole, (target, selectors, roleId(word)));
            _then(address(manager), data);
        }
        _then(address(manager), abi.encodeCall(manager.setTargetAdminDelay, (target, 2 days)));
    }

    function _moves(address mover, uint8 kinds) internal {
        _then(address(programmes), abi.encodeCall(programmes.setMover, (mover, kinds)));
    }

    /// @dev Two of three decide, two days pass, somebody executes.
    function _decideAll() internal {
        uint256[] memory values = new uint256[](_targets.length);
        bytes memory asked =
            abi.encodeCall(timelock.scheduleBatch, (_targets, values, _calls, 0, 0, 2 days));
        _decide(address(timelock), asked, 0);
        vm.warp(block.timestamp + 2 days);
        vm.prank(STRANGER);
        timelock.executeBatch(_targets, values, _calls, 0, 0);
        delete _targets;
        delete _calls;
    }
}
