// The one secret of who keeps the key themselves, and all that comes of it: the code on the backup
// sheet, and a key of its own in every programme. Tests compute the same in Python.
const BYTES = 16;
const SUM_BITS = 12n; // of SHA-256: a mistyped code is found out, all but one in 4096
const SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's: no I, L, O, U
const LENGTH = 28; // 140 bits in five each
const GROUP = 4;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const utf8 = (text) => new TextEncoder().encode(text);

export const newSeed = () => crypto.getRandomValues(new Uint8Array(BYTES));

const numberOf = (bytes) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

function bytesOf(number, size) {
  return Uint8Array.from({ length: size }, (_, at) =>
    Number((number >> BigInt(8 * (size - 1 - at))) & 255n),
  );
}

async function sumOf(seed) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", seed));
  return ((BigInt(hash[0]) << 8n) | BigInt(hash[1])) >> (16n - SUM_BITS);
}

// Seven groups of four signs.
export async function codeOf(seed) {
  let number = (numberOf(seed) << SUM_BITS) | (await sumOf(seed));
  let signs = "";
  for (let at = 0; at < LENGTH; at += 1) {
    signs = SIGNS[Number(number & 31n)] + signs;
    number >>= 5n;
  }
  return signs.match(new RegExp(`.{${GROUP}}`, "g")).join(" ");
}

// As it was typed, in whatever case, with O for 0 and I or L for 1.
export function tidied(text) {
  const upper = text.toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1");
  return upper.replace(/[^0-9A-Z]/g, "");
}

// The seed; null where a sign is wrong or missing.
export async function seedOf(code) {
  const signs = tidied(code);
  if (signs.length !== LENGTH || [...signs].some((sign) => !SIGNS.includes(sign))) return null;
  const number = [...signs].reduce((sum, sign) => (sum << 5n) | BigInt(SIGNS.indexOf(sign)), 0n);
  const seed = bytesOf(number >> SUM_BITS, BYTES);
  return (number & ((1n << SUM_BITS) - 1n)) === (await sumOf(seed)) ? seed : null;
}

// The account's secp256k1 key. `programme`: 32 bytes, as the chain names it.
export async function keyOf(seed, programme) {
  const root = await crypto.subtle.importKey("raw", seed, "HKDF", false, ["deriveBits"]);
  const info = new Uint8Array([...utf8("civis.account.v1"), ...programme]);
  const how = { name: "HKDF", hash: "SHA-256", salt: utf8("civis.wallet.v1"), info };
  const drawn = new Uint8Array(await crypto.subtle.deriveBits(how, root, 384));
  return bytesOf((numberOf(drawn) % (ORDER - 1n)) + 1n, 32);
}
