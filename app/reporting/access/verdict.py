"""The verdict on a slice of the access log, as `civis verify` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.impact.leaf import PathRefusedError, date_of, object_in
from app.reporting.access.proof import Checked, check_slice
from app.reporting.access.roots import roots_on_chain
from app.reporting.audit.node import CannotCheckError, Node
from app.reporting.verify.check import CANNOT_CHECK, FAILS, HOLDS, Finding, Verdict

Json = Mapping[str, Any]


def verify_slice(data: Json, rpc: str | None, anchor: str | None = None) -> Verdict:
    """Everything that can be checked. `anchor`: the contract, if the slice isn't believed."""
    try:
        checked = check_slice(data)
        findings = [*_offline(checked), *_on_chain(data, checked, rpc, anchor)]
    except (PathRefusedError, CannotCheckError) as error:
        return Verdict(CANNOT_CHECK, (), str(error))
    failed = any(finding.holds is False for finding in findings)
    return Verdict(FAILS if failed else HOLDS, tuple(findings))


def _offline(checked: Checked) -> list[Finding]:
    found = [Finding(f"it reads: {line}", holds=None) for line in checked.read]
    found += [Finding(fault, holds=False) for fault in checked.faults]
    if not checked.faults:
        found.append(Finding(f"{len(checked.read)} entries are those that were sealed", holds=True))
    if checked.sealers:
        names = ", ".join(sorted(checked.sealers))
        found.append(Finding(f"one key signed the seals: {names}", len(checked.sealers) == 1))
    if checked.unsealed:
        found.append(Finding(f"{checked.unsealed} entries are not sealed yet", holds=None))
    if checked.unrooted:
        what = f"{checked.unrooted} seals are of a day without a root: it is not over"
        found.append(Finding(what, holds=None))
    return found


def _on_chain(data: Json, checked: Checked, rpc: str | None, anchor: str | None) -> list[Finding]:
    """What only a node can say. Raises CannotCheckError, PathRefusedError."""
    if not checked.roots:
        return []
    if rpc is None:
        what = f"whether the chain holds {len(checked.roots)} days' roots: not asked, name a node"
        return [Finding(what, holds=None)]
    chain = object_in(data, "chain")
    address = anchor or str(object_in(chain, "contracts").get("Anchor"))
    with Node(rpc) as node:
        known = (node.chain_id(), node.genesis_hash())
        if (chain.get("chain_id"), chain.get("genesis_hash")) != known:
            raise CannotCheckError("the slice and the node speak of different chains")
        held = roots_on_chain(node, address)
        return [
            Finding(f"the chain holds the root of {date_of(day)}", held(day) == root)
            for day, root in sorted(checked.roots.items())
        ]
