// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ImpactToken} from "../../src/ImpactToken.sol";
import {IImpactToken} from "../../src/interfaces/IImpactToken.sol";
import {vm} from "../base/Vm.sol";
import {svm} from "./Proof.sol";

/// @dev Conservation: a call changes the supply of a side by as much as the balances of that side
/// of all whom it names, and nobody else's. Since both begin at zero, supply and sum of balances
/// are equal after any calls.
contract TokenProofs {
    IImpactToken.Side private constant HELD = IImpactToken.Side.Held;
    IImpactToken.Side private constant TAKEN = IImpactToken.Side.Taken;

    /// @dev Its Programmes is this contract.
    ImpactToken private token;

    struct Sums {
        uint256 held;
        uint256 taken;
        uint256 heldSupply;
        uint256 takenSupply;
    }

    struct Balance {
        address account;
        IImpactToken.Side side;
    }

    struct Given {
        Balance from;
        Balance to;
        uint256 amount;
    }

    function setUp() public {
        token = new ImpactToken("id", "Season", "SEA");
        svm.enableSymbolicStorage(address(token));
    }

    /// @dev Balance by balance: what leaves one arrives at the other, every further one stays.
    function check_moveConserves(Given memory given, Balance memory other) public {
        (Balance memory from, Balance memory to) = (given.from, given.to);
        Sums memory sums = _sound(from.account, to.account);
        uint256 left = _of(from);
        uint256 arrived = _of(to);
        uint256 others = _of(other);
        token.move(from.account, from.side, to.account, to.side, given.amount);
        vm.assertTrue(given.amount <= left, "more than there was");
        if (_same(from, to)) {
            vm.assertEq(_of(from), left, "to itself");
        } else {
            vm.assertEq(_of(from), left - given.amount, "what left");
            vm.assertEq(_of(to), arrived + given.amount, "what arrived");
        }
        if (!_same(other, from) && !_same(other, to)) {
            vm.assertEq(_of(other), others, "another balance");
        }
        if (from.side != to.side) {
            (sums.heldSupply, sums.takenSupply) = from.side == HELD
                ? (sums.heldSupply - given.amount, sums.takenSupply + given.amount)
                : (sums.heldSupply + given.amount, sums.takenSupply - given.amount);
        }
        vm.assertEq(token.sideSupply(HELD), sums.heldSupply, "held supply");
        vm.assertEq(token.sideSupply(TAKEN), sums.takenSupply, "taken supply");
    }

    function check_burnConserves(
        address from,
        IImpactToken.Side side,
        uint256 amount,
        address other
    ) public {
        Sums memory before = _sound(from, other);
        uint256 others = token.balanceOf(other);
        token.burn(from, side, amount);
        Sums memory afterwards = _sums(from, other);
        (uint256 held, uint256 taken) = side == HELD ? (amount, uint256(0)) : (uint256(0), amount);
        vm.assertEq(afterwards.held + held, before.held, "held");
        vm.assertEq(afterwards.taken + taken, before.taken, "taken");
        vm.assertEq(afterwards.heldSupply + held, before.heldSupply, "held supply");
        vm.assertEq(afterwards.takenSupply + taken, before.takenSupply, "taken supply");
        if (other != from) vm.assertEq(token.balanceOf(other), others, "somebody else");
    }

    function check_mintConserves(
        address first,
        uint96 firstAmount,
        address second,
        uint96 secondAmount,
        address other
    ) public {
        Sums memory before = _sound(first, second);
        uint256 others = token.balanceOf(other);
        bytes32[] memory credits = new bytes32[](2);
        credits[0] = bytes32((uint256(uint160(first)) << 96) | firstAmount);
        credits[1] = bytes32((uint256(uint160(second)) << 96) | secondAmount);
        uint256 minted = token.mintMany(credits);
        Sums memory afterwards = _sums(first, second);
        vm.assertEq(minted, uint256(firstAmount) + secondAmount, "minted");
        vm.assertEq(afterwards.held, before.held + minted, "held");
        vm.assertEq(afterwards.heldSupply, before.heldSupply + minted, "held supply");
        vm.assertEq(afterwards.taken, before.taken, "taken");
        vm.assertEq(afterwards.takenSupply, before.takenSupply, "taken supply");
        vm.assertTrue(first < second, "one account, two credits");
        if (other != first && other != second) {
            vm.assertEq(token.balanceOf(other), others, "somebody else");
        }
    }

    function check_expiryTakesAllThatIsHeld(address account) public {
        uint256 taken = token.sideOf(account, TAKEN);
        (uint256 held, uint256 all) = (token.sideSupply(HELD), token.sideSupply(TAKEN));
        bool before = token.expired();
        uint256 amount = token.expire();
        vm.assertFalse(before, "expired twice");
        vm.assertEq(amount, held, "amount");
        vm.assertEq(token.sideOf(account, HELD), 0, "held");
        vm.assertEq(token.sideSupply(HELD), 0, "held supply");
        vm.assertEq(token.sideOf(account, TAKEN), taken, "taken");
        vm.assertEq(token.sideSupply(TAKEN), all, "taken supply");
    }

    /// @dev No call but of Programmes changes anything.
    function check_nobodyElseChangesAnything(address caller, address account) public {
        vm.assume(caller != address(this));
        Sums memory before = _sums(account, account);
        bool expired = token.expired();
        bytes memory data = svm.createCalldata("ImpactToken");
        vm.prank(caller);
        (bool success,) = address(token).call(data);
        vm.assertFalse(success, "a call that changes something");
        Sums memory afterwards = _sums(account, account);
        vm.assertEq(afterwards.held, before.held, "held");
        vm.assertEq(afterwards.taken, before.taken, "taken");
        vm.assertEq(afterwards.heldSupply, before.heldSupply, "held supply");
        vm.assertEq(afterwards.takenSupply, before.takenSupply, "taken supply");
        vm.assertTrue(token.expired() == expired, "expired");
    }

    /// @dev Assumes what is to be kept, of these accounts, and that supplies are far from 2^256:
    /// Programmes mints no more than a uint128.
    function _sound(address one, address two) private view returns (Sums memory sums) {
        sums = _sums(one, two);
        vm.assume(sums.heldSupply <= type(uint128).max && sums.takenSupply <= type(uint128).max);
        vm.assume(token.sideOf(one, HELD) <= sums.heldSupply);
        vm.assume(token.sideOf(two, HELD) <= sums.heldSupply);
        vm.assume(token.sideOf(one, TAKEN) <= sums.takenSupply);
        vm.assume(token.sideOf(two, TAKEN) <= sums.takenSupply);
        vm.assume(sums.held <= sums.heldSupply && sums.taken <= sums.takenSupply);
    }

    /// @dev Each account once.
    function _sums(address one, address two) private view returns (Sums memory) {
        (uint256 held, uint256 taken) = (token.sideOf(one, HELD), token.sideOf(one, TAKEN));
        unchecked {
            if (one != two) {
                held += token.sideOf(two, HELD);
                taken += token.sideOf(two, TAKEN);
            }
        }
        return Sums(held, taken, token.sideSupply(HELD), token.sideSupply(TAKEN));
    }

    function _of(Balance memory balance) private view returns (uint256) {
        return token.sideOf(balance.account, balance.side);
    }

    function _same(Balance memory one, Balance memory two) private pure returns (bool) {
        return one.account == two.account && one.side == two.side;
    }
}
