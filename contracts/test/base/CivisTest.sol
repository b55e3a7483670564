// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ImpactToken} from "../../src/ImpactToken.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {Deployed} from "./Deployed.sol";
import {vm} from "./Vm.sol";

/// @dev Two funded programmes, a baker who is a payee, a citizen with a key, and what tests say
/// again and again.
abstract contract CivisTest is Deployed {
    bytes32 internal constant PROGRAMME = keccak256("programme");
    bytes32 internal constant OTHER = keccak256("other programme");
    bytes32 internal constant RULES = keccak256("rules");
    uint128 internal constant FUNDED = 10_000_00;
    uint64 internal constant EARN_UNTIL = 1_800_000_000 + 100 days;
    uint64 internal constant SPEND_UNTIL = 1_800_000_000 + 130 days;
    uint256 internal constant CITIZEN_KEY = uint256(keccak256("citizen"));
    uint256 internal constant BAKER_KEY = uint256(keccak256("baker"));

    address internal citizen = vm.addr(CITIZEN_KEY);
    address internal baker = vm.addr(BAKER_KEY);
    ImpactToken internal token;
    uint256 private _references;

    function setUp() public virtual override {
        super.setUp();
        _create(PROGRAMME);
        _create(OTHER);
        _fund(PROGRAMME, FUNDED);
        _fund(OTHER, FUNDED);
        _enrol(baker);
        token = _token(PROGRAMME);
    }

    /// @dev The key that holds a role, or the timelock for ADMIN.
    function holderOf(string memory role) internal view returns (address) {
        uint64 id = roleId(role);
        if (id == 0) return address(timelock);
        address[8] memory holders =
            [MINTER, SETTLER, BURNER, TREASURER, OFFICER, REGISTRAR, PAUSER, UNPAUSER];
        return holders[id - 1];
    }

    /// @dev The first two members decide that the quorum calls `target`.
    function _decide(address target, bytes memory data, bytes32 salt) internal {
        vm.prank(MEMBER);
        bytes32 id = quorum.propose(target, data, salt);
        vm.prank(MEMBER_2);
        quorum.confirm(id);
        vm.prank(MEMBER);
        quorum.execute(target, data, salt);
    }

    /// @dev They ask the timelock for it, wait, and have it made.
    function _rule(address target, bytes memory data) internal {
        bytes memory asked = abi.encodeCall(timelock.schedule, (target, 0, data, 0, 0, 2 days));
        _decide(address(timelock), asked, 0);
        vm.warp(block.timestamp + 2 days);
        timelock.execute(target, 0, data, 0, 0);
    }

    function _create(bytes32 programmeId) internal {
        vm.prank(OFFICER);
        programmes.createProgramme(programmeId, "Season", "SEA", EARN_UNTIL, SPEND_UNTIL, RULES);
    }

    function _fund(bytes32 programmeId, uint128 amount) internal {
        bytes32 bankReference = keccak256(abi.encode("reference", _references++));
        vm.prank(TREASURER);
        programmes.proposeFunding(programmeId, amount, bankReference);
        vm.prank(TREASURER_2);
        programmes.confirmFunding(programmeId, bankReference);
    }

    function _enrol(address payee) internal {
        vm.prank(REGISTRAR);
        payees.register(payee);
    }

    function _close(bytes32 programmeId) internal {
        vm.warp(uint256(SPEND_UNTIL) + 30 days + 1);
        vm.prank(OFFICER);
        programmes.close(programmeId);
    }

    function _token(bytes32 programmeId) internal view returns (ImpactToken) {
        return ImpactToken(address(programmes.programme(programmeId).token));
    }

    function _pack(address account, uint96 amount) internal pure returns (bytes32) {
        return bytes32((uint256(uint160(account)) << 96) | amount);
    }

    function _one(address account, uint96 amount) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](1);
        list[0] = _pack(account, amount);
    }

    function _batchId(bytes32 programmeId, bytes32 root, uint32 count, bytes32[] memory credits)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(programmeId, root, count, credits));
    }

    /// @dev Commits a batch with a root of its own and as many actions as credits.
    function _commit(bytes32 programmeId, bytes32[] memory credits) internal returns (bytes32 id) {
        uint256 sequence = registry.batchCount();
        bytes32 root = keccak256(abi.encode("root", sequence));
        uint32 count = uint32(credits.length);
        id = _batchId(programmeId, root, count, credits);
        vm.prank(MINTER);
        registry.commitBatch(id, sequence, programmeId, root, count, credits);
    }

    function _credit(address account, uint96 amount) internal {
        _commit(PROGRAMME, _one(account, amount));
    }

    function _order(uint128 amount, bytes32 paymentId)
        internal
        view
        returns (IPaymentDesk.Order memory)
    {
        return IPaymentDesk.Order(
            paymentId, PROGRAMME, citizen, baker, amount, uint64(block.timestamp)
        );
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _accept(bytes32 id) internal view returns (bytes memory) {
        return _sign(ACCEPTOR_KEY, desk.hashAcceptance(id));
    }

    function _settle(IPaymentDesk.Order memory order, bytes memory payer, bytes memory acceptor)
        internal
    {
        IPaymentDesk.Order[] memory orders = new IPaymentDesk.Order[](1);
        bytes[] memory payers = new bytes[](1);
        bytes[] memory acceptors = new bytes[](1);
        (orders[0], payers[0], acceptors[0]) = (order, payer, acceptor);
        vm.prank(SETTLER);
        desk.settle(orders, payers, acceptors);
    }

    /// @dev The citizen pays the baker; gives the order.
    function _pay(uint128 amount) internal returns (IPaymentDesk.Order memory order) {
        order = _order(amount, keccak256(abi.encode("payment", _references++)));
        bytes32 id = desk.hashOrder(order);
        _settle(order, _sign(CITIZEN_KEY, id), _accept(id));
    }

    function _payOut(address payee, uint128 amount) internal {
        address[] memory accounts = new address[](1);
        uint128[] memory amounts = new uint128[](1);
        (accounts[0], amounts[0]) = (payee, amount);
        bytes32 payOutReference = keccak256(abi.encode("pay-out", _references++));
        vm.prank(BURNER);
        payees.payOut(payOutReference, PROGRAMME, accounts, amounts);
    }

    /// @dev P3, of the contracts' own numbers.
    function _assertSolvent(bytes32 programmeId) internal view {
        IProgrammes.Programme memory p = programmes.programme(programmeId);
        uint256 outstanding = p.token.totalSupply();
        uint256 notMinted = p.funded - p.minted;
        vm.assertEq(
            p.funded,
            outstanding + p.paidOut + p.expired + p.givenBack + notMinted,
            "funded = outstanding + paid out + expired + given back + not minted"
        );
    }

    function _encoded(bytes4 selector, bytes32 a) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a);
    }
}
