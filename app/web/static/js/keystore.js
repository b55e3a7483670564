// Keys of this browser. A signing key is stored only encrypted by an AES key that the browser
// will use but never hand out (not extractable), so a copied profile folder alone reveals nothing.
const NAME = "civis-keys";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("keys", { keyPath: "slot" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run(mode, act) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction("keys", mode);
      const request = act(transaction.objectStore("keys"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

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
