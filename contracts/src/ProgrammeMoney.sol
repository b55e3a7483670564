// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IProgrammes} from "./interfaces/IProgrammes.sol";
import {Pausing} from "./utils/Pausing.sol";

/// @dev The part of {Programmes} that says what the bank account received and sent back: each
/// transfer proposed by one treasurer, confirmed by another, under a reference used once.
abstract contract ProgrammeMoney is IProgrammes, Pausing {
    mapping(bytes32 programmeId => Programme) internal _programmes;

    mapping(bytes32 bankReference => BankTransfer) private _transfers;

    /// @inheritdoc IProgrammes
    function proposeFunding(bytes32 programmeId, uint128 amount, bytes32 bankReference)
        external
        restricted
        whenRunning
    {
        _openProgramme(programmeId);
        _propose(programmeId, amount, bankReference, false);
        emit FundingProposed(programmeId, bankReference, amount, msg.sender);
    }

    /// @inheritdoc IProgrammes
    function confirmFunding(bytes32 programmeId, bytes32 bankReference)
        external
        restricted
        whenRunning
    {
        Programme storage funding = _openProgramme(programmeId);
        uint128 amount = _confirm(programmeId, bankReference, false);
        funding.funded += amount;
        emit FundingConfirmed(programmeId, bankReference, amount, msg.sender);
    }

    /// @inheritdoc IProgrammes
    function proposeReturn(bytes32 programmeId, uint128 amount, bytes32 bankReference)
        external
        restricted
        whenRunning
    {
        _checkLeft(programmeId, amount);
        _propose(programmeId, amount, bankReference, true);
        emit ReturnProposed(programmeId, bankReference, amount, msg.sender);
    }

    /// @inheritdoc IProgrammes
    function confirmReturn(bytes32 programmeId, bytes32 bankReference)
        external
        restricted
        whenRunning
    {
        uint128 amount = _confirm(programmeId, bankReference, true);
        _checkLeft(programmeId, amount);
        _programmes[programmeId].returned += amount;
        emit ReturnConfirmed(programmeId, bankReference, amount, msg.sender);
    }

    /// @inheritdoc IProgrammes
    function withdrawProposal(bytes32 programmeId, bytes32 bankReference) external restricted {
        BankTransfer storage proposal = _transfers[bankReference];
        require(
            proposal.state == TransferState.Proposed && proposal.programmeId == programmeId,
            ProposalUnknown(programmeId, bankReference)
        );
        delete _transfers[bankReference];
        emit ProposalWithdrawn(programmeId, bankReference, msg.sender);
    }

    /// @inheritdoc IProgrammes
    function bankTransfer(bytes32 bankReference) external view returns (BankTransfer memory) {
        return _transfers[bankReference];
    }

    function _propose(bytes32 programmeId, uint128 amount, bytes32 bankReference, bool isReturn)
        private
    {
        require(amount != 0, AmountZero());
        BankTransfer storage proposal = _transfers[bankReference];
        require(proposal.state == TransferState.None, BankReferenceUsed(bankReference));
        _transfers[bankReference] =
            BankTransfer(programmeId, amount, isReturn, TransferState.Proposed, msg.sender);
    }

    function _confirm(bytes32 programmeId, bytes32 bankReference, bool isReturn)
        private
        returns (uint128)
    {
        BankTransfer storage proposal = _transfers[bankReference];
        require(
            proposal.state == TransferState.Proposed && proposal.programmeId == programmeId
                && proposal.isReturn == isReturn,
            ProposalUnknown(programmeId, bankReference)
        );
        require(proposal.proposedBy != msg.sender, SecondTreasurerNeeded(msg.sender));
        proposal.state = TransferState.Confirmed;
        return proposal.amount;
    }

    /// @dev What is neither with a payee nor paid out nor returned yet belongs to the funder.
    function _checkLeft(bytes32 programmeId, uint128 amount) private view {
        Programme storage closed = _programme(programmeId);
        require(closed.closed, ProgrammeNotClosed(programmeId));
        uint256 left = closed.funded - closed.paidOut - closed.returned - closed.token.totalSupply();
        require(amount <= left, ReturnExceeded(programmeId, amount, left));
    }

    function _programme(bytes32 programmeId) internal view returns (Programme storage found) {
        found = _programmes[programmeId];
        require(address(found.token) != address(0), ProgrammeUnknown(programmeId));
    }

    function _openProgramme(bytes32 programmeId) internal view returns (Programme storage found) {
        found = _programme(programmeId);
        require(!found.closed, ProgrammeIsClosed(programmeId));
    }
}
