// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IPayees} from "./interfaces/IPayees.sol";
import {IProgrammes} from "./interfaces/IProgrammes.sol";
import {Pausing} from "./utils/Pausing.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @title Payees and pay-outs
contract Payees is IPayees, Pausing {
    IProgrammes private immutable _PROGRAMMES;

    /// @inheritdoc IPayees
    uint128 public dailyLimit;

    /// @inheritdoc IPayees
    mapping(address payee => State) public stateOf;

    /// @inheritdoc IPayees
    mapping(bytes32 payOutReference => bool) public isPaidOut;

    /// @inheritdoc IPayees
    mapping(uint256 day => uint256) public paidOutOn;

    constructor(address authority, IProgrammes programmes, uint128 dailyLimit_)
        AccessManaged(authority)
        Pausing(3)
    {
        _PROGRAMMES = programmes;
        dailyLimit = dailyLimit_;
    }

    /// @inheritdoc IPayees
    function register(address payee) external restricted {
        stateOf[payee] = State.Active;
        emit PayeeStateChanged(payee, State.Active);
        _PROGRAMMES.enrolPayee(payee);
    }

    /// @inheritdoc IPayees
    function setState(address payee, State state) external restricted {
        require(stateOf[payee] != State.None, PayeeNotRegistered(payee));
        require(state != State.None && state != stateOf[payee], PayeeStateWrong(payee, state));
        stateOf[payee] = state;
        emit PayeeStateChanged(payee, state);
    }

    /// @inheritdoc IPayees
    function payOut(
        bytes32 payOutReference,
        bytes32 programmeId,
        address[] calldata payees,
        uint128[] calldata amounts
    ) external restricted whenRunning {
        require(!isPaidOut[payOutReference], PayOutReferenceUsed(payOutReference));
        require(
            payees.length != 0 && payees.length == amounts.length, PayOutInvalid(payOutReference)
        );
        isPaidOut[payOutReference] = true;
        uint256 sum = 0;
        for (uint256 i = 0; i < payees.length; ++i) {
            require(amounts[i] != 0, PayOutInvalid(payOutReference));
            sum += amounts[i];
            emit PaidOut(payOutReference, programmeId, payees[i], amounts[i]);
            // One of our own contracts, and all or none is what is wanted.
            // slither-disable-next-line calls-loop
            _PROGRAMMES.payOut(programmeId, payees[i], amounts[i]);
        }
        _checkLimit(sum);
    }

    /// @inheritdoc IPayees
    function setDailyLimit(uint128 limit) external restricted {
        dailyLimit = limit;
        emit DailyLimitChanged(limit);
    }

    /// @inheritdoc IPayees
    function isPayee(address account) external view returns (bool) {
        return _PROGRAMMES.isPayee(account);
    }

    function _checkLimit(uint256 sum) private {
        uint256 day = block.timestamp / 1 days;
        uint256 total = paidOutOn[day] + sum;
        require(total <= dailyLimit, DailyLimitExceeded(total, dailyLimit));
        paidOutOn[day] = total;
    }
}
