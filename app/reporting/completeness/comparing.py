"""Our books beside the chain's own figures at one final block, each by the block's hash.

What is read from our tables lies at or below that block, so it can't change meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.contracts.codec import decode_answer, encode_call
from app.chain.edge import Edge
from app.chain.models import ChainLog
from app.outbox.leases import Fence
from app.reporting.completeness.running import running_hash

PAGE = 500  # accounts
Pages = Iterator[Sequence[tuple[str, int]]]
MOST_SHOWN = 50  # differences; whoever finds more looks at the first ones

# Supply, minted, funded.
_SUMS = text("""
    select coalesce(sum(amount_cents), 0)::bigint,
      coalesce(sum(amount_cents) filter (where kind = 'credit'), 0)::bigint,
      (select coalesce(sum((arguments->>'amount')::bigint), 0)::bigint from chain_log
       where event = 'FundingConfirmed' and block_number <= :final
         and arguments->>'programmeId' = :id)
    from ledger_entry where programme_chain_id = :programme and block_number <= :final
""")
_ACCOUNTS = text("""
    select address, sum(amount_cents)::bigint from ledger_entry
    where programme_chain_id = :programme and block_number <= :final
      and address collate "C" > :after
      and (:since < 0 or address in (select address from ledger_entry
        where programme_chain_id = :programme and block_number > :since))
    group by address order by address collate "C" limit :page
""")
# Read in one statement, so of one moment: the balances that payments are held against.
_BALANCES = text("""
    select address, final_cents, coalesce(cents, 0)::bigint
    from balance full join (
      select address, programme_chain_id, sum(amount_cents) as cents
      from ledger_entry group by address, programme_chain_id
    ) entries using (address, programme_chain_id)
    where coalesce(final_cents, 0) <> coalesce(cents, 0) order by address limit :most
""")


@dataclass(frozen=True)
class Block:
    number: int
    hash: bytes


@dataclass
class Findings:
    """What was compared, and where the two are apart; figures as text, since they are large."""

    differences: list[dict[str, str]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    programmes: list[dict[str, Any]] = field(default_factory=list)
    accounts: int = 0

    def compare(self, what: str, ours: object, chain: object) -> None:
        if ours != chain and len(self.differences) < MOST_SHOWN:
            self.differences.append({"what": what, "ours": str(ours), "chain": str(chain)})


def compare(edge: Edge, fence: Fence, block: Block, since: int | None) -> Findings:
    """`since`: only accounts that moved after that block, else all. Raises a ChainError where the
    node can't say."""
    found = Findings()
    with edge.client.one_node():
        _register(edge, block, found)
        for programme, state in _programmes(edge, block, found).items():
            values: dict[str, Any] = {"programme": bytes.fromhex(programme[2:]), "page": PAGE}
            values |= {"final": block.number, "since": -1 if since is None else since}
            _programme(edge, block, (programme, state), found, _pages(edge, fence, values))
    with edge.database.session() as session:
        rows = session.execute(_BALANCES, {"most": MOST_SHOWN}).all()
    for address, balance, entries in rows:
        found.compare(f"balance of {address} and its entries", balance, entries)
    return found


def _register(edge: Edge, block: Block, found: Findings) -> None:
    with edge.database.session() as session:
        running, batches = running_hash(session, block.number)
    theirs = [
        _asked(edge, block, "ActionRegistry", name)[0] for name in ("runningHash", "batchCount")
    ]
    found.figures = {"running_hash": theirs[0], "batches": int(theirs[1])}
    found.compare(
        "running hash over batches, cancellations, cells", f"0x{running.hex()}", theirs[0]
    )
    found.compare("number of batches", batches, int(theirs[1]))


def _asked(
    edge: Edge, block: Block, contract: str, function: str, arguments: Sequence[list[Any]] = ([],)
) -> list[Any]:
    """One answer for each list of arguments."""
    to = edge.addresses[contract]
    calls = [(to, encode_call(contract, function, one)) for one in arguments]
    answers = edge.client.read_at(block.hash, calls)
    return [decode_answer(contract, function, answer) for answer in answers]


def _programmes(edge: Edge, block: Block, found: Findings) -> dict[str, dict[str, Any]]:
    """All that the chain lists, by id: of one that we know nothing of, our log can't tell."""
    [count] = _asked(edge, block, "Programmes", "programmeCount")
    ids = _asked(edge, block, "Programmes", "programmeIdAt", [[at] for at in range(count)])
    wanted = [[bytes.fromhex(one[2:])] for one in ids]
    states = _asked(edge, block, "Programmes", "programme", wanted)
    theirs = dict(zip(ids, states, strict=True))
    query = select(col(ChainLog.arguments)).where(
        col(ChainLog.event) == "ProgrammeCreated", col(ChainLog.block_number) <= block.number
    )
    with edge.database.session() as session:
        ours = {one["programmeId"]: one["token"] for one in session.scalars(query) if one}
    for one in sorted(ours.keys() | theirs.keys()):
        token = theirs[one]["token"] if one in theirs else "none"
        found.compare(f"token of programme {one}", ours.get(one, "none"), token)
    return theirs


def _sums(edge: Edge, block: Block, which: tuple[str, dict[str, Any]], found: Findings) -> int:
    """The token's supply by the chain, compared with ours as what was minted and funded is."""
    programme, state = which
    values = {"programme": bytes.fromhex(programme[2:]), "id": programme, "final": block.number}
    with edge.database.session() as session:
        ours = session.execute(_SUMS, values).one()
    asked = [(state["token"], encode_call("ImpactToken", "totalSupply", []))]
    [answer] = edge.client.read_at(block.hash, asked)
    supply = int(decode_answer("ImpactToken", "totalSupply", answer))
    chain = {
        f"supply of programme {programme}": supply,
        f"minted in programme {programme}": state["minted"],
        f"funded in programme {programme}": state["funded"],
    }
    for (what, theirs), cents in zip(chain.items(), ours, strict=True):
        found.compare(what, cents, theirs)
    return supply


def _programme(
    edge: Edge, block: Block, which: tuple[str, dict[str, Any]], found: Findings, pages: Pages
) -> None:
    programme, state = which
    token, compared = state["token"], 0
    supply = _sums(edge, block, which, found)
    for page in pages:
        calls = [(token, encode_call("ImpactToken", "balanceOf", [one])) for one, _ in page]
        for (address, cents), said in zip(
            page, edge.client.read_at(block.hash, calls), strict=True
        ):
            held = int(decode_answer("ImpactToken", "balanceOf", said))
            found.compare(f"balance of {address}", cents, held)
        compared += len(page)
    found.accounts += compared
    found.programmes.append(
        {"id": programme, "token": token, "supply": str(supply), "accounts": compared}
    )


def _pages(edge: Edge, fence: Fence, values: dict[str, Any]) -> Pages:
    """Nothing is asked of a node while a transaction is open. A city has many: each page keeps the
    lease."""
    after = ""
    while True:
        with edge.database.transaction() as session:
            fence.check(session)
            page = _page(session, values | {"after": after})
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = page[-1][0]


def _page(session: Session, values: dict[str, Any]) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in session.execute(_ACCOUNTS, values)]
