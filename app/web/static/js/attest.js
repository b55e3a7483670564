// The clerk's page: the signing key is made and kept in this browser; each confirmed deed is
// signed here before it leaves.
import { keep, known, take } from "./keystore.js";
import { ready } from "./scripted.js";
import { addressOf, digest, newKey, sign, toHex } from "./typed.js";

const box = document.getElementById("attest");
const words = JSON.parse(box.dataset.words);
const keys = JSON.parse(box.dataset.keys);
const form = document.getElementById("certify");
const slot = words.slot;

function tell(text) {
  const line = document.getElementById("key-state");
  line.hidden = !text;
  line.textContent = text;
}

async function makeKey() {
  const key = newKey();
  const address = addressOf(key);
  await keep(slot, key, address);
  key.fill(0);
  return address;
}

// The page is never loaded anew for it: the clerk may be typing already.
async function prepareKey() {
  const address = (await known(slot)) || (await makeKey());
  let state = keys[address];
  if (!state) {
    const body = new URLSearchParams({ address, csrf_token: box.dataset.csrf });
    const answer = await fetch(box.dataset.attesterUrl, { method: "POST", body });
    if (answer.ok) state = (await answer.json()).state;
  }
  box.dataset.keyState = state || "unknown";
  tell(state === "certified" ? "" : words[state] || words.asked);
  document.getElementById("new-key").hidden = !["revoked", "ended"].includes(state);
}

async function startOver() {
  await makeKey();
  location.assign(location.pathname); // not again what was perhaps sent here
}

function chosen() {
  return form.querySelector("input[name=action_type]:checked")?.dataset;
}

// The unit and the most beside the field; above the button, in words, what will be signed.
function showChoice() {
  const type = chosen();
  const typed = form.quantity.value.trim();
  document.getElementById("unit").textContent = type ? `(${type.unit})` : "";
  const most = document.getElementById("h-quantity");
  most.hidden = !type;
  most.textContent = type ? words.tooMuch.replace("{most}", type.mostWords) : "";
  document.getElementById("signed-words").textContent =
    type && typed ? `${type.name}, ${typed} ${type.unit}` : "";
}

// A tap goes on to the quantity; arrow keys, which also click, stay among the tiles.
function goOn(event) {
  if (event.detail > 0 && event.target.name === "action_type") form.quantity.focus();
}

// The typed text as an integer of the type's smallest unit, or null.
function smallest(text, scale) {
  const match = /^(\d{1,9})(?:[.,](\d{0,6}))?$/.exec(text.replace(/\s/g, ""));
  if (!match) return null;
  const fraction = match[2] || ""; // in integers: 4.02 * 1000 is not 4020 in floating point
  const scaled = BigInt(match[1] + fraction) * BigInt(scale);
  const parts = 10n ** BigInt(fraction.length);
  return scaled % parts === 0n && scaled > 0n ? Number(scaled / parts) : null;
}

function refusesTooMuch(type, quantity) {
  if (quantity <= Number(type.most)) return false;
  form.quantity.setCustomValidity(words.tooMuch.replace("{most}", type.mostWords));
  form.quantity.reportValidity();
  return true;
}

// Said at the first tile in sight: `required` would name the folded ones too.
function lacksKind() {
  const first = form.querySelector(".choice input");
  if (chosen() || !first) return false;
  first.closest("details")?.setAttribute("open", "");
  first.setCustomValidity(words.noKind);
  first.reportValidity();
  return true;
}

// Another type or quantity is another question.
function startAnew() {
  form.querySelector(".choice input").setCustomValidity("");
  form.quantity.setCustomValidity("");
  form.querySelector("input[name=confirmed_unusual]").checked = false;
  document.getElementById("unusual").hidden = true;
}

function asksOnce(type, quantity) {
  const warning = document.getElementById("unusual");
  if (quantity <= Number(type.usual)) return false;
  const ticked = form.querySelector("input[name=confirmed_unusual]").checked;
  warning.hidden = false;
  document.getElementById("unusual-words").textContent = words.unusual
    .replace("{quantity}", form.quantity.value)
    .replace("{unit}", type.unit);
  if (!ticked) form.querySelector("input[name=confirmed_unusual]").focus();
  return !ticked;
}

// The fields' names as the API has them.
function wire(statement) {
  const named = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(statement).map(([name, value]) => [named(name), value]));
}

async function signAndSend(event) {
  event.preventDefault();
  if (lacksKind()) return;
  const type = chosen();
  const quantity = smallest(form.quantity.value, type.scale);
  if (quantity === null) {
    form.quantity.setCustomValidity(words.notANumber);
    form.quantity.reportValidity();
    return;
  }
  if (refusesTooMuch(type, quantity) || asksOnce(type, quantity)) return;
  if (form.dataset.sent) return; // pressed twice in a rush
  form.dataset.sent = "yes";
  await keyReady;
  const key = await take(slot);
  if (!key) {
    delete form.dataset.sent;
    tell(words.noStorage);
    return;
  }
  const statement = stated(type, quantity);
  form.statement.value = JSON.stringify(wire(statement));
  form.signature.value = sign(digest(JSON.parse(box.dataset.domain), "Attestation", statement), key);
  key.fill(0);
  form.submit();
}

function stated(type, quantity) {
  return {
    programmeId: words.programmeId,
    attester: words.attester,
    subject: words.subject,
    actionTypeId: Number(type.number),
    actionTypeVersion: Number(type.version),
    quantity,
    deedAt: Math.floor(Date.now() / 1000) - 1,
    nonce: toHex(crypto.getRandomValues(new Uint8Array(32))),
  };
}

const keyReady = prepareKey().catch(() => tell(words.noStorage));
document.getElementById("new-key").addEventListener("click", () =>
  startOver().catch(() => tell(words.noStorage)),
);
// Back to a page that was left: whoever stood there may have gone.
addEventListener("pageshow", (event) => event.persisted && location.reload());
if (form) {
  showChoice();
  form.addEventListener("change", showChoice);
  form.addEventListener("input", showChoice);
  form.addEventListener("click", goOn);
  for (const tile of form.querySelectorAll(".choice input")) {
    tile.addEventListener("change", startAnew);
  }
  form.quantity.addEventListener("input", startAnew);
  form.addEventListener("submit", signAndSend);
  ready(form);
}
