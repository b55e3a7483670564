// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @title Registry of settled batches and published cells
/// @notice A batch records the root of its actions and mints their credits in one transaction; the
/// cells of a period say in public what was done, under sums that a root binds. Per programme, after
/// every publication: actions and reward over all cells (corrections apart) + kept back = actions
/// and reward over all batches. The contract refuses a publication that would break this.
/// @dev Running hash, from zero: `h = keccak256(abi.encode(h, uint8 kind, bytes32 payloadHash))`
/// for each of, in order of appearance,
/// - kind 1, a batch: `keccak256(abi.encode(batchId, programmeId, uint256 sequence, root,
///   uint32 actionCount, uint256 reward, uint256 accounts))`, the fields of {BatchCommitted};
/// - kind 2, a cancellation: `keccak256(abi.encode(batchId))`;
/// - kind 3, cells: `keccak256(abi.encode(programmeId, uint32 period, sumRoot,
///   keccak256(abi.encode(Cell[] cells)), uint64 keptBackActions, uint128 keptBackReward))`, the
///   cells being those of {CellPublished} in order of `index`.
/// So one call proves to a reader of events that none was missed or reordered. A registry that
/// replaces another goes on with its count and running hash: the events to read are those of each
/// registry in turn, from the first ({predecessor} names the one before).
/// Assumed: whoever commits and publishes says the truth about deeds, metrics and roots, of which
/// nothing can be seen here. Warning: a pause stops batches alone; barring a batch and publishing
/// cells go on.
interface IActionRegistry {
    /// @notice A public sum. `month` (yyyymm, of the deed), metrics in the order distance_m,
    /// waste_g, water_ml, energy_wh, duration_s, item_count. `root`: top of the Merkle-sum tree of
    /// its leaves. A correction's numbers are to be subtracted: its actions were reversed. Over all
    /// periods, the corrections of a key (type, version, proof level, month) never have more actions
    /// or reward than its cells before them; of metrics the contract knows no sums, an audit does.
    struct Cell {
        uint32 actionTypeId;
        uint16 actionTypeVersion;
        uint8 proofLevel;
        uint32 month;
        bool correction;
        uint64 actions;
        uint128 reward;
        uint128[6] metrics;
        bytes32 root;
    }

    /// @notice Sums of one programme; published ones without corrections, which stand apart.
    struct Totals {
        uint64 batches;
        uint64 actions;
        uint128 reward;
        uint64 publishedActions;
        uint128 publishedReward;
        uint64 correctedActions;
        uint128 correctedReward;
        uint32 lastPeriod;
    }

    /// @notice Batch number `sequence` (from 0) of the registry credited `reward` cents for
    /// `actionCount` actions to `accounts` accounts.
    event BatchCommitted(
        bytes32 indexed batchId,
        bytes32 indexed programmeId,
        uint256 indexed sequence,
        bytes32 root,
        uint32 actionCount,
        uint256 reward,
        uint256 accounts
    );
    /// @notice `batchId` can never be committed.
    event BatchCancelled(bytes32 indexed batchId);
    /// @notice Cell number `index` of what a period publishes.
    event CellPublished(
        bytes32 indexed programmeId, uint32 indexed period, uint256 index, Cell cell
    );
    /// @notice A period is complete. Kept back is the whole outstanding remainder at this moment,
    /// actions of batches that are in no cell yet included.
    event CellsPublished(
        bytes32 indexed programmeId,
        uint32 indexed period,
        bytes32 sumRoot,
        uint256 cells,
        uint64 keptBackActions,
        uint128 keptBackReward
    );
    /// @notice The programme may mint `ceiling` cents a UTC day from now on.
    event DailyCeilingChanged(bytes32 indexed programmeId, uint128 ceiling);
    /// @notice This registry takes nothing any more; `successor` goes on with its books.
    event HandedOver(address indexed successor, uint256 batchCount, bytes32 runningHash);
    /// @notice This registry goes on with what `predecessor` counted.
    event TookOver(address indexed predecessor, uint256 batchCount, bytes32 runningHash);

