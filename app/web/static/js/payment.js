// Follows one payment on either side. A lost answer shows "checking" until the server says what
// happened. Asking is harmless, and paying again pays once; so nothing is ever paid by itself.
import { within } from "./patience.js";
import { ready } from "./scripted.js";

const box = document.getElementById("payment");
const form = document.getElementById("accept");
const checking = document.getElementById("checking");
const refused = document.getElementById("refused");
const says = box.dataset;
const own = form?.dataset.ordersUrl && import("./own_payment.js"); // the payer keeps the key
let busy = false; // one question at a time
let unsure = false; // the answer to "pay" was lost
let paying = null; // the status of the last refusal to pay; null while that is not on the page

class Refused extends Error {
  constructor(status, problem) {
    super(problem.title);
    this.status = status;
    this.problem = problem;
  }
}

async function ask(url, seconds, options) {
  const signal = within(seconds * 1000);
  const headers = { Accept: "application/json", ...options.headers };
  const answer = await fetch(url, { ...options, headers, signal });
  const content = await answer.json(); // no JSON: something between us answered
  if (answer.ok) return content;
  const open = answer.status >= 500 && options.method !== "POST"; // asked again until it works
  if (open || !content.code || content.code === "idempotency-in-flight") throw new Error(content.code);
  throw new Refused(answer.status, content);
}

function check() {
  checking.textContent = navigator.onLine ? says.checking : says.offline;
  checking.hidden = false;
}

function refuse({ status, problem }, poll) {
  const { title, detail, remedy, reference } = problem;
  const lines = [detail === title ? "" : detail, remedy, reference && `${says.reference} ${reference}`];
  refused.querySelector("h2").textContent = poll || unsure || status >= 500 ? title : `${says.unpaid} ${title}`;
  refused.querySelectorAll("p[data-line]").forEach((line, at) => {
    line.textContent = lines[at] ?? "";
  });
  refused.querySelector("[data-sign-in]").hidden = status !== 401;
  refused.querySelector("[data-again]").hidden = problem.code !== "form-expired";
  refused.hidden = false;
  checking.hidden = true;
  paying = poll ? null : status;
}

function arrived(state) {
  checking.hidden = true;
  if (paying === null || paying === 401) refused.hidden = true; // signed in again
  const typing = document.querySelector("#payment details[open], #payment [data-asking]");
  if (state !== says.state && !typing) location.assign(says.page);
  if (unsure && state === "requested") {
    checking.textContent = says.notPaid;
    checking.hidden = false;
  }
}

async function follow() {
  if (busy) return;
  busy = true;
  try {
    arrived((await ask(says.statusUrl, 8, {})).state);
  } catch (error) {
    if (error instanceof Refused && paying === null) refuse(error, true);
    else if (error instanceof Refused) checking.hidden = true;
    else check();
  } finally {
    busy = false;
  }
}

// What is sent to pay; null where the owner's key did not sign.
async function signedByOwner() {
  if (!own) return "{}";
  const signatures = await (await own).signatures(form, ask);
  return signatures && JSON.stringify({ signatures });
}

async function pay(event) {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  refused.hidden = true;
  paying = null;
  const headers = {
    "Content-Type": "application/json",
    "X-CSRF-Token": form.elements.csrf_token.value,
    "Idempotency-Key": form.elements.idempotency_key.value,
  };
  try {
    const body = await signedByOwner();
    if (body) await ask(says.acceptUrl, 20, { method: "POST", headers, body });
    unsure = false;
  } catch (error) {
    if (error instanceof Refused && error.problem.code === "step-up-needed") {
      if (own) location.assign(form.dataset.confirmUrl); // a form would bring no signature
      else form.submit(); // the page asks for the proof, then comes back to this form
      return;
    }
    if (error instanceof Refused) refuse(error, false);
    else unsure = true;
    if (unsure) check();
  }
  await follow();
  button.disabled = false;
}

async function watch() {
  await follow();
  setTimeout(watch, 1500);
}

if (form) {
  form.addEventListener("submit", pay);
  ready(form);
}
own?.then((module) => module.prepare(form));
history.replaceState(null, "", says.page); // reloading the answer to a form sends nothing again
if (["requested", "accepted"].includes(says.state)) {
  setTimeout(watch, 1500);
  addEventListener("online", follow);
  addEventListener("offline", check);
}
