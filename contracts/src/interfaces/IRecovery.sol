// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @title Blocks of accounts, recovery of a lost one, and the owner's change of account
/// @notice Two officers and 72 hours' notice give an account back to who lost its key. An objection
/// by the old key doesn't win, since a thief may hold it: it freezes both accounts until two other
/// officers decide the same. Everything that freezes an account ends by itself.
/// Domain of what is signed: "Civis Recovery", version "1", chain id, this contract, salt = hash of
/// the genesis block; a move's or forward's id is its typed-data digest.
/// @dev A frozen account ({IProgrammes-frozenUntil}) gives nothing back and is not moved by its
/// owner; orders that the acceptor countersigned still execute. Acceptor keys are the desk's, with
/// its rules for retired and stolen ones. Trust: two officers who agree take over an account whose
/// owner and two honest officers let 72 hours pass; a pair can freeze one again and again, which
/// every event here shows. A payee is neither moved nor recovered here. {IProgrammes-close} knows
/// nothing of recoveries: what is held expires with the programme, so the operator closes none
/// while a recovery in it is open.
interface IRecovery {
    /// @notice Proposed: by one officer, freezes nothing, lapses after 72 hours. Confirmed: by
    /// another; executes after 72 hours. Objected: two others decide within 30 days. Approved: they
    /// did, for it. Failed: withdrawn, rejected, or out of time.
    enum State {
        None,
        Proposed,
        Confirmed,
        Objected,
        Approved,
        Executed,
        Failed
    }

    /// @notice One recovery. Not executed before `readyAt`, and lapsed from `endsAt` on unless it
    /// is executed; Unix seconds.
    struct Case {
        bytes32 programmeId;
        address oldAccount;
        uint64 readyAt;
        State state;
        address newAccount;
        uint64 endsAt;
    }

    /// @notice `from`'s owner goes on with `to`, and takes `amount` cents along.
    struct Move {
        bytes32 programmeId;
        address from;
        address to;
        uint128 amount;
        bytes32 nonce;
    }

    /// @notice `amount` cents that reached `from` later go on to its successor.
    struct Forward {
        bytes32 programmeId;
        address from;
        uint128 amount;
        bytes32 nonce;
    }

    /// @notice One officer blocked the account, or a second one extended it.
    event AccountBlocked(
        bytes32 indexed programmeId, address indexed account, uint64 until, address officer
    );
    /// @notice Another officer lifted the block.
    event AccountUnblocked(bytes32 indexed programmeId, address indexed account, address officer);
    /// @notice One officer proposes it; nothing is frozen yet.
    event RecoveryProposed(
        bytes32 indexed recoveryId,
        bytes32 indexed programmeId,
        address indexed oldAccount,
        address newAccount,
        address officer
    );
    /// @notice Another one agrees: the old account is frozen; it executes from `readyAt` on.
    event RecoveryConfirmed(bytes32 indexed recoveryId, uint64 readyAt, address officer);
    /// @notice Taken back before it was confirmed.
    event RecoveryWithdrawn(bytes32 indexed recoveryId, address officer);
    /// @notice By the old key, or by the officer named. Undecided at `decideUntil`, it fails.
    event RecoveryObjected(bytes32 indexed recoveryId, uint64 decideUntil, address officer);
    /// @notice One of the two others decided.
    event RecoveryVoted(bytes32 indexed recoveryId, address indexed officer, bool inFavour);
    /// @notice The two others decided for it.
    event RecoveryApproved(bytes32 indexed recoveryId);
    /// @notice The two others decided against it.
    event RecoveryRejected(bytes32 indexed recoveryId);
    /// @notice `amount` moved; `holds` stayed for the payees of accepted orders.
    event RecoveryExecuted(
        bytes32 indexed recoveryId,
        bytes32 indexed programmeId,
        address indexed oldAccount,
        address newAccount,
        uint128 amount,
        uint128 holds
    );
    /// @notice The owner goes on with `to`; `amount` moved along.
    event AccountMoved(
        bytes32 indexed moveId,
        bytes32 indexed programmeId,
        address indexed from,
        address to,
        uint128 amount
    );
    /// @notice `amount` that reached `from` later moved to its successor.
    event Forwarded(
        bytes32 indexed forwardId,
        bytes32 indexed programmeId,
        address indexed from,
        address to,
        uint128 amount
    );

