// Forms that a passkey answers: data-passkey is "get" or "create", data-ask the address that says
// what the device is asked. They are shown only where the browser has passkeys. One form of a page
// may have data-beside, the form whose field offers the passkeys among what fills it; it asks for
// that at data-offer, which is counted apart from the button's.
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

async function ask(form, address = form.dataset.ask) {
  const headers = { Accept: "application/json", "X-CSRF-Token": form.elements.csrf_token.value };
  const answer = await fetch(address, { method: "POST", headers });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

function send(form, challenge, credential) {
  form.elements.challenge.value = challenge;
  form.elements.credential.value = JSON.stringify(told(credential));
  form.submit();
}

let offer = null; // ends the offer that stands in a field: a browser takes one question at a time

// Passkeys among what fills the field; nothing is shown before it is touched. A question serves for
// minutes only, so it is asked anew while the page is open; whoever signs in otherwise ends it.
async function beside(form) {
  withdraw();
  const { signal } = (offer = new AbortController());
  try {
    const { challenge, options } = await ask(form, form.dataset.offer);
    if (signal.aborted) return;
    const again = setTimeout(() => beside(form), options.timeout * 0.9);
    signal.addEventListener("abort", () => clearTimeout(again));
    const wanted = { publicKey: prepared(options), mediation: "conditional", signal };
    send(form, challenge, await navigator.credentials.get(wanted));
  } catch {
    // ended, refused or without network: the button and the code are there
  }
}

function withdraw() {
  offer?.abort();
  offer = null;
}

async function offers(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  document.getElementById(form.dataset.beside).addEventListener("submit", withdraw);
  addEventListener("pagehide", withdraw);
  beside(form);
}

async function answer(event) {
  event.preventDefault();
  withdraw();
  const form = event.currentTarget;
  const [button, silent] = [form.querySelector("button"), form.querySelector("[data-silent]")];
  button.disabled = true;
  silent.hidden = true;
  try {
    const { challenge, options } = await ask(form);
    const wanted = { publicKey: prepared(options) };
    const credential = await navigator.credentials[form.dataset.passkey](wanted);
    send(form, challenge, credential);
  } catch {
    silent.hidden = false; // refused by the person, no such passkey, or no network
    if (form.dataset.beside) offers(form);
  } finally {
    button.disabled = false;
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", answer);
    form.hidden = false;
    if (!form.dataset.beside) continue;
    offers(form);
    addEventListener("pageshow", (event) => event.persisted && offers(form));
  }
  for (const line of document.querySelectorAll("[data-without-passkey]")) line.hidden = true;
}
