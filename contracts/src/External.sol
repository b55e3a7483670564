// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

// Brings OpenZeppelin's governance contracts, which are deployed as they are, into the build.
// forge-lint: disable-next-line(unused-import)
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
// forge-lint: disable-next-line(unused-import)
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