    /// @notice Nobody decides twice, extends or lifts an own block, or blocks alone again.
    error OtherOfficerNeeded(address officer);
    /// @notice There is no block, or it has ended.
    error BlockNotInForce(bytes32 programmeId, address account);
    /// @notice A recovery of the account is open, and keeps it frozen.
    error RecoveryIsOpen(bytes32 recoveryId);
    /// @notice An id is used once.
    error RecoveryExists(bytes32 recoveryId);
    /// @notice The recovery doesn't stand where this could be done.
    error RecoveryStateWrong(bytes32 recoveryId, State state);
    /// @notice It executes from `readyAt` on.
    error RecoveryTooEarly(bytes32 recoveryId, uint64 readyAt);
    /// @notice Not the old key's signature.
    error ObjectionWrong(bytes32 recoveryId);
    /// @notice Payees are neither moved nor recovered.
    error AccountIsPayee(address account);
    /// @notice It holds something, or was named before: as old, as new, or as nobody.
    error AccountNotNew(address account);
    /// @notice It was replaced already.
    error AccountSucceeded(address account, address successor);
    /// @notice Until then nothing is given back and its owner doesn't move it.
    error AccountFrozen(address account, uint64 until);
    /// @notice No account took its place.
    error SuccessorUnknown(address account);
    /// @notice Not the owner's.
    error SignatureWrong(bytes32 id);
    /// @notice The acceptance isn't signed by an acceptor key, or by a stolen one unvouched.
    error AcceptanceWrong(bytes32 id, address signer);
    /// @notice It executed, and does so once.
    error ExecutedAlready(bytes32 id);

    /// @notice Blocks `account` for 72 hours; in force already, extends it to 72 hours from now.
    /// Who blocked last can't again, unless 30 days passed since that block's end.
    function blockAccount(bytes32 programmeId, address account) external;

    /// @notice Lifts a block, by another officer than who set or extended it last.
    function unblockAccount(bytes32 programmeId, address account) external;

    /// @notice Proposes that `newAccount`, which nobody ever used, takes `oldAccount`'s place.
    /// @param recoveryId Chosen by who proposes, used once.
    function propose(
        bytes32 recoveryId,
        bytes32 programmeId,
        address oldAccount,
        address newAccount
    ) external;

    /// @notice Confirms another officer's proposal: the account is frozen, the 72 hours begin.
    function confirm(bytes32 recoveryId) external;

    /// @notice Takes back what isn't confirmed: the proposer's mistake, or another's refusal.
    function withdraw(bytes32 recoveryId) external;

    /// @notice Objects, with the old key's signature over `Objection(bytes32 recoveryId)`. Anybody
    /// carries it; it counts from the confirmation to the execution, once.
    function objectTo(bytes32 recoveryId, bytes calldata signature) external;

    /// @notice Objects for an owner who has no key: any officer but the two.
    function contest(bytes32 recoveryId) external;

    /// @notice Decides about a recovery that was objected to, as one of two officers other than the
    /// pair that proposed and confirmed it; who contested it may be one. The first two who agree have
    /// decided.
    function vote(bytes32 recoveryId, bool inFavour) external;

    /// @notice Moves everything but `holds` to the new account. The acceptor, which knows what it
    /// accepted, countersigns the digest of `Release(bytes32 recoveryId,uint128 holds)`.
    function execute(bytes32 recoveryId, uint128 holds, bytes calldata acceptorSignature) external;

    /// @notice Executes an owner's change of account, once for each account. `to` is new.
    function moveAccount(
        Move calldata move,
        bytes calldata ownerSignature,
        bytes calldata acceptorSignature
    ) external;

    /// @notice Moves what reached a replaced account later on to its successor.
    function forward(Forward calldata forwarded, bytes calldata acceptorSignature) external;

    /// @notice The recovery as it stands now; state None where there is none.
    function recovery(bytes32 recoveryId) external view returns (Case memory);

    /// @notice Until when officers blocked the account, and who did last.
    function blockOf(bytes32 programmeId, address account)
        external
        view
        returns (uint64 until, address officer);

    /// @notice The account that took this one's place, or zero.
    function successorOf(bytes32 programmeId, address account) external view returns (address);

    /// @notice Whether a move or forward was executed.
    function isExecuted(bytes32 id) external view returns (bool);

    /// @notice What the owner signs: the move's id.
    function hashMove(Move calldata move) external view returns (bytes32);

    /// @notice The forward's id.
    function hashForward(Forward calldata forwarded) external view returns (bytes32);

    /// @notice What the acceptor accepts when a recovery executes.
    function hashRelease(bytes32 recoveryId, uint128 holds) external view returns (bytes32);

    /// @notice What the old key signs.
    function hashObjection(bytes32 recoveryId) external view returns (bytes32);

    /// @notice What an acceptor signs to accept `id`: `Acceptance(bytes32 orderId)`.
    function hashAcceptance(bytes32 id) external view returns (bytes32);
}
