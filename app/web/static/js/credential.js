// A passkey's answer as JSON, as its own toJSON() has it where there is one.
const BYTES = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

function text(buffer) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function told(credential) {
  const given = BYTES.filter((name) => credential.response[name]);
  const response = given.map((name) => [name, text(credential.response[name])]);
  const id = text(credential.rawId);
  return { id, rawId: id, type: credential.type, response: Object.fromEntries(response) };
}
