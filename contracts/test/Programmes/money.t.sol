// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPausing} from "../../src/interfaces/IPausing.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

contract ProgrammeMoneyTest is CivisTest {
    bytes32 private constant REF = keccak256("bank reference");

    function test_allRevertWhilePaused() public {
        vm.prank(PAUSER);
        programmes.pause(4);
        vm.startPrank(TREASURER);
        vm.expectPartialRevert(IPausing.PauseInForce.selector);
        programmes.proposeFunding(PROGRAMME, 5, REF);
        vm.expectPartialRevert(IPausing.PauseInForce.selector);
        programmes.confirmFunding(PROGRAMME, REF);
        vm.expectPartialRevert(IPausing.PauseInForce.selector);
        programmes.proposeReturn(PROGRAMME, 5, REF);
        vm.expectPartialRevert(IPausing.PauseInForce.selector);
        programmes.confirmReturn(PROGRAMME, REF);
        vm.stopPrank();
    }

    function test_proposeFundingRevertsWithoutAnOpenProgramme() public {
        _expect(_encoded(IProgrammes.ProgrammeUnknown.selector, "new"));
        programmes.proposeFunding("new", 5, REF);
        _propose(PROGRAMME, 5);
        _close(PROGRAMME);
        _expect(_encoded(IProgrammes.ProgrammeIsClosed.selector, PROGRAMME));
        programmes.proposeFunding(PROGRAMME, 5, "another");
        _expect(_encoded(IProgrammes.ProgrammeIsClosed.selector, PROGRAMME));
        programmes.confirmFunding(PROGRAMME, REF);
    }

    function test_proposeFundingRevertsOnNothing() public {
        _expect(abi.encodeWithSelector(IProgrammes.AmountZero.selector));
        programmes.proposeFunding(PROGRAMME, 0, REF);
    }

    function test_aReferenceIsUsedOnce() public {
        _propose(PROGRAMME, 5);
        bytes memory refusal = _encoded(IProgrammes.BankReferenceUsed.selector, REF);
        _expect(refusal);
        programmes.proposeFunding(OTHER, 7, REF);
        vm.prank(TREASURER_2);
        programmes.confirmFunding(PROGRAMME, REF);
        _expect(refusal);
        programmes.proposeFunding(PROGRAMME, 5, REF);
        _close(PROGRAMME);
        _expect(refusal);
        programmes.proposeReturn(PROGRAMME, 5, REF);
    }

    function test_proposeFundingCountsNothing() public {
        vm.expectEmit(address(programmes));
        emit IProgrammes.FundingProposed(PROGRAMME, REF, 5, TREASURER);
        _propose(PROGRAMME, 5);
        vm.assertEq(programmes.programme(PROGRAMME).funded, FUNDED, "funded");
        IProgrammes.BankTransfer memory proposal = programmes.bankTransfer(REF);
        vm.assertEq(proposal.amount, 5, "amount");
        vm.assertEq(proposal.proposedBy, TREASURER, "by");
    }

    function test_confirmFundingRevertsOnAnotherProposal() public {
        _propose(PROGRAMME, 5);
        _expect(abi.encodeWithSelector(IProgrammes.ProposalUnknown.selector, OTHER, REF));
        programmes.confirmFunding(OTHER, REF);
        bytes memory refusal = abi.encodeWithSelector(
            IProgrammes.ProposalUnknown.selector, PROGRAMME, bytes32("unknown")
        );
        _expect(refusal);
        programmes.confirmFunding(PROGRAMME, "unknown");
        refusal = abi.encodeWithSelector(IProgrammes.ProposalUnknown.selector, PROGRAMME, REF);
        vm.prank(TREASURER_2);
        vm.expectRevert(refusal);
        programmes.confirmReturn(PROGRAMME, REF);
    }

    function test_confirmFundingNeedsAnother() public {
        _propose(PROGRAMME, 5);
        _expect(abi.encodeWithSelector(IProgrammes.SecondTreasurerNeeded.selector, TREASURER));
        programmes.confirmFunding(PROGRAMME, REF);
    }

    function test_confirmsOnce() public {
        _propose(PROGRAMME, 5);
        vm.startPrank(TREASURER_2);
        programmes.confirmFunding(PROGRAMME, REF);
        vm.expectRevert(
            abi.encodeWithSelector(IProgrammes.ProposalUnknown.selector, PROGRAMME, REF)
        );
        programmes.confirmFunding(PROGRAMME, REF);
        vm.stopPrank();
    }

    function testFuzz_confirmFundingCounts(uint128 amount) public {
        amount = 1 + amount % (type(uint128).max - FUNDED);
        _propose(PROGRAMME, amount);
        vm.expectEmit(address(programmes));
        emit IProgrammes.FundingConfirmed(PROGRAMME, REF, amount, TREASURER_2);
        vm.prank(TREASURER_2);
        programmes.confirmFunding(PROGRAMME, REF);
        vm.assertEq(programmes.programme(PROGRAMME).funded, FUNDED + amount, "funded");
        _assertSolvent(PROGRAMME);
    }

    function test_withdrawProposalRevertsWithoutOne() public {
        bytes memory refusal =
            abi.encodeWithSelector(IProgrammes.ProposalUnknown.selector, PROGRAMME, REF);
        _expect(refusal);
        programmes.withdrawProposal(PROGRAMME, REF);
        _propose(PROGRAMME, 5);
        _expect(abi.encodeWithSelector(IProgrammes.ProposalUnknown.selector, OTHER, REF));
        programmes.withdrawProposal(OTHER, REF);
        vm.prank(TREASURER_2);
        programmes.confirmFunding(PROGRAMME, REF);
        _expect(refusal);
        programmes.withdrawProposal(PROGRAMME, REF);
    }

    function test_withdrawProposalFreesTheReference() public {
        _propose(PROGRAMME, 500);
        vm.expectEmit(address(programmes));
        emit IProgrammes.ProposalWithdrawn(PROGRAMME, REF, TREASURER);
        vm.prank(TREASURER);
        programmes.withdrawProposal(PROGRAMME, REF);
        _propose(PROGRAMME, 5);
        vm.prank(TREASURER_2);
        programmes.confirmFunding(PROGRAMME, REF);
        vm.assertEq(programmes.programme(PROGRAMME).funded, FUNDED + 5, "funded");
    }

    function test_returnRevertsBeforeClosing() public {
        _expect(_encoded(IProgrammes.ProgrammeNotClosed.selector, PROGRAMME));
        programmes.proposeReturn(PROGRAMME, 5, REF);
    }

    function testFuzz_returnIsBounded(uint128 amount) public {
        _credit(citizen, 100_00);
        _pay(30_00);
        _payOut(baker, 10_00);
        _close(PROGRAMME);
        uint256 left = FUNDED - 30_00;
        amount = uint128(left + 1 + amount % (type(uint128).max - left));
        bytes memory refusal =
            abi.encodeWithSelector(IProgrammes.ReturnExceeded.selector, PROGRAMME, amount, left);
        _expect(refusal);
        programmes.proposeReturn(PROGRAMME, amount, REF);
    }

    function test_returnIsBoundedAtConfirmation() public {
        _close(PROGRAMME);
        vm.startPrank(TREASURER);
        programmes.proposeReturn(PROGRAMME, FUNDED, REF);
        programmes.proposeReturn(PROGRAMME, 5, "second");
        vm.stopPrank();
        vm.startPrank(TREASURER_2);
        programmes.confirmReturn(PROGRAMME, REF);
        vm.expectRevert(
            abi.encodeWithSelector(IProgrammes.ReturnExceeded.selector, PROGRAMME, 5, 0)
        );
        programmes.confirmReturn(PROGRAMME, "second");
        vm.stopPrank();
    }

    function test_confirmReturnNeedsAnother() public {
        _close(PROGRAMME);
        vm.startPrank(TREASURER);
        programmes.proposeReturn(PROGRAMME, 5, REF);
        vm.expectRevert(
            abi.encodeWithSelector(IProgrammes.SecondTreasurerNeeded.selector, TREASURER)
        );
        programmes.confirmReturn(PROGRAMME, REF);
        vm.stopPrank();
    }

    function test_returnsAllButThePayees() public {
        _credit(citizen, 100_00);
        _pay(30_00);
        _close(PROGRAMME);
        uint128 left = FUNDED - 30_00;
        vm.expectEmit(address(programmes));
        emit IProgrammes.ReturnProposed(PROGRAMME, REF, left, TREASURER);
        vm.prank(TREASURER);
        programmes.proposeReturn(PROGRAMME, left, REF);
        vm.expectEmit(address(programmes));
        emit IProgrammes.ReturnConfirmed(PROGRAMME, REF, left, TREASURER_2);
        vm.prank(TREASURER_2);
        programmes.confirmReturn(PROGRAMME, REF);
        _payOut(baker, 30_00);
        vm.assertEq(programmes.programme(PROGRAMME).paidOut, 30_00, "paid out");
        vm.assertEq(programmes.programme(PROGRAMME).returned, left, "returned");
        _assertSolvent(PROGRAMME);
    }

    function _propose(bytes32 programmeId, uint128 amount) private {
        vm.prank(TREASURER);
        programmes.proposeFunding(programmeId, amount, REF);
    }

    function _expect(bytes memory refusal) private {
        vm.prank(TREASURER);
        vm.expectRevert(refusal);
    }
}
