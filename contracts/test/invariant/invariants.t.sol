// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ActionRegistry} from "../../src/ActionRegistry.sol";
import {PaymentDesk} from "../../src/PaymentDesk.sol";
import {Programmes} from "../../src/Programmes.sol";
import {IImpactToken} from "../../src/interfaces/IImpactToken.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {vm} from "../base/Vm.sol";
import {Handler} from "./Handler.sol";

contract InvariantsTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Handler private handler;
    Programmes private programmes;
    ActionRegistry private registry;
    PaymentDesk private desk;

    function setUp() public {
        handler = new Handler();
        handler.setUp();
        (address a, address b, address c) = handler.contracts();
        (programmes, registry, desk) = (Programmes(a), ActionRegistry(b), PaymentDesk(c));
    }

    /// @dev Foundry calls these on the handler; what mints, pays and tries more often.
    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](27);
        (selectors[0], selectors[1]) = (handler.commit.selector, handler.commit.selector);
        (selectors[2], selectors[3]) = (handler.pay.selector, handler.pay.selector);
        (selectors[4], selectors[5]) = (handler.commitAgain.selector, handler.payAgain.selector);
        (selectors[6], selectors[7]) = (handler.refund.selector, handler.giveBack.selector);
        (selectors[8], selectors[9]) = (handler.payOut.selector, handler.close.selector);
        selectors[10] = handler.holderTries.selector;
        selectors[11] = handler.oneSignsAlone.selector;
        selectors[12] = handler.cancel.selector;
        (selectors[13], selectors[14]) = (handler.publish.selector, handler.publish.selector);
        (selectors[15], selectors[16]) = (handler.sendBack.selector, handler.sendBack.selector);
        selectors[17] = handler.sendBackTooMuch.selector;
        (selectors[21], selectors[22]) = (handler.recover.selector, handler.recover.selector);
        (selectors[23], selectors[24]) = (handler.move.selector, handler.forwardLater.selector);
        selectors[25] = handler.oneOfficerAlone.selector;
        selectors[26] = handler.giveBackWhileBlocked.selector;
        for (uint256 i = 18; i < 21; ++i) {
            selectors[i] = handler.holderTries.selector;
        }
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_eachBatchOnce() public view {
        vm.assertEq(handler.batchesTwice(), 0, "a batch was committed twice");
        // One batch of the set-up, before the handler counts.
        (uint256 batches,) = handler.counts();
        vm.assertEq(registry.batchCount(), batches + 1, "batches");
    }

    function invariant_eachOrderOnce() public view {
        vm.assertEq(handler.ordersTwice(), 0, "an order was executed twice");
    }

    function invariant_refundsAreBounded() public view {
        vm.assertEq(handler.refundsTooLarge(), 0, "a refund was too large");
        (, uint256 orders) = handler.counts();
        for (uint256 i = 0; i < orders; ++i) {
            IPaymentDesk.Order memory order = handler.orderAt(i);
            vm.assertLe(desk.refundedOf(desk.hashOrder(order)), order.amount, "refunded");
        }
    }

    function invariant_solvent() public view {
        for (uint256 i = 0; i < 2; ++i) {
            IProgrammes.Programme memory p = programmes.programme(handler.ids(i));
            uint256 notMinted = p.funded - p.minted;
            uint256 sum = p.token.totalSupply() + p.paidOut + p.expired + p.givenBack + notMinted;
            vm.assertEq(p.funded, sum, "the funding identity");
        }
    }

    /// @dev What went back to the funder backs no token: what is out, paid or sent back was funded.
    function invariant_mintedIsFunded() public view {
        for (uint256 i = 0; i < 2; ++i) {
            IProgrammes.Programme memory p = programmes.programme(handler.ids(i));
            uint256 kept = p.funded - p.returned;
            vm.assertLe(p.minted, kept + p.expired + p.givenBack, "minted");
            vm.assertLe(p.token.totalSupply() + p.paidOut, kept, "backed");
        }
    }

    function invariant_returnsAreBounded() public view {
        vm.assertEq(handler.returnsTooLarge(), 0, "more went back than was left");
        IProgrammes.Programme memory first = programmes.programme(handler.ids(0));
        vm.assertEq(first.returned, handler.returned(), "returned");
        vm.assertEq(programmes.programme(handler.ids(1)).returned, 0, "returned while it goes on");
    }

    function invariant_closedLoop() public view {
        for (uint256 i = 0; i < 2; ++i) {
            IImpactToken token = programmes.programme(handler.ids(i)).token;
            uint256 payees = 0;
            for (uint256 j = 0; j < 3; ++j) {
                address payee = vm.addr(handler.payeeKeys(j));
                payees += token.sideOf(payee, IImpactToken.Side.Taken);
                vm.assertEq(token.sideOf(payee, IImpactToken.Side.Held), 0, "credited payee");
            }
            vm.assertEq(payees, token.sideSupply(IImpactToken.Side.Taken), "taken elsewhere");
        }
    }

    function invariant_supplyIsTheSum() public view {
        for (uint256 i = 0; i < 2; ++i) {
            IImpactToken token = programmes.programme(handler.ids(i)).token;
            uint256 sum = 0;
            for (uint256 j = 0; j < handler.citizenCount(); ++j) {
                sum += token.balanceOf(vm.addr(handler.citizenKeys(j)));
            }
            for (uint256 j = 0; j < 3; ++j) {
                sum += token.balanceOf(vm.addr(handler.payeeKeys(j)));
            }
            vm.assertEq(sum, token.totalSupply(), "supply");
        }
    }

    function invariant_noHolderLowersItself() public view {
        vm.assertEq(handler.loweredByHolder(), 0, "a holder's call lowered its balance");
    }

    function invariant_nothingExecutesAlone() public view {
        vm.assertEq(handler.executedAlone(), 0, "one signature alone executed");
    }

    function invariant_noOfficerMovesAlone() public view {
        vm.assertEq(handler.movedAlone(), 0, "an officer, an owner or the acceptor moved alone");
        vm.assertEq(handler.movedWhileObjected(), 0, "moved before two others decided");
    }

    function invariant_holdsStay() public view {
        vm.assertEq(handler.holdsLost(), 0, "an accepted payment was lost in a recovery");
        vm.assertEq(handler.supplyChanged(), 0, "a recovery made or destroyed tokens");
    }

    function invariant_blockedGiveNothingBack() public view {
        vm.assertEq(handler.frozenGaveBack(), 0, "a blocked account gave back");
    }

    function invariant_noFigureBelowZero() public view {
        for (uint256 i = 0; i < 2; ++i) {
            for (uint32 kind = 0; kind < 2; ++kind) {
                (uint256 actions, uint256 reward, uint256 takenBack, uint256 rewardTakenBack) =
                    handler.counted(handler.ids(i), kind);
                vm.assertLe(takenBack, actions, "corrected actions");
                vm.assertLe(rewardTakenBack, reward, "corrected reward");
            }
        }
    }

    function invariant_runningHash() public view {
        vm.assertEq(registry.runningHash(), handler.expectedHash(), "running hash");
    }
}
