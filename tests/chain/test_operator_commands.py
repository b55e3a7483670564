"""`civis outbox fill`, `rebroadcast` and `quarantine` beside a chain that answers."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from app.actions.models import ActionState
from app.chain.typed import keccak
from app.outbox.models import (
    ChainTransaction,
    Incident,
    OutboxItem,
    OutboxState,
    TransactionState,
)
from app.rewards.models import Batch
from tests.support.batches_under_way import (
    balances,
    batch_row,
    cut,
    open_incidents,
    paused_keys,
    states,
)
from tests.support.chain_world import DEPTH, World
from tests.support.deeds_on_chain import set_minter
from tests.support.operating import Civis, told

WHY = ("--reason", "a drill")


def deeds_of_operators(world: World, reference: str) -> list[str]:
    """What stands on record for ever, and why."""
    with world.services.database.session() as session:
        query = select(Incident).where(col(Incident.reference) == reference)
        rows = session.scalars(query.order_by(col(Incident.id))).all()
    assert all("a drill" in row.detail for row in rows if row.code in DEEDS)
    return [row.code for row in rows if row.code in DEEDS]


DEEDS = {"nonce_filled", "key_rebroadcast", "key_resumed", "key_paused", "outbox_quarantined"}


def lose_a_row(world: World) -> int:
    """A signed transaction whose nonce is one too high, as if the row before it were gone."""
    address = world.signer.address_of("minter")
    missing = world.edge.client.nonce(address)
    raw = world.sign("minter", nonce=missing + 1, gas=21_000)
    with world.transaction() as (session, now):
        row = ChainTransaction(
            kind="anchor",
            signer="minter",
            signer_address=address,
            chain_id=world.edge.client.chain_id,
            nonce=missing + 1,
            raw=raw,
            hash=keccak(raw),
            state=TransactionState.PREPARED,
            signed_at=now,
        )
        session.add(row)
    return missing


def test_a_nonce_that_no_row_has_stops_its_key_until_it_is_filled(
    world: World, civis: Civis
) -> None:
    _, addresses = cut(world, world.programme())
    missing = lose_a_row(world)
    assert world.send() == 0
    assert paused_keys(world) == {"minter"}
    assert "nonce_missing" in open_incidents(world)
    assert f"the chain waits for nonce {missing}" in civis("incidents").stdout
    filled = told(civis("fill", "minter", *WHY, "--json"))
    assert filled == {"strangers": [], "taken": [], "missing": [missing], "filling": None}
    told(civis("resume", "minter", *WHY, "--json"))
    world.settle()
    assert balances(world, addresses) == {100}
    by_nonce = {row.nonce: row for row in world.transactions() if row.signer == "minter"}
    assert by_nonce[missing].state is TransactionState.REPLACED
    assert by_nonce[missing + 1].state is TransactionState.FINAL
    assert deeds_of_operators(world, "minter") == ["nonce_filled", "key_resumed"]
    assert "nonce_missing" not in open_incidents(world)


def test_after_a_change_of_key_the_new_one_is_filled(world: World, civis: Civis) -> None:
    """Its nonces begin at 0, however far the old one had come."""
    programme = world.programme()
    cut(world, programme)
    world.settle()
    set_minter(world, granted=False)
    world.signer.keys["minter"] = keccak(b"a minter of tonight")
    set_minter(world, granted=True)
    world.mine(DEPTH + 1)
    _, addresses = cut(world, programme)
    world.send()
    told(civis("pause", "minter", *WHY, "--json"))
    assert told(civis("fill", "minter", *WHY, "--json"))["filling"] == 0
    with world.services.database.session() as session:
        abandoned = select(ChainTransaction).where(col(ChainTransaction.abandoned).is_not(None))
        [filled] = session.scalars(abandoned.order_by(col(ChainTransaction.id).desc()).limit(1))
    assert filled.signer_address == world.signer.address_of("minter")
    told(civis("resume", "minter", *WHY, "--json"))
    world.mine()  # the first bytes, before the filler goes out
    world.settle()
    assert balances(world, addresses) == {100}


def test_nothing_to_fill_is_said_and_changes_nothing(world: World, civis: Civis) -> None:
    cut(world, world.programme())
    world.settle()
    before = [row.state for row in world.transactions()]
    told(civis("pause", "minter", *WHY, "--json"))
    assert (
        "nothing to fill. Now `civis outbox resume minter`" in civis("fill", "minter", *WHY).stdout
    )
    assert [row.state for row in world.transactions()] == before
    blind = civis("fill", "minter", *WHY, url="http://127.0.0.1:1")
    assert (blind.returncode, "can't be asked" in blind.stderr) == (1, True)
    never = civis("fill", "burner", *WHY)
    assert (never.returncode, "Pause burner first" in never.stderr) == (1, True)
    told(civis("resume", "minter", *WHY, "--json"))


def test_stored_bytes_are_handed_to_every_node_again(world: World, civis: Civis) -> None:
    _, addresses = cut(world, world.programme())
    world.send()
    sent = world.transactions()[-1]
    world.node.rpc("anvil_dropTransaction", "0x" + sent.hash.hex())
    both = f"{world.node.url} http://127.0.0.1:1"
    labels = told(civis("rebroadcast", "minter", *WHY, "--json", url=both))
    good, bad = labels[world.node.url.removeprefix("http://")], labels["127.0.0.1:1"]
    assert good == [f"nonce {sent.nonce} taken"]
    assert bad[0].startswith(f"nonce {sent.nonce} refused: 127.0.0.1:1")
    assert f"nonce {sent.nonce} known" in civis("rebroadcast", "minter", *WHY).stdout
    assert "nothing to send" in civis("rebroadcast", "settler", *WHY).stdout
    assert deeds_of_operators(world, "minter")[-2:] == ["key_rebroadcast"] * 2
    world.settle()
    assert balances(world, addresses) == {100}
    assert world.transactions()[-1].hash == sent.hash, "the same bytes, once"


def test_one_account_stays_behind_and_the_others_go(world: World, civis: Civis) -> None:
    programme = world.programme()
    batch, addresses = cut(world, programme)
    row = hold_back(world, batch)
    for wrong in ("0x12", "0x" + "g" * 40):
        refused = civis("quarantine", str(row.id), "--account", wrong, *WHY)
        assert (refused.returncode, "is no address" in refused.stderr) == (1, True)
    stranger = civis("quarantine", str(row.id), "--account", "0x" + "9" * 40, *WHY)
    assert (stranger.returncode, "credits no account" in stranger.stderr) == (1, True)
    blind = civis(
        "quarantine", str(row.id), "--account", addresses[0], *WHY, url="http://127.0.0.1:1"
    )
    assert (blind.returncode, "must be asked first" in blind.stderr) == (1, True)
    assert batch_row(world, batch).state is OutboxState.HELD
    done = told(civis("quarantine", str(row.id), "--account", addresses[0], *WHY, "--json"))
    assert done["state"] == "failed"
    world.settle()
    assert states(world, programme) == {ActionState.QUARANTINED, ActionState.AUTHENTICATED}
    assert world.cut(programme) is not None
    world.settle()
    assert balances(world, addresses[1:]) == {100}
    assert balances(world, addresses[:1]) == {0}
    assert deeds_of_operators(world, str(row.id)) == ["outbox_quarantined"]


def test_what_the_chain_holds_already_is_taken_apart_by_nobody(world: World, civis: Civis) -> None:
    batch, addresses = cut(world, world.programme())
    row = batch_row(world, batch)
    decisions = (("cancel", str(row.id)), ("quarantine", str(row.id), "--account", addresses[0]))

    def told() -> set[str]:
        done = [civis(*words, *WHY) for words in decisions]
        assert [one.returncode for one in done] == [1, 1]
        return {one.stderr for one in done}

    world.send()
    world.mine()
    [on_its_way] = told()
    world.settle()
    [settled] = told()
    hold_back(world, batch)
    [held] = told()
    assert "is read by itself" in on_its_way
    assert "is settled" in settled
    assert "its tokens are minted" in held
    assert "backup" not in on_its_way + settled + held, "nothing is wrong with these books"
    with world.transaction() as (session, _):
        session.get_one(OutboxItem, row.id).transaction_id = None
    [unsent] = told()
    assert "its tokens are minted" in unsent
    assert "restore a newer backup" in unsent.lower()
    with world.transaction() as (session, _):
        session.get_one(OutboxItem, row.id).state = OutboxState.FINAL


def hold_back(world: World, batch: Batch) -> OutboxItem:
    row = batch_row(world, batch)
    with world.transaction() as (session, _):
        held = session.get_one(OutboxItem, row.id)
        held.state, held.last_error = OutboxState.HELD, "Unknown()"
    return row
