// Shows the citizen's code of this minute; needs no network once the page is there.
import { STEP_SECONDS, timeCode } from "./time_code.js";

const card = document.getElementById("code");
const shown = document.getElementById("time-code");
const left = document.getElementById("left");
const words = document.getElementById("left-words");
let step = -1;

async function tick() {
  const now = Date.now() / 1000;
  const current = Math.floor(now / STEP_SECONDS);
  if (current !== step) {
    const code = await timeCode(card.dataset.secret, now);
    shown.textContent = `${code.slice(0, 3)} ${code.slice(3)}`;
    step = current;
  }
  left.value = STEP_SECONDS - (now % STEP_SECONDS);
  words.textContent = card.dataset.waiting.replace("{n}", String(Math.ceil(left.value)));
}

tick();
setInterval(tick, 1000);

// The first visit came past the worker, which didn't exist yet; so the page is kept on demand.
async function keepForLater() {
  await navigator.serviceWorker.register("/service-worker.js");
  const { active } = await navigator.serviceWorker.ready;
  if (navigator.onLine) active.postMessage("keep");
}

if ("serviceWorker" in navigator) keepForLater();
