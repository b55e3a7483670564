// EIP-712 digests and signatures in the browser, for what attesters and owners sign.
// The same known answers are checked in Python and Solidity.
import { keccak_256, secp256k1 } from "../vendor/noble.js";

const utf8 = (text) => new TextEncoder().encode(text);

export const toHex = (bytes) =>
  `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;

export function fromHex(hex) {
  const digits = hex.replace(/^0x/, "");
  if (digits.length % 2 || /[^0-9a-f]/i.test(digits)) throw new Error("not hexadecimal");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function concat(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

// One static EIP-712 value as a 32-byte word.
function word(type, value) {
  if (type === "string") return keccak_256(utf8(value));
  if (type === "bytes32" || type === "address") {
    const bytes = fromHex(value);
    if (bytes.length !== (type === "bytes32" ? 32 : 20)) throw new Error(`not a ${type}`);
    return concat([new Uint8Array(32 - bytes.length), bytes]);
  }
  const bits = Number(/^uint(\d+)$/.exec(type)?.[1]);
  const number = BigInt(value);
  if (!bits || number < 0n || number >> BigInt(bits)) throw new Error(`not a ${type}: ${value}`);
  return fromHex(number.toString(16).padStart(64, "0"));
}

// The hash of a text, as hexadecimal.
export const hashOf = (text) => toHex(keccak_256(utf8(text)));

function structHash(name, fields, values) {
  const signature = `${name}(${fields.map(([type, field]) => `${type} ${field}`).join(",")})`;
  const words = fields.map(([type, field]) => word(type, values[field]));
  return keccak_256(concat([keccak_256(utf8(signature)), ...words]));
}

const DOMAIN = [
  ["string", "name"],
  ["string", "version"],
  ["uint256", "chainId"],
  ["address", "verifyingContract"],
  ["bytes32", "salt"],
];

export const STRUCTS = {
  Attestation: [
    ["bytes32", "programmeId"],
    ["address", "attester"],
    ["bytes32", "subject"],
    ["uint32", "actionTypeId"],
    ["uint16", "actionTypeVersion"],
    ["uint64", "quantity"],
    ["uint64", "deedAt"],
    ["bytes32", "nonce"],
  ],
  KeyCertificate: [
    ["address", "organisation"],
    ["address", "key"],
    ["bytes32", "scopeHash"],
    ["uint64", "validFrom"],
    ["uint64", "validUntil"],
  ],
  Order: [
    ["bytes32", "paymentId"],
    ["bytes32", "programmeId"],
    ["address", "payer"],
    ["address", "payee"],
    ["uint128", "amount"],
    ["uint64", "requestedUntil"],
  ],
  Move: [
    ["bytes32", "programmeId"],
    ["address", "from"],
    ["address", "to"],
    ["uint128", "amount"],
    ["bytes32", "nonce"],
  ],
};

// domain: {name, version, chainId, verifyingContract, salt}; returns the 32-byte digest.
export function digest(domain, struct, values) {
  const separator = structHash("EIP712Domain", DOMAIN, domain);
  return keccak_256(
    concat([Uint8Array.of(0x19, 0x01), separator, structHash(struct, STRUCTS[struct], values)]),
  );
}

export const newKey = () => secp256k1.utils.randomSecretKey();

// The checksummed address (EIP-55) of a private key.
export function addressOf(key) {
  const plain = toHex(keccak_256(secp256k1.getPublicKey(key, false).slice(1)).slice(12)).slice(2);
  const sum = toHex(keccak_256(utf8(plain))).slice(2);
  const mixed = Array.from(plain, (letter, i) =>
    parseInt(sum[i], 16) > 7 ? letter.toUpperCase() : letter,
  );
  return `0x${mixed.join("")}`;
}

// 65 bytes r, s, v (27 or 28) as hexadecimal.
export function sign(hash, key) {
  const signature = secp256k1.sign(hash, key, { prehash: false, format: "recovered" });
  return toHex(concat([signature.slice(1), Uint8Array.of(27 + signature[0])]));
}
