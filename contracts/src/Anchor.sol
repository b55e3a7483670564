// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAnchor} from "./interfaces/IAnchor.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @title Daily roots, once each
contract Anchor is IAnchor, AccessManaged {
    /// @inheritdoc IAnchor
    mapping(bytes32 kind => mapping(uint32 day => bytes32 root)) public rootOf;

    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IAnchor
    function commit(bytes32 kind, uint32 day, bytes32 root) external restricted {
        require(root != 0, RootEmpty());
        require(rootOf[kind][day] == 0, RootExists(kind, day));
        rootOf[kind][day] = root;
        emit RootCommitted(kind, day, root);
    }
}
