// Forms that a passkey answers: data-passkey is "get" or "create", data-ask the address that says
// what the device is asked. They are shown only where the browser has passkeys.
import { told } from "./credential.js";

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

const named = (known) => known?.map((one) => ({ ...one, id: bytes(one.id) }));

// The options as the browser takes them: what is base64url in JSON is bytes here.
function prepared(options) {
  return {
    ...options,
    challenge: bytes(options.challenge),
    user: options.user && { ...options.user, id: bytes(options.user.id) },
    extensions: options.user && { prf: {} }, // so that it can lock a key of one's own later
    allowCredentials: named(options.allowCredentials),
    excludeCredentials: named(options.excludeCredentials),
  };
}

async function ask(form) {
  const headers = { Accept: "application/json", "X-CSRF-Token": form.elements.csrf_token.value };
  const answer = await fetch(form.dataset.ask, { method: "POST", headers });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function answer(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const [button, silent] = [form.querySelector("button"), form.querySelector("[data-silent]")];
  button.disabled = true;
  silent.hidden = true;
  try {
    const { challenge, options } = await ask(form);
    const wanted = { publicKey: prepared(options) };
    const credential = await navigator.credentials[form.dataset.passkey](wanted);
    form.elements.challenge.value = challenge;
    form.elements.credential.value = JSON.stringify(told(credential));
    form.submit();
  } catch {
    silent.hidden = false; // refused by the person, no such passkey, or no network
  } finally {
    button.disabled = false;
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", answer);
    form.hidden = false;
  }
  for (const line of document.querySelectorAll("[data-without-passkey]")) line.hidden = true;
}
