// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {IImpactToken} from "../../src/interfaces/IImpactToken.sol";
import {IPausing} from "../../src/interfaces/IPausing.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {CivisTest} from "../base/CivisTest.sol";
import {vm} from "../base/Vm.sol";

contract CommitBatchTest is CivisTest {
    bytes32 private constant ROOT = keccak256("root");

    function test_revertsWhilePaused() public {
        vm.prank(PAUSER);
        registry.pause(1);
        uint64 until = uint64(block.timestamp) + 14 days;
        _expect(abi.encodeWithSelector(IPausing.PauseInForce.selector, 1, until));
        _send(0, PROGRAMME, _one(citizen, 5));
    }

    function test_revertsWhenUsed() public {
        bytes32 id = _commit(PROGRAMME, _one(citizen, 5));
        bytes32 root = registry.batchRoot(id);
        vm.prank(MINTER);
        vm.expectRevert(_encoded(IActionRegistry.BatchUsed.selector, id));
        registry.commitBatch(id, 1, PROGRAMME, root, 1, _one(citizen, 5));
    }

    function test_revertsWhenCancelled() public {
        bytes32 id = _batchId(PROGRAMME, ROOT, 1, _one(citizen, 5));
        vm.prank(MINTER);
        registry.cancelBatch(id);
        _expect(_encoded(IActionRegistry.BatchIsCancelled.selector, id));
        _send(0, PROGRAMME, _one(citizen, 5));
    }

    function testFuzz_revertsOnAnotherCount(uint256 expected) public {
        _credit(citizen, 5);
        vm.assume(expected != 1);
        _expect(abi.encodeWithSelector(IActionRegistry.BatchCountWrong.selector, expected, 1));
        _send(expected, PROGRAMME, _one(citizen, 5));
    }

    function test_revertsWhenEmpty() public {
        bytes memory refusal = abi.encodeWithSelector(IActionRegistry.BatchEmpty.selector);
        _expect(refusal);
        registry.commitBatch("id", 0, PROGRAMME, 0, 1, _one(citizen, 5));
        _expect(refusal);
        registry.commitBatch("id", 0, PROGRAMME, ROOT, 0, _one(citizen, 5));
        _expect(refusal);
        registry.commitBatch("id", 0, PROGRAMME, ROOT, 1, new bytes32[](0));
    }

    function testFuzz_revertsOnAnotherId(bytes32 root, uint32 count, uint96 amount) public {
        bytes32[] memory credits = _one(citizen, 5);
        bytes32 id = _batchId(PROGRAMME, ROOT, 1, credits);
        vm.assume(root != ROOT && root != 0 && count > 1 && amount != 5 && amount != 0);
        vm.startPrank(MINTER);
        vm.expectPartialRevert(IActionRegistry.BatchIdWrong.selector);
        registry.commitBatch(id, 0, OTHER, ROOT, 1, credits);
        vm.expectPartialRevert(IActionRegistry.BatchIdWrong.selector);
        registry.commitBatch(id, 0, PROGRAMME, root, 1, credits);
        vm.expectPartialRevert(IActionRegistry.BatchIdWrong.selector);
        registry.commitBatch(id, 0, PROGRAMME, ROOT, count, credits);
        vm.expectPartialRevert(IActionRegistry.BatchIdWrong.selector);
        registry.commitBatch(id, 0, PROGRAMME, ROOT, 1, _one(citizen, amount));
        vm.stopPrank();
    }

    function test_revertsForAnUnknownProgramme() public {
        _expect(_encoded(IProgrammes.ProgrammeUnknown.selector, "unknown"));
        _send(0, "unknown", _one(citizen, 5));
    }

    function test_revertsForAClosedProgramme() public {
        _close(PROGRAMME);
        _expect(_encoded(IProgrammes.ProgrammeIsClosed.selector, PROGRAMME));
        _send(0, PROGRAMME, _one(citizen, 5));
    }

    function testFuzz_namesTheRefusedCredit(uint8 length, uint8 place, bool nobody) public {
        bytes32[] memory credits = _list(1 + uint256(length) % 40, 7);
        uint256 index = uint256(place) % credits.length;
        address account = nobody ? address(0) : address(uint160(uint256(credits[index]) >> 96));
        credits[index] = _pack(account, nobody ? 7 : 0);
        _expect(abi.encodeWithSelector(IImpactToken.CreditRefused.selector, index, account));
        _send(0, PROGRAMME, credits);
    }

    function testFuzz_revertsWhenNotSorted(uint8 length, uint8 place, uint8 from) public {
        bytes32[] memory credits = _list(2 + uint256(length) % 40, 7);
        uint256 index = 1 + uint256(place) % (credits.length - 1);
        // A repetition of any earlier credit, the very one before included.
        credits[index] = credits[uint256(from) % index];
        _expect(abi.encodeWithSelector(IImpactToken.CreditsNotSorted.selector, index));
        _send(0, PROGRAMME, credits);
    }

    function testFuzz_neverMintsMoreThanFunded(uint96 first, uint96 second) public {
        first = uint96(1 + first % FUNDED);
        second = uint96(FUNDED - first + 1 + second % FUNDED);
        _credit(citizen, first);
        uint256 total = uint256(first) + second;
        _expect(
            abi.encodeWithSelector(IProgrammes.FundingExceeded.selector, PROGRAMME, total, FUNDED)
        );
        _send(1, PROGRAMME, _one(citizen, second));
        vm.assertEq(token.totalSupply(), first, "supply");
    }

    function test_ceilingHoldsForADay() public {
        vm.prank(address(timelock));
        registry.setDailyCeiling(PROGRAMME, 100);
        _credit(citizen, 60);
        uint256 day = block.timestamp / 1 days;
        _expect(
            abi.encodeWithSelector(
                IActionRegistry.DailyCeilingExceeded.selector, PROGRAMME, 101, 100
            )
        );
        _send(1, PROGRAMME, _one(citizen, 41));
        _credit(citizen, 40);
        _commit(OTHER, _one(citizen, 41));
        vm.assertEq(registry.mintedOn(PROGRAMME, day), 100, "minted today");
        vm.warp((day + 1) * 1 days);
        _credit(citizen, 41);
        vm.assertEq(registry.mintedOn(PROGRAMME, day + 1), 41, "minted tomorrow");
    }

    function testFuzz_mintsEveryCredit(uint8 length, uint96 amount) public {
        uint256 count = 1 + uint256(length) % 40;
        amount = uint96(1 + amount % (FUNDED / count));
        bytes32[] memory credits = _list(count, amount);
        bytes32 id = _commit(PROGRAMME, credits);
        for (uint256 i = 0; i < count; ++i) {
            address account = address(uint160(uint256(credits[i]) >> 96));
            vm.assertEq(token.balanceOf(account), amount, "balance");
        }
        vm.assertEq(token.totalSupply(), count * amount, "supply");
        vm.assertEq(registry.batchCount(), 1, "count");
        vm.assertEq(registry.batchRoot(id), keccak256(abi.encode("root", 0)), "root");
        IActionRegistry.Totals memory totals = registry.totals(PROGRAMME);
        vm.assertEq(totals.actions, count, "actions");
        vm.assertEq(totals.reward, count * amount, "reward");
        _assertSolvent(PROGRAMME);
    }

    function test_emitsAndChains() public {
        bytes32[] memory credits = _list(3, 7);
        bytes32 id = _batchId(PROGRAMME, ROOT, 9, credits);
        vm.expectEmit(address(registry));
        emit IActionRegistry.BatchCommitted(id, PROGRAMME, 0, ROOT, 9, 21, 3);
        vm.prank(MINTER);
        registry.commitBatch(id, 0, PROGRAMME, ROOT, 9, credits);
        bytes32 payload = keccak256(
            abi.encode(id, PROGRAMME, uint256(0), ROOT, uint32(9), uint256(21), uint256(3))
        );
        bytes32 expected = keccak256(abi.encode(bytes32(0), uint8(1), payload));
        vm.assertEq(registry.runningHash(), expected, "running hash");
    }

    function _list(uint256 count, uint96 amount) private pure returns (bytes32[] memory list) {
        list = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = _pack(address(uint160((i + 1) << 100)), amount);
        }
    }

    function _expect(bytes memory refusal) private {
        vm.prank(MINTER);
        vm.expectRevert(refusal);
    }

    function _send(uint256 expected, bytes32 programmeId, bytes32[] memory credits) private {
        bytes32 id = _batchId(programmeId, ROOT, 1, credits);
        registry.commitBatch(id, expected, programmeId, ROOT, 1, credits);
    }
}
