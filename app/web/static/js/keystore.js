// Keys of this browser. A signing key is stored only encrypted by an AES key that the browser
// will use but never hand out (not extractable), so a copied profile folder alone reveals nothing.
import { storeOf } from "./database.js";

const run = storeOf("civis-keys", "keys", "slot");

// A record of the caller's own making, under its `slot`. The browser is asked to keep it for good.
export async function write(row) {
  await run("readwrite", (store) => store.put(row));
  if (navigator.storage?.persist) await navigator.storage.persist();
}

export const all = () => run("readonly", (store) => store.getAll());
export const read = (slot) => run("readonly", (store) => store.get(slot));
export const erase = (slot) => run("readwrite", (store) => store.delete(slot));

// slot: what the key is for, e.g. "attester" or "organisation:<id>"; secret: bytes.
export async function keep(slot, secret, publicPart) {
  const wrap = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, wrap, secret);
  await write({ slot, publicPart, wrap, iv, sealed });
}

// What is public of a kept key (its address), or undefined.
export async function known(slot) {
  return (await read(slot))?.publicPart;
}

// The secret bytes of a kept key; undefined when this browser has none.
export async function take(slot) {
  const row = await read(slot);
  if (!row) return undefined;
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, row.wrap, row.sealed);
  return new Uint8Array(plain);
}
