// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IImpactToken} from "./interfaces/IImpactToken.sol";
import {IProgrammes} from "./interfaces/IProgrammes.sol";

/// @title Token of one programme, deployed by {Programmes} and moved by it alone
/// @dev Not OpenZeppelin's ERC20: its single balance per account can't expire in one step.
contract ImpactToken is IImpactToken {
    string public name;
    string public symbol;

    /// @inheritdoc IImpactToken
    address public immutable programmes;

    /// @inheritdoc IImpactToken
    bytes32 public immutable programmeId;

    /// @inheritdoc IImpactToken
    bool public expired;

    mapping(Side side => mapping(address account => uint256 amount)) private _balances;
    mapping(Side side => uint256 amount) private _supply;

    constructor(bytes32 programmeId_, string memory name_, string memory symbol_) {
        programmes = msg.sender;
        programmeId = programmeId_;
        name = name_;
        symbol = symbol_;
    }

    modifier onlyProgrammes() {
        require(msg.sender == programmes, TokenCallerForbidden(msg.sender));
        _;
    }

    /// @inheritdoc IImpactToken
    function mintMany(bytes32[] calldata credits) external onlyProgrammes returns (uint256 minted) {
        require(!expired, TokenExpired());
        mapping(address account => uint256 amount) storage held = _balances[Side.Held];
        uint160 previous = 0;
        for (uint256 i = 0; i < credits.length; ++i) {
            uint256 credit = uint256(credits[i]);
            // Unpacks: 160 bits above 96.
            // forge-lint: disable-next-line(unsafe-typecast)
            uint160 account = uint160(credit >> 96);
            // forge-lint: disable-next-line(unsafe-typecast)
            uint96 amount = uint96(credit);
            require(account != 0 && amount != 0, CreditRefused(i, address(account)));
            require(account > previous, CreditsNotSorted(i));
            previous = account;
            // Sums of 96-bit amounts: 2^160 credits would be needed to overflow.
            unchecked {
                held[address(account)] += amount;
                minted += amount;
            }
            emit Transfer(address(0), address(account), amount);
        }
        _supply[Side.Held] += minted;
    }

    /// @inheritdoc IImpactToken
    function move(address from, Side fromSide, address to, Side toSide, uint256 amount)
        external
        onlyProgrammes
    {
        require(to != address(0), ERC20InvalidReceiver(to));
        require(!expired || toSide == Side.Taken, TokenExpired());
        _take(from, fromSide, amount);
        _balances[toSide][to] += amount;
        _supply[toSide] += amount;
        emit Transfer(from, to, amount);
    }

    /// @inheritdoc IImpactToken
    function burn(address from, Side side, uint256 amount) external onlyProgrammes {
        _take(from, side, amount);
        emit Transfer(from, address(0), amount);
    }

    /// @inheritdoc IImpactToken
    function expire() external onlyProgrammes returns (uint256 amount) {
        require(!expired, TokenExpired());
        amount = _supply[Side.Held];
        expired = true;
        _supply[Side.Held] = 0;
        emit HoldersExpired(amount);
    }

    /// @notice Always reverts.
    function transfer(address, uint256) external pure returns (bool) {
        revert TokenTransferForbidden();
    }

    /// @notice Always reverts.
    function transferFrom(address, address, uint256) external pure returns (bool) {
        revert TokenTransferForbidden();
    }

    /// @notice Always reverts.
    function approve(address, uint256) external pure returns (bool) {
        revert TokenTransferForbidden();
    }

    /// @notice Always zero: nobody can approve.
    function allowance(address, address) external pure returns (uint256) {
        return 0;
    }

    /// @notice One token is worth one euro, one unit one cent.
    function decimals() external pure returns (uint8) {
        return 2;
    }

    /// @inheritdoc IImpactToken
    function canTransfer(address from, address to, uint256 amount) external view returns (bool) {
        (bool allowed, Side side) = IProgrammes(programmes).canPay(programmeId, from, to);
        return allowed && sideOf(from, side) >= amount;
    }

    /// @notice Both sides of `account`.
    function balanceOf(address account) external view returns (uint256) {
        return sideOf(account, Side.Held) + sideOf(account, Side.Taken);
    }

    /// @notice Both sides of everybody.
    function totalSupply() external view returns (uint256) {
        return _supply[Side.Held] + _supply[Side.Taken];
    }

    /// @inheritdoc IImpactToken
    function sideSupply(Side side) external view returns (uint256) {
        return _supply[side];
    }

    /// @inheritdoc IImpactToken
    function sideOf(address account, Side side) public view returns (uint256) {
        return side == Side.Held && expired ? 0 : _balances[side][account];
    }

    function _take(address from, Side side, uint256 amount) private {
        uint256 balance = sideOf(from, side);
        require(balance >= amount, ERC20InsufficientBalance(from, balance, amount));
        // Checked above; the supply is the sum of the balances.
        unchecked {
            _balances[side][from] = balance - amount;
            _supply[side] -= amount;
        }
    }
}
