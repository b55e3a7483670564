// The administrator's page: the organisation's key is made and kept here, and signs certificates.
import { keep, known, take } from "./keystore.js";
import { addressOf, digest, newKey, sign } from "./typed.js";

const box = document.getElementById("keys");
const words = JSON.parse(box.dataset.words);
const slot = `organisation:${words.organisation}`;

function tell(text) {
  const line = document.getElementById("key-state");
  line.hidden = false;
  line.textContent = text;
}

async function offer(event) {
  event.preventDefault();
  let address = await known(slot);
  if (!address) {
    const key = newKey();
    address = addressOf(key);
    await keep(slot, key, address);
    key.fill(0);
  }
  event.target.address.value = address;
  event.target.submit();
}

async function certify(event) {
  event.preventDefault();
  const form = event.target;
  if ((await known(slot)) !== words.known) {
    tell(words.elsewhere);
    return;
  }
  const key = await take(slot);
  const certificate = JSON.parse(form.dataset.certificate);
  form.signature.value = sign(
    digest(JSON.parse(box.dataset.domain), "KeyCertificate", certificate),
    key,
  );
  key.fill(0);
  form.submit();
}

const failing = (act) => (event) => act(event).catch(() => tell(words.noStorage));
document.getElementById("offer")?.addEventListener("submit", failing(offer));
for (const form of document.querySelectorAll("form[data-certificate]")) {
  form.addEventListener("submit", failing(certify));
}
