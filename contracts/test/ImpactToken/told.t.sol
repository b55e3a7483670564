// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ImpactToken} from "../../src/ImpactToken.sol";
import {IImpactToken} from "../../src/interfaces/IImpactToken.sol";
import {vm} from "../base/Vm.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @dev What a token tells of itself and of what it does; its Programmes is this test.
contract ToldTest {
    IImpactToken.Side private constant HELD = IImpactToken.Side.Held;
    IImpactToken.Side private constant TAKEN = IImpactToken.Side.Taken;
    address private constant CITIZEN = address(0x1000);
    address private constant BAKER = address(0x1001);

    ImpactToken private token;

    function setUp() public {
        token = new ImpactToken("id", "Season", "SEA");
    }

    function test_saysWhatItIs() public view {
        vm.assertEq(token.name(), "Season", "name");
        vm.assertEq(token.symbol(), "SEA", "symbol");
        vm.assertEq(token.decimals(), 2, "decimals");
        vm.assertEq(token.programmes(), address(this), "Programmes");
        vm.assertEq(token.programmeId(), bytes32("id"), "programme");
    }

    function test_tellsEachMove() public {
        bytes32[] memory credits = new bytes32[](1);
        credits[0] = bytes32((uint256(uint160(CITIZEN)) << 96) | 100);
        _expect(address(0), CITIZEN, 100);
        vm.assertEq(token.mintMany(credits), 100, "minted");
        _expect(CITIZEN, BAKER, 30);
        token.move(CITIZEN, HELD, BAKER, TAKEN, 30);
        _expect(BAKER, address(0), 10);
        token.burn(BAKER, TAKEN, 10);
        vm.expectEmit(address(token));
        emit IImpactToken.HoldersExpired(70);
        token.expire();
    }

    function _expect(address from, address to, uint256 amount) private {
        vm.expectEmit(address(token));
        emit IERC20.Transfer(from, to, amount);
    }
}
