// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {RegistrySuccession} from "./RegistrySuccession.sol";
import {IActionRegistry} from "./interfaces/IActionRegistry.sol";
import {IProgrammes} from "./interfaces/IProgrammes.sol";
import {ImpactTree} from "./libraries/ImpactTree.sol";
import {Pausing} from "./utils/Pausing.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @title Registry of settled batches and published cells
contract ActionRegistry is RegistrySuccession, Pausing {
    uint8 private constant KIND_BATCH = 1;
    uint8 private constant KIND_CANCELLATION = 2;
    uint8 private constant KIND_CELLS = 3;

    IProgrammes private immutable _PROGRAMMES;

    /// @param defaultCeiling Cents a programme may mint a UTC day until the administrator sets
    /// another ceiling for it. Not asked by a successor, which goes on with the ceilings in force.
    /// @param before The registry whose books this one goes on with; zero for the first.
    constructor(
        address authority,
        IProgrammes programmes,
        uint128 defaultCeiling,
        IActionRegistry before
    ) AccessManaged(authority) RegistrySuccession(defaultCeiling, before) Pausing(1) {
        _PROGRAMMES = programmes;
    }

    /// @inheritdoc IActionRegistry
    function commitBatch(
        bytes32 batchId,
        uint256 expectedCount,
        bytes32 programmeId,
        bytes32 root,
        uint32 actionCount,
        bytes32[] calldata credits
    ) external restricted whenRunning whenInForce {
        _checkUnused(batchId);
        uint256 sequence = batchCount;
        require(expectedCount == sequence, BatchCountWrong(expectedCount, sequence));
        require(root != 0 && actionCount != 0 && credits.length != 0, BatchEmpty());
        bytes32 content = keccak256(abi.encode(programmeId, root, actionCount, credits));
        require(batchId == content, BatchIdWrong(content, batchId));
        _roots[batchId] = root;
        batchCount = sequence + 1;
        uint256 reward = _PROGRAMMES.mint(programmeId, credits);
        _count(programmeId, actionCount, reward);
        _chain(
            KIND_BATCH,
            keccak256(
                abi.encode(
                    batchId, programmeId, sequence, root, actionCount, reward, credits.length
                )
            )
        );
        emit BatchCommitted(
            batchId, programmeId, sequence, root, actionCount, reward, credits.length
        );
    }

    /// @inheritdoc IActionRegistry
    function cancelBatch(bytes32 batchId) external restricted whenInForce {
        _checkUnused(batchId);
        _cancelled[batchId] = true;
        _chain(KIND_CANCELLATION, keccak256(abi.encode(batchId)));
        emit BatchCancelled(batchId);
    }

    /// @inheritdoc IActionRegistry
    function publishCells(
        bytes32 programmeId,
        uint32 period,
        bytes32 sumRoot,
        Cell[] calldata cells,
        uint64 keptBackActions,
        uint128 keptBackReward
    ) external restricted whenInForce {
        Totals storage sums = _sumsOf(programmeId);
        require(period > sums.lastPeriod, PeriodNotAfter(sums.lastPeriod, period));
        sums.lastPeriod = period;
        _checkSumRoot(cells, sumRoot);
        _publish(programmeId, period, cells, sums);
        _checkIdentity(sums.publishedActions, keptBackActions, sums.actions);
        _checkIdentity(sums.publishedReward, keptBackReward, sums.reward);
        bytes32 content = keccak256(abi.encode(cells));
        bytes memory payload =
            abi.encode(programmeId, period, sumRoot, content, keptBackActions, keptBackReward);
        _chain(KIND_CELLS, keccak256(payload));
        emit CellsPublished(
            programmeId, period, sumRoot, cells.length, keptBackActions, keptBackReward
        );
    }

    /// @inheritdoc IActionRegistry
    function setDailyCeiling(bytes32 programmeId, uint128 ceiling) external restricted whenInForce {
        _ceilings[programmeId] = Ceiling(true, ceiling);
        emit DailyCeilingChanged(programmeId, ceiling);
    }

    /// @dev Emits the cells, in order, and adds them to the programme's sums.
    function _publish(
        bytes32 programmeId,
        uint32 period,
        Cell[] calldata cells,
        Totals storage sums
    ) private {
        uint256 next = 0;
        // Sums from zero.
        // slither-disable-next-line uninitialized-local
        Totals memory added;
        for (uint256 i = 0; i < cells.length; ++i) {
            Cell calldata cell = cells[i];
            uint256 order = _order(cell);
            require(order >= next, CellsNotSorted(i));
            next = order + 1;
            // Without its last bit, a cell and its corrections have one key.
            _tally(_standingUnder(programmeId, order >> 1), cell, i, added);
            emit CellPublished(programmeId, period, i, cell);
        }
        sums.correctedActions += added.correctedActions;
        sums.correctedReward += added.correctedReward;
        sums.publishedActions += added.publishedActions;
        sums.publishedReward += added.publishedReward;
    }

    /// @dev Adds a cell to what stands under its key, or takes it from there, and to `added`.
    function _tally(
        Standing storage standing,
        Cell calldata cell,
        uint256 index,
        Totals memory added
    ) private {
        if (cell.correction) {
            _correct(standing, cell, index);
            added.correctedActions += cell.actions;
            added.correctedReward += cell.reward;
        } else {
            standing.actions += cell.actions;
            standing.reward += cell.reward;
            added.publishedActions += cell.actions;
            added.publishedReward += cell.reward;
        }
    }

    function _correct(Standing storage standing, Cell calldata cell, uint256 index) private {
        (uint64 actions, uint128 reward) = (standing.actions, standing.reward);
        require(
            cell.actions <= actions && cell.reward <= reward,
            CorrectionTooLarge(index, actions, reward)
        );
        // Checked above: neither goes below zero.
        unchecked {
            standing.actions = actions - cell.actions;
            standing.reward = reward - cell.reward;
        }
    }

    function _count(bytes32 programmeId, uint32 actionCount, uint256 reward) private {
        uint256 day = block.timestamp / 1 days;
        uint256 minted = mintedOn(programmeId, day) + reward;
        uint256 ceiling = dailyCeiling(programmeId);
        require(minted <= ceiling, DailyCeilingExceeded(programmeId, minted, ceiling));
        _minted[programmeId][day] += reward;
        Totals storage sums = _sumsOf(programmeId);
        sums.batches += 1;
        sums.actions += actionCount;
        // Not above the day's ceiling, which is a uint128.
        // forge-lint: disable-next-line(unsafe-typecast)
        sums.reward += uint128(reward);
    }

    function _chain(uint8 kind, bytes32 payloadHash) private {
        runningHash = keccak256(abi.encode(runningHash, kind, payloadHash));
    }

    function _checkSumRoot(Cell[] calldata cells, bytes32 sumRoot) private pure {
        bytes32 actual = ImpactTree.sumRoot(cells);
        require(actual == sumRoot, SumRootWrong(actual, sumRoot));
    }

    function _checkUnused(bytes32 batchId) private view {
        require(batchRoot(batchId) == 0, BatchUsed(batchId));
        require(!isCancelled(batchId), BatchIsCancelled(batchId));
    }

    function _checkIdentity(uint256 published, uint256 keptBack, uint256 batched) private pure {
        require(published + keptBack == batched, CellsDisagree(published + keptBack, batched));
    }

    /// @dev Place of a cell among those of a period: its key, packed.
    function _order(Cell calldata cell) private pure returns (uint256) {
        return (uint256(cell.actionTypeId) << 57) | (uint256(cell.actionTypeVersion) << 41)
            | (uint256(cell.proofLevel) << 33) | (uint256(cell.month) << 1)
            | (cell.correction ? 1 : 0);
    }
}
