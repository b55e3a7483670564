"""A folder of contracts so small that Foundry compiles it in a second."""

from __future__ import annotations

import shutil
from pathlib import Path

from load.place import ROOT

SOURCE = """// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

contract Door {
    function key() external pure returns (uint256) {
        return 1;
    }

    function bell() external pure returns (uint256) {
        return 7;
    }
}
"""
TEST = """// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Door} from "../../src/Door.sol";

contract DoorTest {
    function test_key() public {
        require(new Door().key() == 1, "key");
    }
}
"""


def tiny_contracts(place: Path) -> str:
    """Writes it, with the compiler of ours; its contract's source is given back."""
    ours = ROOT / "contracts"
    for name, text in (("src/Door.sol", SOURCE), ("test/Door/Door.t.sol", TEST)):
        (place / name).parent.mkdir(parents=True)
        (place / name).write_text(text, "utf-8")
    shutil.copytree(ours / "script", place / "script")
    (place / "foundry.toml").write_text(
        '[profile.default]\nsolc = "./script/solc.cjs"\noffline = true\n'
        'evm_version = "cancun"\n[profile.mutants]\ndynamic_test_linking = true\n',
        "utf-8",
    )
    (place / "node_modules").mkdir()
    (place / "node_modules" / "solc").symlink_to(ours / "node_modules" / "solc")
    return SOURCE
