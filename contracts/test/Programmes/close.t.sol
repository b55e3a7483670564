// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IImpactToken} from "../../src/interfaces/IImpactToken.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

contract CloseTest is CivisTest {
    uint256 private constant FROM = uint256(SPEND_UNTIL) + 30 days;

    function test_revertsWithoutAnOpenProgramme() public {
        vm.prank(OFFICER);
        vm.expectRevert(_encoded(IProgrammes.ProgrammeUnknown.selector, "new"));
        programmes.close("new");
        _close(PROGRAMME);
        vm.prank(OFFICER);
        vm.expectRevert(_encoded(IProgrammes.ProgrammeIsClosed.selector, PROGRAMME));
        programmes.close(PROGRAMME);
    }

    function testFuzz_revertsTooEarly(uint256 moment) public {
        vm.warp(block.timestamp + moment % (FROM - block.timestamp + 1));
        vm.prank(OFFICER);
        vm.expectRevert(
            abi.encodeWithSelector(IProgrammes.ProgrammeTooEarlyToClose.selector, PROGRAMME, FROM)
        );
        programmes.close(PROGRAMME);
    }

    function test_whatNobodyFundedEndsAtOnceAndMakesRoom() public {
        for (uint256 i = programmes.programmeCount(); i < programmes.MAX_OPEN(); ++i) {
            vm.prank(OFFICER);
            programmes.createProgramme(bytes32(i), "", "", 0, type(uint64).max, RULES);
        }
        vm.prank(OFFICER);
        vm.expectRevert(abi.encodeWithSelector(IProgrammes.ProgrammesTooMany.selector));
        programmes.createProgramme("next", "", "", EARN_UNTIL, SPEND_UNTIL, RULES);
        vm.startPrank(OFFICER_2);
        programmes.close(bytes32(programmes.MAX_OPEN() - 1));
        programmes.createProgramme("next", "", "", EARN_UNTIL, SPEND_UNTIL, RULES);
        vm.stopPrank();
        _fund("next", 1);
        vm.prank(OFFICER);
        vm.expectRevert(
            abi.encodeWithSelector(
                IProgrammes.ProgrammeTooEarlyToClose.selector, bytes32("next"), FROM
            )
        );
        programmes.close("next");
    }

    function testFuzz_expiresWhatIsHeld(uint96 held, uint128 paid) public {
        held = uint96(1 + held % FUNDED);
        paid = 1 + paid % held;
        _credit(citizen, held);
        _pay(paid);
        vm.warp(FROM + 1);
        vm.expectEmit(address(token));
        emit IImpactToken.HoldersExpired(held - paid);
        vm.expectEmit(address(programmes));
        emit IProgrammes.ProgrammeClosed(PROGRAMME, held - paid, OFFICER);
        vm.prank(OFFICER);
        programmes.close(PROGRAMME);
        vm.assertEq(token.balanceOf(citizen), 0, "the citizen's");
        vm.assertEq(token.balanceOf(baker), paid, "the baker's");
        vm.assertEq(token.totalSupply(), paid, "supply");
        vm.assertEq(programmes.programme(PROGRAMME).expired, held - paid, "expired");
        _assertSolvent(PROGRAMME);
    }

    function test_payeesStayRedeemable() public {
        _credit(citizen, 100);
        _pay(60);
        _close(PROGRAMME);
        vm.warp(block.timestamp + 1000 days);
        _payOut(baker, 60);
        vm.assertEq(token.totalSupply(), 0, "supply");
        _assertSolvent(PROGRAMME);
    }

    function test_leavesOthersAlone() public {
        _commit(OTHER, _one(citizen, 5));
        _close(PROGRAMME);
        vm.assertEq(_token(OTHER).balanceOf(citizen), 5, "the other programme's");
    }

    function test_expiredStaysExpired() public {
        _credit(citizen, 100);
        _close(PROGRAMME);
        _enrol(citizen);
        vm.assertEq(token.balanceOf(citizen), 0, "balance");
        vm.assertEq(token.totalSupply(), 0, "supply");
    }
}
