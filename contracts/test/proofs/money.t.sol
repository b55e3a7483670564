// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ImpactToken} from "../../src/ImpactToken.sol";
import {Payees} from "../../src/Payees.sol";
import {Programmes} from "../../src/Programmes.sol";
import {IImpactToken} from "../../src/interfaces/IImpactToken.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {vm} from "../base/Vm.sol";
import {Proof, svm} from "./Proof.sol";

IImpactToken.Side constant HELD = IImpactToken.Side.Held;
IImpactToken.Side constant TAKEN = IImpactToken.Side.Taken;

/// @dev Programmes with a programme as it is given.
contract OpenProgrammes is Programmes {
    constructor(address authority) Programmes(authority) {}

    function put(bytes32 id, Programme memory given) external returns (ImpactToken token) {
        token = new ImpactToken(id, "Season", "SEA");
        given.token = token;
        _programmes[id] = given;
    }
}

/// @dev P3: minted = outstanding + paid out + expired + given back, and no more than was funded.
/// Proved by what each function changes, from any state: where the identity held, it holds, since
/// the changes of both sides are equal.
contract ConservationProofs is Proof {
    bytes32 private constant ID = "programme";

    OpenProgrammes private programmes;
    ImpactToken private token;

    struct Books {
        uint256 funded;
        uint256 minted;
        uint256 outstanding;
        uint256 paidOut;
        uint256 expired;
        uint256 givenBack;
        uint256 returned;
    }

    function setUp() public {
        vm.warp(1_800_000_000);
        programmes = new OpenProgrammes(address(this));
        _anyState(address(programmes));
        IProgrammes.Programme memory any;
        any.closed = svm.createBool("closed");
        any.payeesPayPayees = svm.createBool("payees pay payees");
        any.spendUntil = uint64(svm.createUint256("spend until"));
        any.funded = uint128(svm.createUint256("funded"));
        any.minted = uint128(svm.createUint256("minted"));
        any.paidOut = uint128(svm.createUint256("paid out"));
        any.expired = uint128(svm.createUint256("expired"));
        any.givenBack = uint128(svm.createUint256("given back"));
        any.returned = uint128(svm.createUint256("returned"));
        token = programmes.put(ID, any);
        svm.enableSymbolicStorage(address(token));
        programmes.setMover(address(this), 15);
        vm.assume(token.sideSupply(HELD) <= type(uint128).max);
        vm.assume(token.sideSupply(TAKEN) <= type(uint128).max);
    }

    function check_mintKeepsIt(bytes32 credit) public {
        Books memory books = _books();
        bytes32[] memory credits = new bytes32[](1);
        credits[0] = credit;
        uint256 amount = programmes.mint(ID, credits);
        vm.assertEq(amount, uint96(uint256(credit)), "amount");
        books.minted += amount;
        books.outstanding += amount;
        _are(books);
        vm.assertLe(books.minted, books.funded, "not funded");
        vm.assertFalse(programmes.programme(ID).closed, "after its end");
    }

    function check_movesKeepIt(address from, address to, uint128 amount) public {
        _sound(from);
        Books memory books = _books();
        if (svm.createBool("pays")) programmes.pay(ID, from, to, amount);
        else if (svm.createBool("refunds")) programmes.refund(ID, from, to, amount);
        else programmes.move(ID, from, to, amount);
        _are(books);
    }

    function check_burnsKeepIt(address from, uint128 amount) public {
        _sound(from);
        Books memory books = _books();
        if (svm.createBool("gives back")) {
            programmes.giveBack(ID, from, amount);
            books.givenBack += amount;
        } else {
            programmes.payOut(ID, from, amount);
            books.paidOut += amount;
        }
        vm.assertLe(amount, books.outstanding, "more than there is");
        books.outstanding -= amount;
        _are(books);
    }

    function check_closingKeepsIt() public {
        Books memory books = _books();
        // Nothing else expires anything, and a programme closes once.
        vm.assume(books.expired == 0);
        (uint256 held, uint256 taken) = (token.sideSupply(HELD), token.sideSupply(TAKEN));
        programmes.close(ID);
        vm.assertTrue(programmes.programme(ID).closed, "still open");
        (books.expired, books.outstanding) = (held, taken);
        _are(books);
    }

    function check_fundingKeepsIt(bytes32 bankReference) public {
        Books memory books = _books();
        books.funded += programmes.bankTransfer(bankReference).amount;
        programmes.confirmFunding(ID, bankReference);
        _are(books);
    }

    /// @dev What goes back to the funder is neither with a payee nor paid out nor returned yet.
    function check_aReturnKeepsIt(bytes32 bankReference) public {
        Books memory books = _books();
        uint256 amount = programmes.bankTransfer(bankReference).amount;
        programmes.confirmReturn(ID, bankReference);
        vm.assertTrue(programmes.programme(ID).closed, "of a programme that goes on");
        uint256 left = books.funded - books.paidOut - books.returned - books.outstanding;
        vm.assertLe(amount, left, "more than is left");
        books.returned += amount;
        _are(books);
    }

    /// @dev What one reference said it never says again, for whichever programme.
    function check_aBankReferenceCountsOnce(bytes32 bankReference, bytes32 other, uint128 amount)
        public
    {
        if (svm.createBool("funding")) programmes.confirmFunding(ID, bankReference);
        else programmes.confirmReturn(ID, bankReference);
        bytes[4] memory calls = [
            abi.encodeCall(programmes.confirmFunding, (other, bankReference)),
            abi.encodeCall(programmes.confirmReturn, (other, bankReference)),
            abi.encodeCall(programmes.proposeFunding, (other, amount, bankReference)),
            abi.encodeCall(programmes.withdrawProposal, (other, bankReference))
        ];
        for (uint256 i = 0; i < 4; ++i) {
            (bool success,) = address(programmes).call(calls[i]);
            vm.assertFalse(success, "a reference used twice");
        }
    }

    /// @dev Assumes of an account what the token's own proofs give: it is part of the supply.
    function _sound(address account) private view {
        vm.assume(token.sideOf(account, HELD) <= token.sideSupply(HELD));
        vm.assume(token.sideOf(account, TAKEN) <= token.sideSupply(TAKEN));
    }

    function _are(Books memory expected) private view {
        Books memory actual = _books();
        vm.assertEq(actual.funded, expected.funded, "funded");
        vm.assertEq(actual.minted, expected.minted, "minted");
        vm.assertEq(actual.outstanding, expected.outstanding, "outstanding");
        vm.assertEq(actual.paidOut, expected.paidOut, "paid out");
        vm.assertEq(actual.expired, expected.expired, "expired");
        vm.assertEq(actual.givenBack, expected.givenBack, "given back");
        vm.assertEq(actual.returned, expected.returned, "returned");
    }

    function _books() private view returns (Books memory) {
        IProgrammes.Programme memory p = programmes.programme(ID);
        uint256 outstanding = token.totalSupply();
        return Books(p.funded, p.minted, outstanding, p.paidOut, p.expired, p.givenBack, p.returned);
    }
}

