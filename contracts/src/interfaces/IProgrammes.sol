// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IImpactToken} from "./IImpactToken.sol";

/// @title Programmes: seasons of a scheme, their money and their tokens
/// @notice Per programme, at any time, in cents:
/// `funded = outstanding + paidOut + expired + givenBack + not minted`, where outstanding is the
/// token's total supply and not minted is `funded - minted`. Funding and returning name a bank
/// reference and two treasurers; that the euros are on the account, nobody can see here.
/// @dev Tokens move only through this contract, called by the movers it knows. The set is changed
/// by the administrator (behind a timelock), so a desk can be replaced and a recovery added without
/// touching a token. A mover is trusted to have checked signatures; the rules that hold whoever
/// calls are here: only payees are paid, nothing held is added after closing, minted <= funded.
interface IProgrammes {
    /// @notice A programme as it stands. Dates are Unix seconds, amounts cents.
    struct Programme {
        IImpactToken token;
        uint64 earnUntil;
        uint32 ruleSetVersion;
        uint64 spendUntil;
        bool closed;
        bool payeesPayPayees;
        uint128 funded;
        uint128 minted;
        uint128 paidOut;
        uint128 expired;
        uint128 givenBack;
        uint128 returned;
        bytes32 ruleSetHash;
    }

    /// @notice What a mover may do; one bit each. Mint: {mint}. Pay: {pay}, {refund}, {giveBack}.
    /// PayOut: {payOut}, {enrolPayee}. Move: {move}, {freeze}.
    enum MoverKind {
        Mint,
        Pay,
        PayOut,
        Move
    }

    /// @notice Where a transfer from or to the bank stands.
    enum TransferState {
        None,
        Proposed,
        Confirmed
    }

    /// @notice Money that came (funding) or went back to the funder (return).
    struct BankTransfer {
        bytes32 programmeId;
        uint128 amount;
        bool isReturn;
        TransferState state;
        address proposedBy;
    }

    /// @notice The programme and its token exist from now on.
    event ProgrammeCreated(
        bytes32 indexed programmeId,
        address indexed token,
        uint64 earnUntil,
        uint64 spendUntil,
        address by
    );
    /// @notice From `validFrom` on, `ruleSetHash` decides rewards.
    event RuleSetChanged(
        bytes32 indexed programmeId,
        uint32 version,
        bytes32 ruleSetHash,
        uint64 validFrom,
        address by
    );
    /// @notice Whether payees may pay other payees with what they took.
    event PayeesPayPayeesChanged(bytes32 indexed programmeId, bool allowed, address by);
    /// @notice One treasurer says that the bank received `amount`.
    event FundingProposed(
        bytes32 indexed programmeId, bytes32 indexed bankReference, uint128 amount, address by
    );
    /// @notice Another one agrees: it may be minted against.
    event FundingConfirmed(
        bytes32 indexed programmeId, bytes32 indexed bankReference, uint128 amount, address by
    );
    /// @notice One treasurer says that `amount` went back to the funder.
    event ReturnProposed(
        bytes32 indexed programmeId, bytes32 indexed bankReference, uint128 amount, address by
    );
    /// @notice Another one agrees: it backs nothing any more.
    event ReturnConfirmed(
        bytes32 indexed programmeId, bytes32 indexed bankReference, uint128 amount, address by
    );
    /// @notice A proposal was taken back before it was confirmed; its reference is free again.
    event ProposalWithdrawn(bytes32 indexed programmeId, bytes32 indexed bankReference, address by);
    /// @notice The programme ended; `expired` cents that nobody had spent go back to the funder.
    event ProgrammeClosed(bytes32 indexed programmeId, uint128 expired, address by);
    /// @notice `holder` gave `amount` back to the programme; it is not minted again.
    event GivenBack(bytes32 indexed programmeId, address indexed holder, uint128 amount);
    /// @notice `account` takes payments from now on and for ever.
    event PayeeEnrolled(address indexed account);
    /// @notice `mover` may do the kinds whose bits are set, and nothing else.
    event MoverChanged(address indexed mover, uint8 kinds);

    /// @notice Nobody created it.
    error ProgrammeUnknown(bytes32 programmeId);
    /// @notice An id is used once.
    error ProgrammeExists(bytes32 programmeId);
    /// @notice It must end after now, and spending not before earning.
    error ProgrammeDatesWrong(uint64 earnUntil, uint64 spendUntil);
    /// @notice It has ended.
    error ProgrammeIsClosed(bytes32 programmeId);
    /// @notice It goes on.
    error ProgrammeNotClosed(bytes32 programmeId);
    /// @notice Closing is possible from `from` on.
    error ProgrammeTooEarlyToClose(bytes32 programmeId, uint256 from);
    /// @notice At most {MAX_OPEN} programmes are open at once, since enrolling a payee looks at all.
    error ProgrammesTooMany();
    /// @notice Versions follow one another without a gap.
    error RuleSetVersionWrong(uint32 expected, uint32 version);
    /// @notice The mint would exceed what was funded.
    error FundingExceeded(bytes32 programmeId, uint256 minted, uint256 funded);
    /// @notice More would be returned than is left.
    error ReturnExceeded(bytes32 programmeId, uint256 amount, uint256 left);
    /// @notice A transfer of nothing is none.
    error AmountZero();
    /// @notice A bank reference is used once.
    error BankReferenceUsed(bytes32 bankReference);
    /// @notice No such proposal waits under this reference.
    error ProposalUnknown(bytes32 programmeId, bytes32 bankReference);
    /// @notice Nobody confirms an own proposal.
    error SecondTreasurerNeeded(address treasurer);
    /// @notice The caller is no mover of this kind.
    error MoverUnauthorized(address caller, MoverKind kind);
    /// @notice Only payees are paid.
    error PayeeUnknown(address account);
    /// @notice It is a payee already, for ever.
    error PayeeExists(address account);
    /// @notice An account becomes a payee only while it holds nothing in any open programme.
    error PayeeHoldsBalance(address account, bytes32 programmeId);
    /// @notice The payer is a payee, and the programme doesn't let payees pay.
    error PayeesMayNotPay(bytes32 programmeId, address payee);
    /// @notice {move} joins a payee to a payee or a holder to a holder.
    error MoveSidesDiffer(address from, address to);
    /// @notice Officers blocked the account, or its recovery is under way.
    error HolderFrozen(address holder, uint64 until);

