// The administrator's page: the organisation's key is made and kept here, and signs certificates.
// A certificate is made of what this page shows, and shown once more before it is signed.
import { keep, known, take } from "./keystore.js";
import { ready } from "./scripted.js";
import { addressOf, digest, hashOf, newKey, sign } from "./typed.js";

const box = document.getElementById("keys");
const words = JSON.parse(box.dataset.words);
// Two places: a key goes on certifying until its successor, kept in the other, is registered.
const slots = ["", ":next"].map((next) => `organisation:${words.organisation}${next}`);
const LONGEST = 366 * 24 * 3600; // seconds

function tell(text) {
  const line = document.getElementById("key-state");
  line.hidden = false;
  line.textContent = text;
}

const kept = () => Promise.all(slots.map(known));

// One that was made here and never registered, else a new one: none that has ended comes back.
async function offer(event) {
  event.preventDefault();
  const here = await kept();
  let address = here.find((one) => one && !words.used.includes(one));
  if (!address) {
    const key = newKey();
    address = addressOf(key);
    await keep(slots[here[0] && here[0] === words.known ? 1 : 0], key, address);
    key.fill(0);
  }
  event.target.address.value = address;
  event.target.submit();
}

// The kinds that are ticked; with none, all that were asked for, of which an empty list is every.
function kinds(form) {
  const boxes = [...form.querySelectorAll("input[name=scope]")];
  const ticked = boxes.filter((box) => box.checked);
  return ticked.length || form.dataset.every ? ticked : boxes;
}

const shownKey = (form) => form.closest("section").querySelector("[data-address]").textContent;

function certificate(form) {
  const scope = kinds(form).map((box) => box.value);
  return {
    organisation: words.known,
    key: shownKey(form),
    scopeHash: hashOf(JSON.stringify(scope.sort())),
    validFrom: Number(form.dataset.since),
    validUntil: Number(form.dataset.until),
  };
}

function tooLong({ validFrom, validUntil }) {
  const now = Date.now() / 1000;
  return !(validUntil - validFrom <= LONGEST && validUntil - now <= LONGEST);
}

function ask(form) {
  const said = certificate(form);
  const scope = kinds(form).map((box) => box.parentElement.textContent.trim());
  const moment = (seconds) =>
    new Date(seconds * 1000).toLocaleString(document.documentElement.lang, {
      dateStyle: "long",
      timeStyle: "short",
    });
  const texts = {
    key: said.key,
    whose: form.closest("section").querySelector("[data-whose]").textContent,
    scope: scope.join(", ") || words.every,
    since: moment(said.validFrom),
    until: moment(said.validUntil),
  };
  const asking = form.querySelector("[data-asking]");
  for (const line of asking.querySelectorAll("[data-said]")) {
    line.textContent = texts[line.dataset.said];
  }
  turn(form, true);
  asking.focus();
}

function turn(form, asks) {
  form.querySelector("[data-asking]").hidden = !asks;
  form.querySelector("[data-look]").hidden = asks;
}

async function certify(event) {
  event.preventDefault();
  const form = event.target;
  const place = (await kept()).indexOf(words.known);
  if (place < 0) return tell(words.elsewhere);
  const said = certificate(form);
  if (tooLong(said)) return tell(words.tooLong);
  // Enter anywhere presses the first button, shown or not: nothing is signed before it was asked.
  const asked = !form.querySelector("[data-asking]").hidden;
  if (!asked || event.submitter?.value !== "sign") return ask(form);
  const key = await take(slots[place]);
  form.signature.value = sign(digest(JSON.parse(box.dataset.domain), "KeyCertificate", said), key);
  key.fill(0);
  form.submit();
}

async function markOwn() {
  const own = [...(await kept()), await known(`attester:${words.organisation}`)];
  for (const chip of document.querySelectorAll("[data-here]")) {
    chip.hidden = !own.includes(chip.dataset.here);
  }
}

const failing = (act) => (event) => act(event).catch(() => tell(words.noStorage));
const offering = document.getElementById("offer");
if (offering) {
  offering.addEventListener("submit", failing(offer));
  ready(offering);
}
for (const form of document.querySelectorAll("form[data-certify]")) {
  form.addEventListener("submit", failing(certify));
  form.addEventListener("change", () => turn(form, false)); // another scope is another question
  form.querySelector("[data-no]").addEventListener("click", () => turn(form, false));
  ready(form);
}
failing(markOwn)();
