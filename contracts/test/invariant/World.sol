// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActionRegistry} from "../../src/interfaces/IActionRegistry.sol";
import {IPaymentDesk} from "../../src/interfaces/IPaymentDesk.sol";
import {IProgrammes} from "../../src/interfaces/IProgrammes.sol";
import {ImpactTree} from "../../src/libraries/ImpactTree.sol";
import {DeskTest} from "../PaymentDesk/DeskTest.sol";
import {vm} from "../base/Vm.sol";

/// @dev Four citizens, three payees, two programmes; what was sent, in order to send it again; and
/// every function of every contract.
abstract contract World is DeskTest {
    struct SentBatch {
        bytes32 id;
        bytes32 programmeId;
        bytes32 root;
        bytes32[] credits;
    }

    struct SentOrder {
        IPaymentDesk.Order order;
        uint256 payer;
        uint256 payee;
    }

    /// @dev Sums of a cell key, as the events give them.
    struct Counted {
        uint256 actions;
        uint256 reward;
        uint256 correctedActions;
        uint256 correctedReward;
    }

    uint256[] public citizenKeys;
    uint256[] public payeeKeys;
    bytes32[] public ids;
    SentBatch[] internal _batches;
    SentOrder[] internal _orders;
    uint256 internal _nonce;
    uint256 internal _fresh;

    /// @dev What the registry's running hash must be.
    bytes32 public expectedHash;

    mapping(bytes32 programmeId => mapping(uint32 actionType => Counted)) public counted;

    /// @dev What there is to call.
    address[] internal _targets;
    mapping(address target => bytes4[]) internal _selectors;

    function setUp() public override {
        super.setUp();
        expectedHash = registry.runningHash();
        ids = [PROGRAMME, OTHER];
        citizenKeys.push(CITIZEN_KEY);
        payeeKeys.push(BAKER_KEY);
        for (uint256 i = 1; i < 4; ++i) {
            citizenKeys.push(uint256(keccak256(abi.encode("citizen", i))));
        }
        for (uint256 i = 1; i < 3; ++i) {
            payeeKeys.push(uint256(keccak256(abi.encode("payee", i))));
            _enrol(vm.addr(payeeKeys[i]));
        }
        vm.prank(OFFICER);
        programmes.setPayeesPayPayees(OTHER, true);
        _collect("AccessManager", address(manager));
        _collect("ImpactToken", address(token));
        _collect("ImpactToken", address(_token(OTHER)));
        string[] memory names = contractNames();
        for (uint256 i = 0; i < names.length; ++i) {
            _collect(names[i], addressOf(names[i]));
        }
    }

    function counts() external view returns (uint256 batches, uint256 orders) {
        return (_batches.length, _orders.length);
    }

    function citizenCount() external view returns (uint256) {
        return citizenKeys.length;
    }

    function contracts() external view returns (address, address, address) {
        return (address(programmes), address(registry), address(desk));
    }

    function orderAt(uint256 index) external view returns (IPaymentDesk.Order memory) {
        return _orders[index].order;
    }

    /// @dev Credits of `amount` to the citizens whose bit is set (at least one), sorted.
    function _sorted(uint256 bits, uint96 amount) internal view returns (bytes32[] memory list) {
        bits = bits % 15 + 1;
        uint256 count = 0;
        bytes32[] memory all = new bytes32[](4);
        for (uint256 i = 0; i < 4; ++i) {
            if ((bits >> i) & 1 == 0) continue;
            bytes32 credit = _pack(vm.addr(citizenKeys[i]), amount);
            uint256 place = count++;
            for (; place > 0 && all[place - 1] > credit; --place) {
                all[place] = all[place - 1];
            }
            all[place] = credit;
        }
        list = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = all[i];
        }
    }

    /// @dev By the books, not by the contract's own sum: all that nobody holds and nobody was paid.
    function _left(bytes32 id) internal view returns (uint256) {
        IProgrammes.Programme memory p = programmes.programme(id);
        uint256 notMinted = p.funded - p.minted;
        return notMinted + p.expired + p.givenBack - p.returned;
    }

    function _proposeReturn(uint128 amount, bytes32 bankReference) internal {
        vm.prank(TREASURER);
        programmes.proposeReturn(PROGRAMME, amount, bankReference);
    }

    function _confirmReturn(bytes32 bankReference) internal returns (bool) {
        vm.prank(TREASURER_2);
        try programmes.confirmReturn(PROGRAMME, bankReference) {
            return true;
        } catch {
            return false;
        }
    }

    function _chain(uint8 kind, bytes memory payload) internal {
        expectedHash = keccak256(abi.encode(expectedHash, kind, keccak256(payload)));
    }

    /// @dev One cell. The registry refuses what it must; what it takes is counted.
    function _tryToPublish(
        bytes32 id,
        uint32 period,
        IActionRegistry.Cell[] memory cells,
        uint64 kept,
        uint128 keptReward
    ) internal {
        bytes32 root = ImpactTree.sumRoot(cells);
        vm.prank(MINTER);
        try registry.publishCells(id, period, root, cells, kept, keptReward) {
            bytes32 content = keccak256(abi.encode(cells));
            _chain(3, abi.encode(id, period, root, content, kept, keptReward));
            _countCell(counted[id][cells[0].actionTypeId], cells[0]);
        } catch {}
    }

    function _countCell(Counted storage sums, IActionRegistry.Cell memory cell) private {
        if (cell.correction) {
            sums.correctedActions += cell.actions;
            sums.correctedReward += cell.reward;
        } else {
            sums.actions += cell.actions;
            sums.reward += cell.reward;
        }
    }

    function _collect(string memory name, address target) private {
        _targets.push(target);
        string memory built = vm.readFile(string.concat("abi/", name, ".json"));
        string[] memory signatures = vm.parseJsonStringArray(built, ".functions");
        for (uint256 i = 0; i < signatures.length; ++i) {
            _selectors[target].push(bytes4(keccak256(bytes(signatures[i]))));
        }
    }
}
