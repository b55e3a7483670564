// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ImpactToken} from "../../src/ImpactToken.sol";
import {IImpactToken} from "../../src/interfaces/IImpactToken.sol";
import {vm} from "../base/Vm.sol";
import {Holders} from "./Holders.sol";

/// @dev What is expected of any ERC-20, as far as it applies to one that only Programmes moves;
/// contracts/README.md lists the rest with the reason.
contract PropertiesTest {
    Holders private holders;
    ImpactToken private token;

    function setUp() public {
        holders = new Holders();
        token = holders.TOKEN();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(holders);
    }

    function invariant_supplyIsTheSumOfBalances() public view {
        for (uint8 i = 0; i < 2; ++i) {
            IImpactToken.Side side = IImpactToken.Side(i);
            uint256 sum = 0;
            for (uint256 j = 0; j < 4; ++j) {
                sum += token.sideOf(holders.holders(j), side);
            }
            vm.assertEq(sum, token.sideSupply(side), "supply of a side");
        }
    }

    function invariant_supplyIsWhatWasMintedAndNotGone() public view {
        vm.assertEq(token.totalSupply(), holders.minted() - holders.gone(), "supply");
    }

    function invariant_noBalanceAboveTheSupply() public view {
        for (uint256 i = 0; i < 4; ++i) {
            vm.assertLe(token.balanceOf(holders.holders(i)), token.totalSupply(), "balance");
        }
    }

    function invariant_nobodyHoldsNothing() public view {
        vm.assertEq(token.balanceOf(address(0)), 0, "balance of nobody");
        vm.assertEq(holders.toNobody(), 0, "moved to nobody");
    }

    function invariant_noMoreThanThereIs() public view {
        vm.assertEq(holders.tooMuch(), 0, "moved or burned more than there was");
    }

    function invariant_toItselfOrNothingChangesNothing() public view {
        vm.assertEq(holders.wrongBySelf(), 0, "moved to itself");
        vm.assertEq(holders.wrongByNothing(), 0, "moved nothing");
    }

    function invariant_eachAccountOnceInAList() public view {
        vm.assertEq(holders.mintedTwice(), 0, "credited twice, or out of order");
    }
}