/// @dev Each pay-out reference once and within the day's limit; from any state of the register.
/// This contract is its Programmes too.
contract PayOutProofs is Proof {
    Payees private payees;

    uint256 private burned;

    function setUp() public {
        payees = new Payees(address(this), IProgrammes(address(this)), 1_000_000_00);
        _anyState(address(payees));
    }

    /// @dev Stands for Programmes.
    function payOut(bytes32, address, uint128 amount) external {
        burned += amount;
    }

    function check_aPayOutExecutesOnce(
        bytes32 payOutReference,
        bytes32 id,
        address[2] memory accounts,
        uint128[2] memory amounts
    ) public {
        bool before = payees.isPaidOut(payOutReference);
        uint256 today = block.timestamp / 1 days;
        uint256 paid = payees.paidOutOn(today);
        _payOut(payOutReference, id, accounts, amounts);
        vm.assertFalse(before, "paid out again");
        vm.assertTrue(payees.isPaidOut(payOutReference), "not marked");
        vm.assertEq(burned, uint256(amounts[0]) + amounts[1], "burned");
        vm.assertEq(payees.paidOutOn(today), paid + burned, "the day's sum");
        vm.assertLe(payees.paidOutOn(today), payees.dailyLimit(), "the day's limit");
    }

    function check_aPaidReferenceStaysSo(
        bytes32 marked,
        bytes32 payOutReference,
        bytes32 id,
        address[2] memory accounts,
        uint128[2] memory amounts
    ) public {
        vm.assume(payees.isPaidOut(marked));
        _payOut(payOutReference, id, accounts, amounts);
        vm.assertTrue(payees.isPaidOut(marked), "forgotten");
    }

    function _payOut(
        bytes32 payOutReference,
        bytes32 id,
        address[2] memory accounts,
        uint128[2] memory amounts
    ) private {
        address[] memory to = new address[](2);
        uint128[] memory sums = new uint128[](2);
        (to[0], to[1], sums[0], sums[1]) = (accounts[0], accounts[1], amounts[0], amounts[1]);
        payees.payOut(payOutReference, id, to, sums);
    }
}
