// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

/// @title The token of one programme: an ERC-20 to read, with two decimals
/// @notice Amounts are integers in cents. `transfer`, `approve` and `transferFrom` revert for
/// everybody and there is no permit: tokens move only through {IProgrammes}, which lets the payment
/// desk, the pay-out and a recovery in. So no signature or transaction of a holder alone moves any.
/// @dev An account has two sides: what it holds and what it took as a payee. They are kept apart so
/// that everything held expires in one step while payees stay redeemable, and so that an account
/// that becomes a payee after the expiry doesn't bring expired tokens back to life.
interface IImpactToken is IERC20Metadata, IERC20Errors {
    /// @notice Held: expires at closing. Taken: a payee's, redeemable for ever.
    enum Side {
        Held,
        Taken
    }

    /// @notice All that was held (`amount`) expired; balances and supply show it from now on. No
    /// `Transfer` is emitted per account.
    event HoldersExpired(uint256 amount);

    /// @notice Only {IProgrammes} may do this.
    error TokenCallerForbidden(address caller);

    /// @notice Nobody transfers or approves.
    error TokenTransferForbidden();

    /// @notice Credit number `index` can't be minted: it names nobody, or nothing.
    error CreditRefused(uint256 index, address account);

    /// @notice Credit number `index` doesn't come after the one before it.
    error CreditsNotSorted(uint256 index);

    /// @notice Everything held has expired: nothing can be added to that side.
    error TokenExpired();

    /// @notice Mints each credit, packed as `(uint160 account << 96) | uint96 amount`, sorted by
    /// account, each account once.
    /// @dev Looks nothing up about the accounts, for it would cost a third more: that a payee is
    /// never credited is the batcher's rule. One credited all the same holds it like a citizen.
    /// @return minted Sum of the credits.
    function mintMany(bytes32[] calldata credits) external returns (uint256 minted);

    /// @notice Moves `amount` from one account's side to another's.
    function move(address from, Side fromSide, address to, Side toSide, uint256 amount) external;

    /// @notice Destroys `amount` on one side of an account.
    function burn(address from, Side side, uint256 amount) external;

    /// @notice Lets everything held expire, once and for ever.
    /// @return amount What expired.
    function expire() external returns (uint256 amount);

    /// @notice Who may move the tokens.
    function programmes() external view returns (address);

    /// @notice The programme whose token this is.
    function programmeId() external view returns (bytes32);

    /// @notice Whether the held side has expired.
    function expired() external view returns (bool);

    /// @notice What `account` has on one side.
    function sideOf(address account, Side side) external view returns (uint256);

    /// @notice Sum of one side over all accounts.
    function sideSupply(Side side) external view returns (uint256);

    /// @notice ERC-7943: whether `from` could pay `amount` to `to` by the programme's rules and its
    /// balance. Says nothing about signatures, holds or pauses; moves that aren't payments
    /// (refund, give-back, pay-out, recovery) are no transfer in this sense.
    function canTransfer(address from, address to, uint256 amount) external view returns (bool);
}
