// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPaymentDesk} from "./interfaces/IPaymentDesk.sol";
import {SaltedDomain} from "./utils/SaltedDomain.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @dev The part of {PaymentDesk} that knows who signed: digests, acceptor keys, and the two
/// officers who stand in for a stolen one.
abstract contract OrderSignatures is IPaymentDesk, AccessManaged, SaltedDomain {
    bytes32 private constant ORDER = keccak256(
        "Order(bytes32 paymentId,bytes32 programmeId,address payer,address payee,uint128 amount,uint64 requestedUntil)"
    );
    bytes32 private constant REFUND =
        keccak256("Refund(bytes32 orderId,address payee,uint128 amount,bytes32 nonce)");
    bytes32 private constant GIVE_BACK =
        keccak256("GiveBack(bytes32 programmeId,address holder,uint128 amount,bytes32 nonce)");
    bytes32 private constant ACCEPTANCE = keccak256("Acceptance(bytes32 orderId)");

    /// @inheritdoc IPaymentDesk
    mapping(address acceptor => AcceptorState) public acceptorState;

    /// @inheritdoc IPaymentDesk
    mapping(bytes32 id => bool) public isVouched;

    mapping(bytes32 id => address officer) private _firstVoucher;

    constructor(bytes32 genesisHash) SaltedDomain("Civis PaymentDesk", genesisHash) {}

    /// @inheritdoc IPaymentDesk
    function setAcceptor(address acceptor, AcceptorState state) external restricted {
        require(acceptor != address(0) && state != AcceptorState.Unknown, AcceptorInvalid(acceptor));
        acceptorState[acceptor] = state;
        emit AcceptorChanged(acceptor, state);
    }

    /// @inheritdoc IPaymentDesk
    function vouch(bytes32[] calldata orderIds) external restricted {
        for (uint256 i = 0; i < orderIds.length; ++i) {
            bytes32 id = orderIds[i];
            address first = _firstVoucher[id];
            require(first != msg.sender && !isVouched[id], OrderVouchedAlready(id, msg.sender));
            if (first == address(0)) _firstVoucher[id] = msg.sender;
            else isVouched[id] = true;
            emit OrderVouched(id, msg.sender, first != address(0));
        }
    }

    /// @inheritdoc IPaymentDesk
    function hashOrder(Order calldata order) public view returns (bytes32) {
        return _digest(keccak256(abi.encode(ORDER, order)));
    }

    /// @inheritdoc IPaymentDesk
    function hashRefund(Refund calldata refund) public view returns (bytes32) {
        return _digest(keccak256(abi.encode(REFUND, refund)));
    }

    /// @inheritdoc IPaymentDesk
    function hashGiveBack(GiveBack calldata giveBack) public view returns (bytes32) {
        return _digest(keccak256(abi.encode(GIVE_BACK, giveBack)));
    }

    /// @inheritdoc IPaymentDesk
    function hashAcceptance(bytes32 id) public view returns (bytes32) {
        return _digest(keccak256(abi.encode(ACCEPTANCE, id)));
    }

    /// @dev Encoded error unless `owner` signed `id` and an acceptor whose word counts accepted it.
    function _checkSignatures(
        bytes32 id,
        address owner,
        bytes calldata ownerSignature,
        bytes calldata acceptorSignature
    ) internal view returns (bytes memory) {
        // The third value is the detail of a failure that the second one tells.
        // slither-disable-next-line unused-return
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(id, ownerSignature);
        if (failure != ECDSA.RecoverError.NoError || signer != owner) {
            return abi.encodeWithSelector(OwnerSignatureWrong.selector, id);
        }
        // slither-disable-next-line unused-return
        (signer, failure,) = ECDSA.tryRecoverCalldata(hashAcceptance(id), acceptorSignature);
        AcceptorState state = acceptorState[signer];
        bool counts = state == AcceptorState.Active || state == AcceptorState.Retired
            || (state == AcceptorState.Stolen && isVouched[id]);
        if (failure != ECDSA.RecoverError.NoError || !counts) {
            return abi.encodeWithSelector(AcceptanceWrong.selector, id, signer);
        }
        return "";
    }
}
