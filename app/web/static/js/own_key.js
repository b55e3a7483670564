// What an owner's own key signs: moves of accounts, and payment orders. Every digest is computed
// here from what was read, for the contracts that this browser has known since the key was made:
// a server that lies gets a signature over nothing else.
import { fromHex, addressOf, digest, sign, toHex } from "./typed.js";
import { told } from "./credential.js";
import { keyOf } from "./seed.js";

export const domainOf = (told) => ({
  name: told.name,
  version: told.version,
  chainId: told.chain_id,
  verifyingContract: told.contract,
  salt: told.salt,
});

export async function addressIn(seed, programme) {
  return addressOf(await keyOf(seed, fromHex(programme)));
}

async function signed(seed, programme, hash) {
  const key = await keyOf(seed, fromHex(programme));
  const signature = sign(hash, key);
  key.fill(0);
  return signature;
}

// One account's move, as the API takes it, with its digest. `seeds`: {old, next}, each where this
// browser has it.
export async function moveOf(account, receiver, seeds, domain) {
  const nonce = toHex(crypto.getRandomValues(new Uint8Array(32)));
  const hash = digest(domain, "Move", {
    programmeId: account.programme,
    from: account.address,
    to: receiver,
    amount: account.available_cents,
    nonce,
  });
  const by = (seed) => (seed ? signed(seed, account.programme, hash) : null);
  const said = {
    programme_id: account.programme_id,
    sender: account.address,
    receiver,
    amount_cents: account.available_cents,
    nonce,
    receiver_signature: await by(seeds.next),
    owner_signature: account.wallet === "device" ? await by(seeds.old) : null,
  };
  return { said, hash };
}

// What an old passkey answers to these moves' digests, so that they wait for nothing; throws where
// it does not answer.
export async function provenBy(passkeys, moves) {
  const parts = [new TextEncoder().encode("civis.moves.v1"), ...moves.map((one) => one.hash)];
  const challenge = await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer());
  const allowCredentials = passkeys.map((id) => ({ type: "public-key", id }));
  const publicKey = { challenge, allowCredentials, userVerification: "required" };
  return told(await navigator.credentials.get({ publicKey }));
}

// Of the orders that this device must sign; throws unless they are what the page shows.
export async function signOrders(orders, seed, domain, mostCents) {
  const total = orders.reduce((sum, order) => sum + order.amount_cents, 0);
  if (total !== mostCents || new Set(orders.map((order) => order.payee)).size > 1) {
    throw new Error("other orders than the page shows");
  }
  const own = orders.filter((order) => order.signed_by_device);
  return Promise.all(own.map((order) => signedOrder(order, seed, domain)));
}

async function signedOrder(order, seed, domain) {
  const hash = digest(domain, "Order", {
    paymentId: order.payment_id,
    programmeId: order.programme_id,
    payer: order.payer,
    payee: order.payee,
    amount: order.amount_cents,
    requestedUntil: order.requested_until,
  });
  if (toHex(hash) !== order.id) throw new Error("not the digest of this order");
  return { order_id: order.id, signature: await signed(seed, order.programme_id, hash) };
}
