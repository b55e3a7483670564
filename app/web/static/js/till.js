// Asking for an amount without network keeps what was typed. The form's key stays the same, so
// pressing again asks once, even if the first try did arrive.
import { within } from "./patience.js";

const notice = document.getElementById("no-network");

async function send(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector("button");
  button.disabled = true;
  notice.hidden = true;
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, signal: within(15000) });
    if (answer.redirected && answer.ok) location.assign(answer.url);
    else form.submit(); // a question or a refusal is a page of its own
  } catch {
    notice.hidden = false;
  } finally {
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll("form[data-keeps]")) form.addEventListener("submit", send);