    /// @notice The sender believes in another number of batches: it must not send.
    error BatchCountWrong(uint256 expected, uint256 actual);
    /// @notice The id isn't the hash of the batch's content.
    error BatchIdWrong(bytes32 expected, bytes32 actual);
    /// @notice It was committed, and is so once.
    error BatchUsed(bytes32 batchId);
    /// @notice It is barred for ever.
    error BatchIsCancelled(bytes32 batchId);
    /// @notice No root, no action or no credit.
    error BatchEmpty();
    /// @notice The day's mints would come to `minted`.
    error DailyCeilingExceeded(bytes32 programmeId, uint256 minted, uint256 ceiling);
    /// @notice Periods of a programme are published once and in increasing order, from 1.
    error PeriodNotAfter(uint32 last, uint32 period);
    /// @notice Cell number `index` isn't after the one before it (by action type, version, proof
    /// level, month, corrections last).
    error CellsNotSorted(uint256 index);
    /// @notice Cell number `index` takes back more than the `actions` and `reward` that still stand
    /// published under its key.
    error CorrectionTooLarge(uint256 index, uint64 actions, uint128 reward);
    /// @notice Cells + kept back don't come to what the batches say.
    error CellsDisagree(uint256 publishedAndKept, uint256 batched);
    /// @notice The cells' sums don't hash to the root that is to be published.
    error SumRootWrong(bytes32 expected, bytes32 actual);
    /// @notice It has handed over to `successor`, or, where that is zero, not taken over yet.
    error RegistryNotInForce(address successor);
    /// @notice Only the registry before this one lets it take over.
    error PredecessorUnauthorized(address caller);

    /// @notice Records a batch and mints its credits.
    /// @param batchId `keccak256(abi.encode(programmeId, root, actionCount, credits))`, used once.
    /// @param expectedCount The number of batches committed so far, by the sender's own books: a
    /// database restored from a backup cuts batches anew, and must not mint twice.
    /// @param credits `(uint160 account << 96) | uint96 amount`, sorted, each account once. Reverts
    /// with `CreditRefused(index, account)` (see {IImpactToken}) where one can't be minted.
    function commitBatch(
        bytes32 batchId,
        uint256 expectedCount,
        bytes32 programmeId,
        bytes32 root,
        uint32 actionCount,
        bytes32[] calldata credits
    ) external;

    /// @notice Bars a batch that was not committed, for ever.
    function cancelBatch(bytes32 batchId) external;

    /// @notice Publishes the cells of a period. To be sent only once every batch sent before is
    /// settled: kept back is checked against the batches that are here. Possible after closing.
    function publishCells(
        bytes32 programmeId,
        uint32 period,
        bytes32 sumRoot,
        Cell[] calldata cells,
        uint64 keptBackActions,
        uint128 keptBackReward
    ) external;

    /// @notice Bounds what a programme may mint in a UTC day, and so what a stolen key can.
    function setDailyCeiling(bytes32 programmeId, uint128 ceiling) external;

    /// @notice Ends this registry for ever and lets `next` go on. `next` must have been made with
    /// this one as its predecessor. Reads go on here and there; the right to mint is the
    /// administrator's to move, in the same decision (see {IProgrammes-setMover}).
    /// @dev Warning: `next` is trusted with the rest of the books. Nothing here can check its code.
    function handOver(IActionRegistry next) external;

    /// @notice Takes count and running hash over, called by the predecessor as it hands over.
    function takeOver() external;

    /// @notice The registry before this one; zero for the first.
    function predecessor() external view returns (IActionRegistry);

    /// @notice The registry that this one has handed over to; zero while it is in force.
    function successor() external view returns (IActionRegistry);

    /// @notice Number of batches committed, those of the registries before included.
    function batchCount() external view returns (uint256);

    /// @notice The batch's root; zero if it wasn't committed.
    function batchRoot(bytes32 batchId) external view returns (bytes32);

    /// @notice Whether the batch is barred.
    function isCancelled(bytes32 batchId) external view returns (bool);

    /// @notice See above.
    function runningHash() external view returns (bytes32);

    /// @notice Sums of a programme.
    function totals(bytes32 programmeId) external view returns (Totals memory);

    /// @notice Cents the programme may mint a UTC day.
    function dailyCeiling(bytes32 programmeId) external view returns (uint128);

    /// @notice Actions and cents that stand published under a cell's key, corrections taken off.
    /// @param key `actionTypeId << 56 | actionTypeVersion << 40 | proofLevel << 32 | month`.
    function standingOf(bytes32 programmeId, uint256 key)
        external
        view
        returns (uint64 actions, uint128 reward);

    /// @notice Cents the programme minted on a day, counted from 1970-01-01.
    function mintedOn(bytes32 programmeId, uint256 day) external view returns (uint256);
}
