// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {IRecovery} from "../../src/interfaces/IRecovery.sol";
import {vm} from "../base/Vm.sol";
import {World} from "./World.sol";

/// @dev Blocks, recoveries and changes of account, by those who may and those who may not.
abstract contract Recoveries is World {
    /// @dev What must stay zero.
    uint256 public holdsLost;
    uint256 public movedAlone;
    uint256 public movedWhileObjected;
    uint256 public supplyChanged;
    uint256 public frozenGaveBack;

    uint256 public recovered;

    /// @dev Two officers, an accepted payment that waits, perhaps an objection: then the rest moves
    /// and the payment still executes.
    function recover(uint256 seed, uint128 hold) external {
        (bytes32 id, uint256 place) = (ids[seed % 2], (seed >> 8) % 4);
        if (programmes.programme(id).closed) return;
        uint256 owner = citizenKeys[place];
        IPaymentDesk.Order memory held = _held(id, owner, hold);
        uint256 supply = _token(id).totalSupply();
        bytes32 caseId = _case(id, owner);
        uint256 word = (seed >> 16) % 4;
        if (word < 2) _objectAndDecide(caseId, owner, word == 1);
        if (word == 0) return;
        vm.warp(block.timestamp + 72 hours);
        if (!_tryToExecute(caseId, held.amount)) return;
        _replaced(place);
        ++recovered;
        if (_token(id).totalSupply() != supply) ++supplyChanged;
        if (held.amount == 0) return;
        bytes32 orderId = desk.hashOrder(held);
        _settle(held, _sign(owner, orderId), _accept(orderId));
        if (!desk.isExecuted(orderId)) ++holdsLost;
    }

    /// @dev One officer does all an officer can; what the acceptor signs by mistake helps nothing.
    function oneOfficerAlone(uint256 seed) external {
        (bytes32 id, uint256 place) = (ids[seed % 2], (seed >> 8) % 4);
        address account = vm.addr(citizenKeys[place]);
        uint256 before = _token(id).balanceOf(account);
        bytes32 caseId = keccak256(abi.encode("alone", _nonce++));
        vm.startPrank(OFFICER_3);
        try recovery.blockAccount(id, account) {} catch {}
        try recovery.propose(caseId, id, account, vm.addr(_freshKey())) {} catch {}
        try recovery.confirm(caseId) {} catch {}
        try recovery.contest(caseId) {} catch {}
        try recovery.vote(caseId, true) {} catch {}
        vm.stopPrank();
        if (_tryToExecute(caseId, 0)) ++movedAlone;
        vm.warp(block.timestamp + 72 hours);
        if (_tryToExecute(caseId, 0)) ++movedAlone;
        if (_token(id).balanceOf(account) != before) ++movedAlone;
    }

    /// @dev The owner changes account, or only one of owner and acceptor wants to.
    function move(uint256 seed, uint128 amount) external {
        (bytes32 id, uint256 place) = (ids[seed % 2], (seed >> 8) % 4);
        if (programmes.programme(id).closed) return;
        uint256 owner = citizenKeys[place];
        uint256 balance = _token(id).balanceOf(vm.addr(owner));
        amount = uint128(amount % (balance + 1));
        uint256 next = _freshKey();
        IRecovery.Move memory wanted =
            IRecovery.Move(id, vm.addr(owner), vm.addr(next), amount, bytes32(_nonce++));
        if (_tryToMove(wanted, next, ACCEPTOR_KEY)) ++movedAlone;
        if (_tryToMove(wanted, owner, owner)) ++movedAlone;
        if (seed >> 16 == 0 || !_tryToMove(wanted, owner, ACCEPTOR_KEY)) return;
        _replaced(place);
    }

    /// @dev What refunds and batches bring to a replaced account follows it.
    function forwardLater(uint256 seed) external {
        if (citizenKeys.length == 4) return;
        bytes32 id = ids[seed % 2];
        address from = vm.addr(citizenKeys[4 + (seed >> 8) % (citizenKeys.length - 4)]);
        uint256 supply = _token(id).totalSupply();
        IRecovery.Forward memory later =
            IRecovery.Forward(id, from, uint128(_token(id).balanceOf(from)), bytes32(_nonce++));
        bytes32 digest = recovery.hashForward(later);
        bytes memory accepted = _sign(ACCEPTOR_KEY, recovery.hashAcceptance(digest));
        vm.prank(SETTLER);
        try recovery.forward(later, accepted) {} catch {}
        if (_token(id).totalSupply() != supply) ++supplyChanged;
    }

    /// @dev Blocked, the holder and the acceptor together give nothing back.
    function giveBackWhileBlocked(uint256 seed, uint128 amount) external {
        (bytes32 id, uint256 key) = (ids[seed % 2], citizenKeys[(seed >> 8) % 4]);
        uint256 balance = _token(id).balanceOf(vm.addr(key));
        if (balance == 0) return;
        vm.prank((seed >> 16) % 2 == 0 ? OFFICER : OFFICER_2);
        try recovery.blockAccount(id, vm.addr(key)) {}
        catch {
            return;
        }
        IPaymentDesk.GiveBack memory back = IPaymentDesk.GiveBack(
            id, vm.addr(key), uint128(1 + amount % balance), bytes32(_nonce++)
        );
        bytes32 digest = desk.hashGiveBack(back);
        _settleGiveBack(back, _sign(key, digest), _accept(digest));
        if (_token(id).balanceOf(vm.addr(key)) != balance) ++frozenGaveBack;
    }

    /// @dev Objected; before two others decided nothing moves. Gives what they decide.
    function _objectAndDecide(bytes32 caseId, uint256 owner, bool inFavour) private {
        recovery.objectTo(caseId, _sign(owner, recovery.hashObjection(caseId)));
        vm.warp(block.timestamp + 72 hours);
        if (_tryToExecute(caseId, 0)) ++movedWhileObjected;
        vm.prank(OFFICER_3);
        recovery.vote(caseId, inFavour);
        if (_tryToExecute(caseId, 0)) ++movedWhileObjected;
        vm.prank(OFFICER_4);
        recovery.vote(caseId, inFavour);
        if (!inFavour && _tryToExecute(caseId, 0)) ++movedWhileObjected;
    }

    function _case(bytes32 id, uint256 owner) private returns (bytes32 caseId) {
        caseId = keccak256(abi.encode("case", _nonce++));
        address next = vm.addr(_freshKey());
        vm.prank(OFFICER);
        recovery.propose(caseId, id, vm.addr(owner), next);
        vm.prank(OFFICER_2);
        recovery.confirm(caseId);
    }

    /// @dev An order that the acceptor has accepted and nobody has settled yet.
    function _held(bytes32 id, uint256 owner, uint128 hold)
        private
        returns (IPaymentDesk.Order memory)
    {
        uint256 balance = _token(id).balanceOf(vm.addr(owner));
        hold = uint128(hold % (balance + 1));
        return
            IPaymentDesk.Order(
                bytes32(_nonce++), id, vm.addr(owner), vm.addr(payeeKeys[0]), hold, 0
            );
    }

    function _tryToExecute(bytes32 caseId, uint128 holds) private returns (bool) {
        bytes32 release = recovery.hashRelease(caseId, holds);
        bytes memory accepted = _sign(ACCEPTOR_KEY, recovery.hashAcceptance(release));
        vm.prank(SETTLER);
        try recovery.execute(caseId, holds, accepted) {
            return true;
        } catch {
            return false;
        }
    }

    function _tryToMove(IRecovery.Move memory wanted, uint256 owner, uint256 acceptor)
        private
        returns (bool)
    {
        bytes32 digest = recovery.hashMove(wanted);
        bytes memory accepted = _sign(acceptor, recovery.hashAcceptance(digest));
        vm.prank(SETTLER);
        try recovery.moveAccount(wanted, _sign(owner, digest), accepted) {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev The key of the next account that nobody used.
    function _freshKey() private view returns (uint256) {
        return uint256(keccak256(abi.encode("fresh", _fresh)));
    }

    /// @dev The citizen goes on with the fresh account, in both programmes; the old one is kept to
    /// be counted.
    function _replaced(uint256 place) private {
        citizenKeys.push(citizenKeys[place]);
        citizenKeys[place] = _freshKey();
        ++_fresh;
    }
}
