// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {OrderSignatures} from "./OrderSignatures.sol";
import {IPayees} from "./interfaces/IPayees.sol";
import {IPaymentDesk} from "./interfaces/IPaymentDesk.sol";
import {IProgrammes} from "./interfaces/IProgrammes.sol";
import {Pausing} from "./utils/Pausing.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @title Payment desk
/// @dev Checks return the encoded error instead of reverting, since one item's failure must not
/// stop the others. `isExecuted` is set before the tokens move and taken back if they don't; what is
/// called in between is {Programmes} and its tokens, which call nobody back.
contract PaymentDesk is OrderSignatures, Pausing {
    IProgrammes private immutable _PROGRAMMES;
    IPayees private immutable _PAYEES;

    /// @inheritdoc IPaymentDesk
    mapping(bytes32 id => bool) public isExecuted;

    /// @inheritdoc IPaymentDesk
    mapping(bytes32 orderId => uint256 amount) public refundedOf;

    constructor(address authority, IProgrammes programmes, IPayees payees, bytes32 genesisHash)
        AccessManaged(authority)
        OrderSignatures(genesisHash)
        Pausing(2)
    {
        _PROGRAMMES = programmes;
        _PAYEES = payees;
    }

    /// @inheritdoc IPaymentDesk
    function settle(
        Order[] calldata orders,
        bytes[] calldata payerSignatures,
        bytes[] calldata acceptorSignatures
    ) external restricted whenRunning {
        uint256 count = orders.length;
        require(
            count == payerSignatures.length && count == acceptorSignatures.length,
            ListLengthsDiffer()
        );
        for (uint256 i = 0; i < count; ++i) {
            _settle(orders[i], payerSignatures[i], acceptorSignatures[i]);
        }
    }

    /// @inheritdoc IPaymentDesk
    function settleRefunds(
        Refund[] calldata refunds,
        Order[] calldata orders,
        bytes[] calldata payeeSignatures,
        bytes[] calldata acceptorSignatures
    ) external restricted whenRunning {
        uint256 count = refunds.length;
        require(
            count == orders.length && count == payeeSignatures.length
                && count == acceptorSignatures.length,
            ListLengthsDiffer()
        );
        for (uint256 i = 0; i < count; ++i) {
            _settleRefund(refunds[i], orders[i], payeeSignatures[i], acceptorSignatures[i]);
        }
    }

    /// @inheritdoc IPaymentDesk
    function settleGiveBacks(
        GiveBack[] calldata giveBacks,
        bytes[] calldata holderSignatures,
        bytes[] calldata acceptorSignatures
    ) external restricted whenRunning {
        uint256 count = giveBacks.length;
        require(
            count == holderSignatures.length && count == acceptorSignatures.length,
            ListLengthsDiffer()
        );
        for (uint256 i = 0; i < count; ++i) {
            _settleGiveBack(giveBacks[i], holderSignatures[i], acceptorSignatures[i]);
        }
    }

    // slither-disable-next-line reentrancy-no-eth
    function _settle(
        Order calldata order,
        bytes calldata payerSignature,
        bytes calldata acceptorSignature
    ) private {
        bytes32 id = hashOrder(order);
        bytes memory reason = _checkOrder(id, order);
        if (reason.length == 0) {
            reason = _checkSignatures(id, order.payer, payerSignature, acceptorSignature);
        }
        if (!_begin(id, reason)) return;
        // slither-disable-next-line calls-loop
        try _PROGRAMMES.pay(order.programmeId, order.payer, order.payee, order.amount) {
            emit OrderExecuted(
                id, order.paymentId, order.programmeId, order.payer, order.payee, order.amount
            );
        } catch (bytes memory failure) {
            _skip(id, failure);
        }
    }

    // slither-disable-next-line reentrancy-no-eth
    function _settleRefund(
        Refund calldata refund,
        Order calldata order,
        bytes calldata payeeSignature,
        bytes calldata acceptorSignature
    ) private {
        bytes32 id = hashRefund(refund);
        bytes memory reason = _checkRefund(id, refund, order);
        if (reason.length == 0) {
            reason = _checkSignatures(id, refund.payee, payeeSignature, acceptorSignature);
        }
        if (!_begin(id, reason)) return;
        refundedOf[refund.orderId] += refund.amount;
        // slither-disable-next-line calls-loop
        try _PROGRAMMES.refund(order.programmeId, refund.payee, order.payer, refund.amount) {
            emit RefundExecuted(
                id, refund.orderId, order.programmeId, refund.payee, order.payer, refund.amount
            );
        } catch (bytes memory failure) {
            refundedOf[refund.orderId] -= refund.amount;
            _skip(id, failure);
        }
    }

    // slither-disable-next-line reentrancy-no-eth
    function _settleGiveBack(
        GiveBack calldata giveBack,
        bytes calldata holderSignature,
        bytes calldata acceptorSignature
    ) private {
        bytes32 id = hashGiveBack(giveBack);
        bytes memory reason = giveBack.amount == 0
            ? abi.encodeWithSelector(OrderAmountZero.selector, id)
            : _checkSignatures(id, giveBack.holder, holderSignature, acceptorSignature);
        if (!_begin(id, reason)) return;
        // slither-disable-next-line calls-loop
        try _PROGRAMMES.giveBack(giveBack.programmeId, giveBack.holder, giveBack.amount) {
            emit GiveBackExecuted(id, giveBack.programmeId, giveBack.holder, giveBack.amount);
        } catch (bytes memory failure) {
            _skip(id, failure);
        }
    }

    /// @dev Whether the item may execute now; marks it as executed if so, says why if not.
    function _begin(bytes32 id, bytes memory reason) private returns (bool) {
        if (isExecuted[id]) {
            emit OrderAlreadyExecuted(id);
            return false;
        }
        if (reason.length != 0) {
            emit OrderSkipped(id, reason);
            return false;
        }
        isExecuted[id] = true;
        return true;
    }

    function _skip(bytes32 id, bytes memory reason) private {
        isExecuted[id] = false;
        emit OrderSkipped(id, reason);
    }

    function _checkOrder(bytes32 id, Order calldata order) private view returns (bytes memory) {
        if (order.amount == 0) return abi.encodeWithSelector(OrderAmountZero.selector, id);
        if (order.payer == order.payee) return abi.encodeWithSelector(OrderToSelf.selector, id);
        // slither-disable-next-line calls-loop
        IPayees.State state = _PAYEES.stateOf(order.payee);
        if (state != IPayees.State.Active && state != IPayees.State.Closing) {
            return abi.encodeWithSelector(PayeeNotReceiving.selector, order.payee);
        }
        return "";
    }

    function _checkRefund(bytes32 id, Refund calldata refund, Order calldata order)
        private
        view
        returns (bytes memory)
    {
        if (refund.amount == 0) return abi.encodeWithSelector(OrderAmountZero.selector, id);
        if (hashOrder(order) != refund.orderId || refund.payee != order.payee) {
            return abi.encodeWithSelector(RefundMismatch.selector, id);
        }
        if (!isExecuted[refund.orderId]) {
            return abi.encodeWithSelector(OrderNotExecuted.selector, refund.orderId);
        }
        uint256 total = refundedOf[refund.orderId] + refund.amount;
        if (total > order.amount) {
            return
                abi.encodeWithSelector(RefundExceeded.selector, refund.orderId, total, order.amount);
        }
        return "";
    }
}
