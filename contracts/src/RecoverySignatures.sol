// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPaymentDesk} from "./interfaces/IPaymentDesk.sol";
import {IRecovery} from "./interfaces/IRecovery.sol";
import {SaltedDomain} from "./utils/SaltedDomain.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @dev The part of {Recovery} that knows who signed. Acceptor keys are the desk's.
abstract contract RecoverySignatures is IRecovery, SaltedDomain {
    bytes32 private constant MOVE =
        keccak256("Move(bytes32 programmeId,address from,address to,uint128 amount,bytes32 nonce)");
    bytes32 private constant FORWARD =
        keccak256("Forward(bytes32 programmeId,address from,uint128 amount,bytes32 nonce)");
    bytes32 private constant RELEASE = keccak256("Release(bytes32 recoveryId,uint128 holds)");
    bytes32 private constant OBJECTION = keccak256("Objection(bytes32 recoveryId)");
    bytes32 private constant ACCEPTANCE = keccak256("Acceptance(bytes32 orderId)");

    IPaymentDesk private immutable _DESK;

    constructor(IPaymentDesk desk, bytes32 genesisHash)
        SaltedDomain("Civis Recovery", genesisHash)
    {
        _DESK = desk;
    }

    /// @inheritdoc IRecovery
    function hashMove(Move calldata move) public view returns (bytes32) {
        return _digest(keccak256(abi.encode(MOVE, move)));
    }

    /// @inheritdoc IRecovery
    function hashForward(Forward calldata forwarded) public view returns (bytes32) {
        return _digest(keccak256(abi.encode(FORWARD, forwarded)));
    }

    /// @inheritdoc IRecovery
    function hashRelease(bytes32 recoveryId, uint128 holds) public view returns (bytes32) {
        return _digest(keccak256(abi.encode(RELEASE, recoveryId, holds)));
    }

    /// @inheritdoc IRecovery
    function hashObjection(bytes32 recoveryId) public view returns (bytes32) {
        return _digest(keccak256(abi.encode(OBJECTION, recoveryId)));
    }

    /// @inheritdoc IRecovery
    function hashAcceptance(bytes32 id) public view returns (bytes32) {
        return _digest(keccak256(abi.encode(ACCEPTANCE, id)));
    }

    function _isSignedBy(address owner, bytes32 digest, bytes calldata signature)
        internal
        pure
        returns (bool)
    {
        // slither-disable-next-line unused-return
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signature);
        return failure == ECDSA.RecoverError.NoError && signer == owner;
    }

    /// @dev Reverts unless an acceptor key whose word counts at the desk accepted `id`.
    function _checkAcceptance(bytes32 id, bytes calldata signature) internal view {
        // slither-disable-next-line unused-return
        (address signer, ECDSA.RecoverError failure,) =
            ECDSA.tryRecoverCalldata(hashAcceptance(id), signature);
        IPaymentDesk.AcceptorState state = _DESK.acceptorState(signer);
        bool counts = state == IPaymentDesk.AcceptorState.Active
            || state == IPaymentDesk.AcceptorState.Retired
            || (state == IPaymentDesk.AcceptorState.Stolen && _DESK.isVouched(id));
        require(failure == ECDSA.RecoverError.NoError && counts, AcceptanceWrong(id, signer));
    }
}