    /// @notice Creates a programme and its token. `ruleSetHash` is version 1.
    function createProgramme(
        bytes32 programmeId,
        string calldata name,
        string calldata symbol,
        uint64 earnUntil,
        uint64 spendUntil,
        bytes32 ruleSetHash
    ) external;

    /// @notice Announces the rule set that decides from `validFrom` on. Versions follow each other.
    /// @dev A `validFrom` before this block isn't refused, although officers can't decide one: what
    /// was decided in time may be told late, since nothing waits for a chain that stands still, and
    /// a refusal would keep every later version from the chain for ever. The block of
    /// {RuleSetChanged} shows how late it was told.
    function setRuleSet(bytes32 programmeId, uint32 version, bytes32 ruleSetHash, uint64 validFrom)
        external;

    /// @notice Says whether payees of the programme may pay each other.
    function setPayeesPayPayees(bytes32 programmeId, bool allowed) external;

    /// @notice Says that `amount` arrived on the bank account under `bankReference`, the keccak256
    /// of the reference's text. Counts once another treasurer confirmed.
    function proposeFunding(bytes32 programmeId, uint128 amount, bytes32 bankReference) external;

    /// @notice Confirms another treasurer's {proposeFunding}.
    function confirmFunding(bytes32 programmeId, bytes32 bankReference) external;

    /// @notice Says that `amount` of a closed programme's remainder goes back to the funder.
    function proposeReturn(bytes32 programmeId, uint128 amount, bytes32 bankReference) external;

    /// @notice Confirms another treasurer's {proposeReturn}.
    function confirmReturn(bytes32 programmeId, bytes32 bankReference) external;

    /// @notice Takes an unconfirmed proposal back: the proposer's mistake, or the other's refusal.
    function withdrawProposal(bytes32 programmeId, bytes32 bankReference) external;

    /// @notice Ends a programme, 30 days after `spendUntil`: what payees don't have expires. One that
    /// was never funded ends at any time.
    /// @dev Or whoever has one officer's key could fill {MAX_OPEN} with programmes that never end.
    function close(bytes32 programmeId) external;

    /// @notice Sets what `mover` may do: bit `n` for {MoverKind} `n`.
    function setMover(address mover, uint8 kinds) external;

    /// @notice Mints packed credits, see {IImpactToken-mintMany}.
    /// @return minted Their sum.
    function mint(bytes32 programmeId, bytes32[] calldata credits) external returns (uint256 minted);

    /// @notice Moves a payment from an account to a payee.
    function pay(bytes32 programmeId, address from, address to, uint128 amount) external;

    /// @notice Moves what a payee took back to an account.
    function refund(bytes32 programmeId, address from, address to, uint128 amount) external;

    /// @notice Burns what `holder` gives back to the programme.
    function giveBack(bytes32 programmeId, address holder, uint128 amount) external;

    /// @notice Burns what a payee is paid out in euros.
    function payOut(bytes32 programmeId, address payee, uint128 amount) external;

    /// @notice Moves from one account to another of the same kind: a recovery, or an owner's change
    /// of account.
    function move(bytes32 programmeId, address from, address to, uint128 amount) external;

    /// @notice Until `until` (Unix seconds), `account` gives nothing back in the programme. Payments
    /// go on: they were accepted. The mover that freezes keeps the events.
    function freeze(bytes32 programmeId, address account, uint64 until) external;

    /// @notice Makes `account` a payee for ever.
    function enrolPayee(address account) external;

    /// @notice The programme as it stands.
    function programme(bytes32 programmeId) external view returns (Programme memory);

    /// @notice How many programmes there are, closed ones too.
    function programmeCount() external view returns (uint256);

    /// @notice The programme created as number `index`.
    function programmeIdAt(uint256 index) external view returns (bytes32);

    /// @notice What was said about `bankReference`.
    function bankTransfer(bytes32 bankReference) external view returns (BankTransfer memory);

    /// @notice Whether `account` is a payee.
    function isPayee(address account) external view returns (bool);

    /// @notice Bits of what `mover` may do.
    function moverKinds(address mover) external view returns (uint8);

    /// @notice Until when the account is frozen in the programme; past or zero when it isn't.
    function frozenUntil(bytes32 programmeId, address account) external view returns (uint64);

    /// @notice Whether the programme's rules let `from` pay `to`, and out of which side.
    function canPay(bytes32 programmeId, address from, address to)
        external
        view
        returns (bool allowed, IImpactToken.Side side);

    /// @notice How many programmes can be open at once.
    function MAX_OPEN() external view returns (uint256);
}
