// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ImpactToken} from "../../src/ImpactToken.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

contract CreateProgrammeTest is CivisTest {
    function test_revertsWhenItExists() public {
        vm.prank(OFFICER);
        vm.expectRevert(_encoded(IProgrammes.ProgrammeExists.selector, PROGRAMME));
        programmes.createProgramme(PROGRAMME, "S", "S", EARN_UNTIL, SPEND_UNTIL, RULES);
    }

    function testFuzz_revertsOnWrongDates(uint64 earn, uint64 spend) public {
        vm.assume(earn > spend || spend <= block.timestamp);
        vm.prank(OFFICER);
        vm.expectRevert(
            abi.encodeWithSelector(IProgrammes.ProgrammeDatesWrong.selector, earn, spend)
        );
        programmes.createProgramme("new", "S", "S", earn, spend, RULES);
    }

    function test_isBounded() public {
        for (uint256 i = programmes.programmeCount(); i < programmes.MAX_OPEN(); ++i) {
            _create(bytes32(i));
        }
        vm.prank(OFFICER);
        vm.expectRevert(abi.encodeWithSelector(IProgrammes.ProgrammesTooMany.selector));
        programmes.createProgramme("new", "S", "S", EARN_UNTIL, SPEND_UNTIL, RULES);
        _close(PROGRAMME);
        uint64 later = uint64(block.timestamp + 1 days);
        vm.prank(OFFICER);
        programmes.createProgramme("new", "S", "S", later, later, RULES);
    }

    function test_createsAToken() public {
        _create("new");
        ImpactToken created = _token("new");
        vm.assertEq(created.programmes(), address(programmes), "programmes");
        vm.assertEq(created.programmeId(), "new", "id");
        vm.assertEq(created.name(), "Season", "name");
        vm.assertEq(created.symbol(), "SEA", "symbol");
        vm.assertEq(created.decimals(), 2, "decimals");
        vm.assertEq(created.totalSupply(), 0, "supply");
        vm.assertEq(programmes.programmeCount(), 3, "count");
        vm.assertEq(programmes.programmeIdAt(2), "new", "third");
        vm.assertEq(programmes.programme("new").ruleSetHash, RULES, "rules");
        vm.assertEq(programmes.programme("new").ruleSetVersion, 1, "version");
    }

    function test_emits() public {
        vm.recordLogs();
        _create("new");
        bytes32[] memory topics = vm.getRecordedLogs()[0].topics;
        vm.assertEq(topics[0], IProgrammes.ProgrammeCreated.selector, "event");
        vm.assertEq(topics[1], "new", "id");
        address token_ = address(_token("new"));
        vm.assertEq(topics[2], bytes32(uint256(uint160(token_))), "token");
        vm.expectEmit(address(programmes));
        emit IProgrammes.RuleSetChanged("newer", 1, RULES, uint64(block.timestamp), OFFICER);
        vm.prank(OFFICER);
        programmes.createProgramme("newer", "S", "S", EARN_UNTIL, SPEND_UNTIL, RULES);
    }

    function test_setRuleSetRevertsWithoutAnOpenProgramme() public {
        vm.prank(OFFICER);
        vm.expectRevert(_encoded(IProgrammes.ProgrammeUnknown.selector, "new"));
        programmes.setRuleSet("new", 2, RULES, 0);
        _close(PROGRAMME);
        vm.prank(OFFICER);
        vm.expectRevert(_encoded(IProgrammes.ProgrammeIsClosed.selector, PROGRAMME));
        programmes.setRuleSet(PROGRAMME, 2, RULES, 0);
    }

    function testFuzz_setRuleSetRevertsOnAnotherVersion(uint32 version) public {
        vm.assume(version != 2);
        vm.prank(OFFICER);
        vm.expectRevert(
            abi.encodeWithSelector(IProgrammes.RuleSetVersionWrong.selector, 2, version)
        );
        programmes.setRuleSet(PROGRAMME, version, RULES, 0);
    }

    function test_setRuleSetSets() public {
        vm.expectEmit(address(programmes));
        emit IProgrammes.RuleSetChanged(PROGRAMME, 2, "new rules", 1_900_000_000, OFFICER);
        vm.prank(OFFICER);
        programmes.setRuleSet(PROGRAMME, 2, "new rules", 1_900_000_000);
        vm.assertEq(programmes.programme(PROGRAMME).ruleSetVersion, 2, "version");
        vm.assertEq(programmes.programme(PROGRAMME).ruleSetHash, "new rules", "hash");
    }

    function test_setPayeesPayPayeesRevertsWithoutAnOpenProgramme() public {
        vm.prank(OFFICER);
        vm.expectRevert(_encoded(IProgrammes.ProgrammeUnknown.selector, "new"));
        programmes.setPayeesPayPayees("new", true);
        _close(PROGRAMME);
        vm.prank(OFFICER);
        vm.expectRevert(_encoded(IProgrammes.ProgrammeIsClosed.selector, PROGRAMME));
        programmes.setPayeesPayPayees(PROGRAMME, true);
    }

    function test_setPayeesPayPayeesSets() public {
        vm.expectEmit(address(programmes));
        emit IProgrammes.PayeesPayPayeesChanged(PROGRAMME, true, OFFICER);
        vm.prank(OFFICER);
        programmes.setPayeesPayPayees(PROGRAMME, true);
        vm.assertTrue(programmes.programme(PROGRAMME).payeesPayPayees, "allowed");
    }
}
