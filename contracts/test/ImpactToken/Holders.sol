// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ImpactToken} from "../../src/ImpactToken.sol";
import {IImpactToken} from "../../src/interfaces/IImpactToken.sol";

/// @dev Stands for Programmes over one token: mints, moves and burns among four holders, in any
/// order, and counts what must never be seen.
contract Holders {
    ImpactToken public immutable TOKEN;
    address[4] public holders;

    /// @dev What must stay zero.
    uint256 public tooMuch;
    uint256 public toNobody;
    uint256 public wrongByNothing;
    uint256 public wrongBySelf;
    uint256 public mintedTwice;

    /// @dev All that was minted, burned and expired.
    uint256 public minted;
    uint256 public gone;

    constructor() {
        TOKEN = new ImpactToken("id", "Season", "SEA");
        for (uint160 i = 0; i < 4; ++i) {
            holders[i] = address(0x1000 + i);
        }
    }

    function mint(uint256 seed, uint96 amount) external {
        if (TOKEN.expired()) return;
        amount = uint96(1 + amount % 100_00);
        bytes32[] memory credits = new bytes32[](2);
        uint256 first = seed % 3;
        credits[0] = _pack(holders[first], amount);
        credits[1] = _pack(holders[first + 1], amount);
        minted += TOKEN.mintMany(credits);
        // One account twice in a list, and a list out of order.
        credits[1] = seed % 2 == 0 ? credits[0] : _pack(address(1), amount);
        try TOKEN.mintMany(credits) {
            ++mintedTwice;
        } catch {}
    }

    function move(uint256 seed, uint256 amount) external {
        (address from, IImpactToken.Side side) = _any(seed);
        (address to, IImpactToken.Side toSide) = _any(seed >> 32);
        if (TOKEN.expired()) toSide = IImpactToken.Side.Taken;
        amount %= TOKEN.sideOf(from, side) + 1;
        TOKEN.move(from, side, to, toSide, amount);
    }

    function moveToItself(uint256 seed, uint256 amount) external {
        (address holder, IImpactToken.Side side) = _any(seed);
        if (TOKEN.expired()) side = IImpactToken.Side.Taken;
        uint256 before = TOKEN.sideOf(holder, side);
        TOKEN.move(holder, side, holder, side, amount % (before + 1));
        if (TOKEN.sideOf(holder, side) != before) ++wrongBySelf;
    }

    function moveNothing(uint256 seed) external {
        (address from, IImpactToken.Side side) = _any(seed);
        (address to,) = _any(seed >> 32);
        uint256 before = TOKEN.balanceOf(from) + TOKEN.balanceOf(to);
        TOKEN.move(from, side, to, IImpactToken.Side.Taken, 0);
        if (TOKEN.balanceOf(from) + TOKEN.balanceOf(to) != before) ++wrongByNothing;
    }

    function moveTooMuch(uint256 seed, uint128 amount) external {
        (address from, IImpactToken.Side side) = _any(seed);
        (address to, IImpactToken.Side toSide) = _any(seed >> 32);
        uint256 asked = TOKEN.sideOf(from, side) + 1 + amount;
        try TOKEN.move(from, side, to, toSide, asked) {
            ++tooMuch;
        } catch {}
        try TOKEN.burn(from, side, asked) {
            ++tooMuch;
        } catch {}
    }

    function moveToNobody(uint256 seed, uint256 amount) external {
        (address from, IImpactToken.Side side) = _any(seed);
        amount %= TOKEN.sideOf(from, side) + 1;
        try TOKEN.move(from, side, address(0), IImpactToken.Side.Taken, amount) {
            ++toNobody;
        } catch {}
    }

    function burn(uint256 seed, uint256 amount) external {
        (address from, IImpactToken.Side side) = _any(seed);
        amount %= TOKEN.sideOf(from, side) + 1;
        TOKEN.burn(from, side, amount);
        gone += amount;
    }

    /// @dev Rarely: nothing is minted afterwards.
    function expire(uint256 seed) external {
        if (seed % 16 == 0 && !TOKEN.expired()) gone += TOKEN.expire();
    }

    function _any(uint256 seed) private view returns (address, IImpactToken.Side) {
        return (holders[seed % 4], IImpactToken.Side((seed >> 8) % 2));
    }

    function _pack(address account, uint96 amount) private pure returns (bytes32) {
        return bytes32((uint256(uint160(account)) << 96) | amount);
    }
}
