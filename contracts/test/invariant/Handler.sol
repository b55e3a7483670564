// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {vm} from "../base/Vm.sol";
import {Recoveries} from "./Recoveries.sol";

/// @dev Everything that happens, in any order. Bounds what is to succeed, and counts what must never
/// be seen.
contract Handler is Recoveries {
    /// @dev What must stay zero.
    uint256 public batchesTwice;
    uint256 public ordersTwice;
    uint256 public refundsTooLarge;
    uint256 public loweredByHolder;
    uint256 public executedAlone;
    uint256 public returnsTooLarge;

    /// @dev What the treasurers sent back of the first programme.
    uint256 public returned;

    function commit(uint256 seed, uint96 amount) external {
        bytes32 id = ids[seed % 2];
        if (programmes.programme(id).closed) return;
        amount = uint96(1 + amount % 50_00);
        _fund(id, 4 * uint128(amount));
        bytes32[] memory credits = _sorted(seed >> 8, amount);
        uint256 sequence = registry.batchCount();
        bytes32 root = keccak256(abi.encode("root", sequence));
        bytes32 batchId = _commit(id, credits);
        _batches.push(SentBatch(batchId, id, root, credits));
        uint256 length = credits.length;
        uint256 reward = amount * length;
        _chain(1, abi.encode(batchId, id, sequence, root, uint32(length), reward, length));
    }

    /// @dev Whoever mints publishes and takes back whatever the identity lets through.
    function publish(uint256 seed, uint64 actions, uint128 reward) external {
        bytes32 id = ids[seed % 2];
        IActionRegistry.Totals memory sums = registry.totals(id);
        uint64 kept = sums.actions - sums.publishedActions;
        uint128 keptReward = sums.reward - sums.publishedReward;
        IActionRegistry.Cell[] memory cells = new IActionRegistry.Cell[](1);
        cells[0].actionTypeId = uint32((seed >> 8) % 2);
        cells[0].month = 202701;
        cells[0].correction = (seed >> 16) % 2 == 0;
        if (cells[0].correction) {
            (cells[0].actions, cells[0].reward) = (actions % 8, reward % 100_00);
        } else {
            (cells[0].actions, cells[0].reward) = (actions % (kept + 1), reward % (keptReward + 1));
            (kept, keptReward) = (kept - cells[0].actions, keptReward - cells[0].reward);
        }
        _tryToPublish(id, sums.lastPeriod + 1, cells, kept, keptReward);
    }

    function commitAgain(uint256 seed) external {
        if (_batches.length == 0) return;
        SentBatch storage sent = _batches[seed % _batches.length];
        uint256 sequence = registry.batchCount();
        uint32 count = uint32(sent.credits.length);
        vm.prank(MINTER);
        try registry.commitBatch(
            sent.id, sequence, sent.programmeId, sent.root, count, sent.credits
        ) {
            ++batchesTwice;
        } catch {}
    }

    function cancel(uint256 seed) external {
        bytes32 batchId = keccak256(abi.encode("never sent", seed, _nonce++));
        vm.prank(MINTER);
        registry.cancelBatch(batchId);
        _chain(2, abi.encode(batchId));
    }

    /// @dev A citizen, or where the programme allows it a payee, pays a payee.
    function pay(uint256 seed, uint128 amount) external {
        bytes32 id = ids[seed % 2];
        bool isPayee = id == OTHER && (seed >> 9) % 4 == 0;
        uint256 payer = isPayee ? payeeKeys[(seed >> 17) % 3] : citizenKeys[(seed >> 17) % 4];
        uint256 payee = payeeKeys[(seed >> 25) % 3];
        uint256 balance = _token(id).balanceOf(vm.addr(payer));
        if (balance == 0 || payer == payee) return;
        amount = uint128(1 + amount % balance);
        IPaymentDesk.Order memory order =
            IPaymentDesk.Order(bytes32(_nonce++), id, vm.addr(payer), vm.addr(payee), amount, 0);
        _executes(order, payer);
        _orders.push(SentOrder(order, payer, payee));
    }

    function payAgain(uint256 seed) external {
        if (_orders.length == 0) return;
        SentOrder storage sent = _orders[seed % _orders.length];
        uint256 before = _token(sent.order.programmeId).balanceOf(sent.order.payee);
        bytes32 id = desk.hashOrder(sent.order);
        _settle(sent.order, _sign(sent.payer, id), _accept(id));
        uint256 afterwards = _token(sent.order.programmeId).balanceOf(sent.order.payee);
        if (afterwards != before) ++ordersTwice;
    }

    function refund(uint256 seed, uint128 amount) external {
        if (_orders.length == 0) return;
        SentOrder storage sent = _orders[seed % _orders.length];
        IPaymentDesk.Refund memory back = IPaymentDesk.Refund(
            desk.hashOrder(sent.order),
            sent.order.payee,
            // Half of it or more, so that a second refund would be too much.
            sent.order.amount - amount % (sent.order.amount / 2 + 1),
            bytes32(_nonce++)
        );
        bytes32 id = desk.hashRefund(back);
        _settleRefund(back, sent.order, _sign(sent.payee, id), _accept(id));
        if (desk.refundedOf(back.orderId) > sent.order.amount) ++refundsTooLarge;
    }

    function giveBack(uint256 seed, uint128 amount) external {
        bytes32 id = ids[seed % 2];
        uint256 key = citizenKeys[(seed >> 9) % 4];
        uint256 balance = _token(id).balanceOf(vm.addr(key));
        if (balance == 0) return;
        IPaymentDesk.GiveBack memory back = IPaymentDesk.GiveBack(
            id, vm.addr(key), uint128(1 + amount % balance), bytes32(_nonce++)
        );
        bytes32 digest = desk.hashGiveBack(back);
        _settleGiveBack(back, _sign(key, digest), _accept(digest));
    }

    function payOut(uint256 seed, uint128 amount) external {
        address payee = vm.addr(payeeKeys[seed % 3]);
        uint256 balance = token.balanceOf(payee);
        if (balance == 0) return;
        _payOut(payee, uint128(1 + amount % balance));
    }

    /// @dev Rarely, the first programme ends; the second goes on.
    function close(uint256 seed) external {
        if (seed % 8 != 0 || programmes.programme(PROGRAMME).closed) return;
        _close(PROGRAMME);
    }

    /// @dev Once it has ended, what is left goes back to the funder in parts. Rarely the first
    /// proposal is all of it: then the second, made before, must be refused.
    function sendBack(uint256 seed, uint128 amount) external {
        if (!programmes.programme(PROGRAMME).closed) return;
        uint256 left = _left(PROGRAMME);
        if (left == 0) return;
        amount = seed % 8 == 0 ? uint128(left) : uint128(1 + amount % (left / 4 + 1));
        bytes32 first = keccak256(abi.encode("return", _nonce++));
        bytes32 second = keccak256(abi.encode("return", _nonce++));
        _proposeReturn(amount, first);
        _proposeReturn(uint128(left), second);
        if (_confirmReturn(first)) returned += amount;
        if (_confirmReturn(second)) ++returnsTooLarge;
    }

    /// @dev More than is left, or while it goes on: neither may even be proposed.
    function sendBackTooMuch(uint256 seed, uint128 amount) external {
        bytes32 id = ids[seed % 2];
        uint256 left = programmes.programme(id).closed ? _left(id) : 0;
        amount = uint128(left + 1 + amount % 100_00);
        vm.prank(TREASURER);
        try programmes.proposeReturn(id, amount, keccak256(abi.encode("return", _nonce++))) {
            ++returnsTooLarge;
        } catch {}
    }

    /// @dev A holder calls anything, with anything or with words that fit what moves tokens.
    function holderTries(uint256 seed, bytes calldata words, uint128 amount) external {
        address holder = vm.addr(citizenKeys[seed % 4]);
        uint256 before = _holdings(holder);
        address target = _targets[(seed >> 8) % _targets.length];
        bytes4[] storage selectors = _selectors[target];
        bytes4 selector = selectors[(seed >> 24) % selectors.length];
        bytes memory data = words;
        address payee = vm.addr(payeeKeys[0]);
        uint256 small = amount % (before + 1);
        uint256 fit = (seed >> 64) % 4;
        if (fit == 1) data = abi.encode(ids[(seed >> 72) % 2], holder, payee, small);
        if (fit == 2) data = abi.encode(holder, 0, payee, 1, small);
        if (fit == 3) data = abi.encode(holder, 0, small);
        vm.prank(holder);
        (bool success,) = target.call(abi.encodePacked(selector, data));
        if (success && _holdings(holder) < before) ++loweredByHolder;
    }

    /// @dev A settler carries what only one of the two signed: the holder, with any acceptance but
    /// an acceptor's, or the acceptor, with anybody's order.
    function oneSignsAlone(uint256 seed, uint128 amount, uint256 other) external {
        bytes32 id = ids[seed % 2];
        uint256 owner = citizenKeys[(seed >> 8) % 4];
        address holder = vm.addr(owner);
        uint256 before = _token(id).balanceOf(holder);
        if (before == 0) return;
        amount = uint128(1 + amount % before);
        uint256 stranger = 1 + other % type(uint128).max;
        uint256 acceptor = (seed >> 16) % 3 == 0 ? stranger : owner;
        if ((seed >> 16) % 3 == 1) (owner, acceptor) = (stranger, ACCEPTOR_KEY);
        IPaymentDesk.Order memory order =
            IPaymentDesk.Order(bytes32(_nonce++), id, holder, vm.addr(payeeKeys[0]), amount, 0);
        bytes32 digest = desk.hashOrder(order);
        _settle(order, _sign(owner, digest), _sign(acceptor, desk.hashAcceptance(digest)));
        IPaymentDesk.GiveBack memory back =
            IPaymentDesk.GiveBack(id, holder, amount, bytes32(_nonce++));
        digest = desk.hashGiveBack(back);
        _settleGiveBack(back, _sign(owner, digest), _sign(acceptor, desk.hashAcceptance(digest)));
        if (_token(id).balanceOf(holder) != before) ++executedAlone;
    }

    function _holdings(address account) private view returns (uint256) {
        return token.balanceOf(account) + _token(OTHER).balanceOf(account);
    }
}
