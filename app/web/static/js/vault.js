// The seed as this browser stores it: encrypted by what a passkey yields (WebAuthn's prf), or by a
// passphrase. Neither the seed nor what opens it ever leaves the browser.
import { all, erase, read, write } from "./keystore.js";

// OWASP's least for Argon2id; older records keep theirs. What it costs: docs/adr/0019.
const PARAMETERS = { m: 19_456, t: 2, p: 1, dkLen: 32 };
const utf8 = (text) => new TextEncoder().encode(text);
const random = (size) => crypto.getRandomValues(new Uint8Array(size));

// Several people may use one browser: each has two records of their own, the key in use and `next`,
// one that is made and not entered on the chain yet.
export const slotsOf = (person) => ({ current: `wallet:${person}`, next: `wallet-new:${person}` });

const aes = (bytes) => crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);

async function fromPassphrase(passphrase, salt, parameters) {
  const { argon2idAsync } = await import("../vendor/argon2.js");
  return aes(await argon2idAsync(utf8(passphrase.normalize("NFKC")), salt, parameters));
}

// What a passkey yields for this salt; null from a device or browser that has no prf. The
// signature that comes with it is thrown away: nobody asked for it but this page.
async function fromPasskey(allowed, salt) {
  const known = allowed.map((id) => ({ type: "public-key", id }));
  const extensions = { prf: { eval: { first: salt } } };
  const publicKey = { challenge: random(32), allowCredentials: known, extensions, userVerification: "required" };
  const credential = await navigator.credentials.get({ publicKey });
  const yielded = credential.getClientExtensionResults().prf?.results?.first;
  if (!yielded) return null;
  const root = await crypto.subtle.importKey("raw", yielded, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8("civis.wrap.v1") };
  const key = await aes(await crypto.subtle.deriveBits(how, root, 256));
  return { key, id: new Uint8Array(credential.rawId) };
}

async function store(slot, seed, key, about) {
  const iv = random(12);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, seed);
  const row = { slot, iv, sealed, ...about };
  await write(row);
  return row;
}

// `about`: addresses by programme, the contracts' domains, whether the sheet was typed back.
export async function lockByPassphrase(slot, seed, passphrase, about) {
  const salt = random(16);
  const key = await fromPassphrase(passphrase, salt, PARAMETERS);
  return store(slot, seed, key, { ...about, way: "passphrase", salt, parameters: PARAMETERS });
}

// Null where the passkey can't.
export async function lockByPasskey(slot, seed, allowed, about) {
  const salt = random(32);
  const made = await fromPasskey(allowed, salt);
  if (!made) return null;
  return store(slot, seed, made.key, { ...about, way: "passkey", salt, credential: made.id });
}

async function keyOfRow(row, passphrase) {
  if (row.way === "passphrase") return fromPassphrase(passphrase, row.salt, row.parameters);
  return (await fromPasskey([row.credential], row.salt))?.key;
}

// The seed; null for a wrong passphrase, or a passkey that did not answer.
export async function unlock(row, passphrase) {
  try {
    const key = await keyOfRow(row, passphrase);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, key, row.sealed);
    return new Uint8Array(plain);
  } catch {
    return null;
  }
}

export const change = async (row, about) => {
  const changed = { ...row, ...about };
  await write(changed);
  return changed;
};

export const stored = read;
export const discard = erase;

// The record, in whichever slot, that has the key of this account.
export async function holder(account) {
  return (await all()).find((row) => row.addresses?.[account.programme] === account.address);
}
