// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ImpactToken} from "../../src/ImpactToken.sol";
import {IImpactToken} from "../../src/interfaces/IImpactToken.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

contract TokenTest is CivisTest {
    IImpactToken.Side private constant HELD = IImpactToken.Side.Held;
    IImpactToken.Side private constant TAKEN = IImpactToken.Side.Taken;

    /// @dev A token whose Programmes is this test.
    ImpactToken private bare;

    function setUp() public override {
        super.setUp();
        bare = new ImpactToken("id", "Season", "SEA");
    }

    function testFuzz_nobodyTransfers(address caller, address other, uint256 amount) public {
        address[3] memory callers = [caller, address(programmes), citizen];
        _credit(citizen, 100);
        for (uint256 i = 0; i < 3; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IImpactToken.TokenTransferForbidden.selector));
            token.transfer(other, amount);
            vm.expectRevert(abi.encodeWithSelector(IImpactToken.TokenTransferForbidden.selector));
            token.transferFrom(citizen, other, amount);
            vm.expectRevert(abi.encodeWithSelector(IImpactToken.TokenTransferForbidden.selector));
            token.approve(other, amount);
            vm.stopPrank();
        }
        vm.assertEq(token.allowance(citizen, other), 0, "allowance");
    }

    function testFuzz_onlyProgrammes(address caller) public {
        vm.assume(caller != address(programmes));
        bytes memory refusal =
            abi.encodeWithSelector(IImpactToken.TokenCallerForbidden.selector, caller);
        vm.startPrank(caller);
        vm.expectRevert(refusal);
        token.mintMany(_one(citizen, 5));
        vm.expectRevert(refusal);
        token.move(citizen, HELD, baker, TAKEN, 0);
        vm.expectRevert(refusal);
        token.burn(citizen, HELD, 0);
        vm.expectRevert(refusal);
        token.expire();
        vm.stopPrank();
    }

    function test_mintManyRevertsAfterExpiry() public {
        bare.expire();
        vm.expectRevert(abi.encodeWithSelector(IImpactToken.TokenExpired.selector));
        bare.mintMany(_one(citizen, 5));
    }

    function test_aCreditedPayeeHoldsIt() public {
        _credit(baker, 5);
        vm.assertEq(token.sideOf(baker, HELD), 5, "held");
        vm.assertEq(token.sideOf(baker, TAKEN), 0, "taken");
        _close(PROGRAMME);
        vm.assertEq(token.balanceOf(baker), 0, "balance");
    }

    function test_moveRevertsToNobody() public {
        bare.mintMany(_one(citizen, 5));
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0))
        );
        bare.move(citizen, HELD, address(0), TAKEN, 5);
    }

    function testFuzz_sidesAreApart(uint96 held, uint96 taken, uint96 over) public {
        (held, taken, over) = (held / 4 + 1, taken / 4 + 1, over / 4 + 1);
        bare.mintMany(_one(citizen, held + taken));
        bare.move(citizen, HELD, citizen, TAKEN, taken);
        uint256 asked = uint256(held) + over;
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, citizen, held, asked
            )
        );
        bare.move(citizen, HELD, baker, TAKEN, asked);
        asked = uint256(taken) + over;
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, citizen, taken, asked
            )
        );
        bare.burn(citizen, TAKEN, asked);
    }

    function testFuzz_moveKeepsTheSums(uint96 minted, uint96 moved, bool toTaken) public {
        minted = minted / 2 + 1;
        moved = uint96(moved % (uint256(minted) + 1));
        bare.mintMany(_one(citizen, minted));
        bare.move(citizen, HELD, baker, toTaken ? TAKEN : HELD, moved);
        vm.assertEq(bare.balanceOf(citizen), minted - moved, "sender");
        vm.assertEq(bare.sideOf(baker, toTaken ? TAKEN : HELD), moved, "receiver");
        vm.assertEq(bare.sideSupply(TAKEN), toTaken ? moved : 0, "taken supply");
        vm.assertEq(bare.totalSupply(), minted, "supply");
    }

    function testFuzz_burnLowersTheSide(uint96 minted, uint96 burned) public {
        minted = minted / 2 + 1;
        burned = uint96(burned % (uint256(minted) + 1));
        bare.mintMany(_one(citizen, minted));
        bare.burn(citizen, HELD, burned);
        vm.assertEq(bare.balanceOf(citizen), minted - burned, "balance");
        vm.assertEq(bare.sideSupply(HELD), minted - burned, "supply");
    }

    function test_expiresOnce() public {
        bare.expire();
        vm.assertTrue(bare.expired(), "expired");
        vm.expectRevert(abi.encodeWithSelector(IImpactToken.TokenExpired.selector));
        bare.expire();
    }

    function test_expireZeroesTheHeld() public {
        bare.mintMany(_one(citizen, 100));
        bare.move(citizen, HELD, baker, TAKEN, 30);
        vm.assertEq(bare.expire(), 70, "what expired");
        vm.assertEq(bare.balanceOf(citizen), 0, "held");
        vm.assertEq(bare.balanceOf(baker), 30, "taken");
        vm.assertEq(bare.sideSupply(HELD), 0, "held supply");
        vm.assertEq(bare.totalSupply(), 30, "supply");
        vm.expectRevert(abi.encodeWithSelector(IImpactToken.TokenExpired.selector));
        bare.move(baker, TAKEN, citizen, HELD, 5);
    }

    function test_canTransferToAPayee() public {
        _credit(citizen, 100);
        vm.assertTrue(token.canTransfer(citizen, baker, 100), "to a payee");
    }

    function test_cannotTransferOtherwise() public {
        _credit(citizen, 100);
        vm.assertFalse(token.canTransfer(citizen, STRANGER, 5), "to a holder");
        vm.assertFalse(token.canTransfer(citizen, baker, 101), "too much");
        vm.assertFalse(token.canTransfer(baker, baker, 0), "to oneself");
        _pay(50);
        _enrol(STRANGER);
        vm.assertFalse(token.canTransfer(baker, STRANGER, 5), "between payees");
        vm.prank(OFFICER);
        programmes.setPayeesPayPayees(PROGRAMME, true);
        vm.assertTrue(token.canTransfer(baker, STRANGER, 5), "between payees, allowed");
        _close(PROGRAMME);
        vm.assertFalse(token.canTransfer(baker, STRANGER, 5), "after closing");
    }
}
