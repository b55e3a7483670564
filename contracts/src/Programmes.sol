// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ImpactToken} from "./ImpactToken.sol";
import {ProgrammeMoney} from "./ProgrammeMoney.sol";
import {IImpactToken} from "./interfaces/IImpactToken.sol";
import {IProgrammes} from "./interfaces/IProgrammes.sol";
import {Pausing} from "./utils/Pausing.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

/// @title Programmes: creation, rules, closing, and the only door to the tokens
contract Programmes is ProgrammeMoney {
    using EnumerableSet for EnumerableSet.Bytes32Set;

    /// @inheritdoc IProgrammes
    uint256 public constant MAX_OPEN = 64;

    /// @dev Payments accepted on the last day have this long to be settled.
    uint256 private constant CLOSING_NOTICE = 30 days;

    /// @inheritdoc IProgrammes
    mapping(address account => bool) public isPayee;

    /// @inheritdoc IProgrammes
    mapping(address mover => uint8 kinds) public moverKinds;

    /// @inheritdoc IProgrammes
    mapping(bytes32 programmeId => mapping(address account => uint64)) public frozenUntil;

    bytes32[] private _ids;
    EnumerableSet.Bytes32Set private _open;

    constructor(address authority) AccessManaged(authority) Pausing(4) {}

    modifier onlyMover(MoverKind kind) {
        require(
            (moverKinds[msg.sender] >> uint8(kind)) & 1 == 1, MoverUnauthorized(msg.sender, kind)
        );
        _;
    }

    /// @inheritdoc IProgrammes
    function createProgramme(
        bytes32 programmeId,
        string calldata name,
        string calldata symbol,
        uint64 earnUntil,
        uint64 spendUntil,
        bytes32 ruleSetHash
    ) external restricted {
        Programme storage created = _programmes[programmeId];
        require(address(created.token) == address(0), ProgrammeExists(programmeId));
        require(
            earnUntil <= spendUntil && block.timestamp < spendUntil,
            ProgrammeDatesWrong(earnUntil, spendUntil)
        );
        require(_open.length() < MAX_OPEN, ProgrammesTooMany());
        created.token = new ImpactToken(programmeId, name, symbol);
        created.earnUntil = earnUntil;
        created.spendUntil = spendUntil;
        _ids.push(programmeId);
        // The id is new, so this always adds it.
        // slither-disable-next-line unused-return
        _open.add(programmeId);
        emit ProgrammeCreated(
            programmeId, address(created.token), earnUntil, spendUntil, msg.sender
        );
        _setRuleSet(programmeId, created, 1, ruleSetHash, uint64(block.timestamp));
    }

    /// @inheritdoc IProgrammes
    function setRuleSet(bytes32 programmeId, uint32 version, bytes32 ruleSetHash, uint64 validFrom)
        external
        restricted
    {
        Programme storage changed = _openProgramme(programmeId);
        uint32 expected = changed.ruleSetVersion + 1;
        require(version == expected, RuleSetVersionWrong(expected, version));
        _setRuleSet(programmeId, changed, version, ruleSetHash, validFrom);
    }

    /// @inheritdoc IProgrammes
    function setPayeesPayPayees(bytes32 programmeId, bool allowed) external restricted {
        _openProgramme(programmeId).payeesPayPayees = allowed;
        emit PayeesPayPayeesChanged(programmeId, allowed, msg.sender);
    }

    /// @inheritdoc IProgrammes
    function close(bytes32 programmeId) external restricted {
        Programme storage closing = _openProgramme(programmeId);
        uint256 from = closing.funded == 0 ? 0 : closing.spendUntil + CLOSING_NOTICE;
        require(block.timestamp > from, ProgrammeTooEarlyToClose(programmeId, from));
        closing.closed = true;
        // The id is in the set as long as the programme is open.
        // slither-disable-next-line unused-return
        _open.remove(programmeId);
        // Never more than what was minted, which is a uint128.
        uint128 expired = uint128(closing.token.expire());
        closing.expired = expired;
        emit ProgrammeClosed(programmeId, expired, msg.sender);
    }

    /// @inheritdoc IProgrammes
    function setMover(address mover, uint8 kinds) external restricted {
        moverKinds[mover] = kinds;
        emit MoverChanged(mover, kinds);
    }

    /// @inheritdoc IProgrammes
    function mint(bytes32 programmeId, bytes32[] calldata credits)
        external
        onlyMover(MoverKind.Mint)
        returns (uint256 minted)
    {
        Programme storage minting = _openProgramme(programmeId);
        minted = minting.token.mintMany(credits);
        uint256 total = minting.minted + minted;
        require(total <= minting.funded, FundingExceeded(programmeId, total, minting.funded));
        // Not above funded, which is a uint128.
        // forge-lint: disable-next-line(unsafe-typecast)
        minting.minted = uint128(total);
    }

    /// @inheritdoc IProgrammes
    function pay(bytes32 programmeId, address from, address to, uint128 amount)
        external
        onlyMover(MoverKind.Pay)
    {
        Programme storage paying = _openProgramme(programmeId);
        require(isPayee[to], PayeeUnknown(to));
        IImpactToken.Side side = _sideOf(from);
        require(
            side == IImpactToken.Side.Held || paying.payeesPayPayees,
            PayeesMayNotPay(programmeId, from)
        );
        paying.token.move(from, side, to, IImpactToken.Side.Taken, amount);
    }

    /// @inheritdoc IProgrammes
    function refund(bytes32 programmeId, address from, address to, uint128 amount)
        external
        onlyMover(MoverKind.Pay)
    {
        IImpactToken token = _openProgramme(programmeId).token;
        token.move(from, IImpactToken.Side.Taken, to, _sideOf(to), amount);
    }

    /// @inheritdoc IProgrammes
    function giveBack(bytes32 programmeId, address holder, uint128 amount)
        external
        onlyMover(MoverKind.Pay)
    {
        Programme storage receiving = _openProgramme(programmeId);
        uint64 until = frozenUntil[programmeId][holder];
        require(block.timestamp >= until, HolderFrozen(holder, until));
        receiving.givenBack += amount;
        receiving.token.burn(holder, _sideOf(holder), amount);
        emit GivenBack(programmeId, holder, amount);
    }

    /// @inheritdoc IProgrammes
    function payOut(bytes32 programmeId, address payee, uint128 amount)
        external
        onlyMover(MoverKind.PayOut)
    {
        Programme storage paying = _programme(programmeId);
        paying.paidOut += amount;
        paying.token.burn(payee, IImpactToken.Side.Taken, amount);
    }

    /// @inheritdoc IProgrammes
    function move(bytes32 programmeId, address from, address to, uint128 amount)
        external
        onlyMover(MoverKind.Move)
    {
        IImpactToken.Side side = _sideOf(from);
        require(side == _sideOf(to), MoveSidesDiffer(from, to));
        _programme(programmeId).token.move(from, side, to, side, amount);
    }

    /// @inheritdoc IProgrammes
    function freeze(bytes32 programmeId, address account, uint64 until)
        external
        onlyMover(MoverKind.Move)
    {
        frozenUntil[programmeId][account] = until;
    }

    /// @inheritdoc IProgrammes
    function enrolPayee(address account) external onlyMover(MoverKind.PayOut) {
        require(!isPayee[account], PayeeExists(account));
        uint256 count = _open.length();
        for (uint256 i = 0; i < count; ++i) {
            bytes32 id = _open.at(i);
            // Own tokens, at most MAX_OPEN of them.
            // slither-disable-next-line calls-loop
            uint256 balance = _programmes[id].token.balanceOf(account);
            // Nobody can send tokens to an account to keep it from becoming a payee.
            // slither-disable-next-line incorrect-equality
            require(balance == 0, PayeeHoldsBalance(account, id));
        }
        isPayee[account] = true;
        emit PayeeEnrolled(account);
    }

    /// @inheritdoc IProgrammes
    function programme(bytes32 programmeId) external view returns (Programme memory) {
        return _programme(programmeId);
    }

    /// @inheritdoc IProgrammes
    function programmeCount() external view returns (uint256) {
        return _ids.length;
    }

    /// @inheritdoc IProgrammes
    function programmeIdAt(uint256 index) external view returns (bytes32) {
        return _ids[index];
    }

    /// @inheritdoc IProgrammes
    function canPay(bytes32 programmeId, address from, address to)
        external
        view
        returns (bool allowed, IImpactToken.Side side)
    {
        Programme storage paying = _programme(programmeId);
        side = _sideOf(from);
        allowed = !paying.closed && isPayee[to] && from != to
            && (side == IImpactToken.Side.Held || paying.payeesPayPayees);
    }

    function _setRuleSet(
        bytes32 programmeId,
        Programme storage changed,
        uint32 version,
        bytes32 ruleSetHash,
        uint64 validFrom
    ) private {
        changed.ruleSetVersion = version;
        changed.ruleSetHash = ruleSetHash;
        emit RuleSetChanged(programmeId, version, ruleSetHash, validFrom, msg.sender);
    }

    function _sideOf(address account) private view returns (IImpactToken.Side) {
        return isPayee[account] ? IImpactToken.Side.Taken : IImpactToken.Side.Held;
    }
}
