// What the page of one's own key says and asks of the server. No key is here.
import { toHex } from "./typed.js";

export const box = document.getElementById("own-key");
export const says = box.dataset;
export const part = (name) => box.querySelector(`[data-part="${name}"]`);

export function only(...names) {
  for (const one of box.querySelectorAll("[data-part]")) one.hidden = !names.includes(one.dataset.part);
}

export function fail(title, detail = "") {
  const line = document.getElementById("own-key-problem");
  line.hidden = !title;
  line.querySelector("h2").textContent = title;
  line.querySelector("p").textContent = detail;
  if (title) line.scrollIntoView();
}

class Refused extends Error {
  constructor(problem) {
    super(problem.title);
    this.problem = problem;
  }
}

async function told(answer) {
  const content = await answer.json();
  if (answer.ok) return content;
  throw new Refused(content);
}

export const accounts = async () =>
  told(await fetch(says.accountsUrl, { headers: { Accept: "application/json" } }));

// Each request is one of its own; a proof that is asked for is given on the page of proof.
export async function send(url, body) {
  const headers = {
    Accept: "application/json",
    "Content-Type": "application/json",
    "X-CSRF-Token": says.csrf,
    "Idempotency-Key": toHex(crypto.getRandomValues(new Uint8Array(16))),
  };
  return told(await fetch(url, { method: "POST", headers, body: JSON.stringify(body) }));
}

// Runs what a form is for, with its button off meanwhile; whatever goes wrong is said.
export function onSubmit(name, act) {
  const form = part(name).querySelector("form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button:not([type=button])");
    button.disabled = true;
    fail("");
    try {
      await act(form);
    } catch (error) {
      explain(error);
    } finally {
      button.disabled = false;
    }
  });
}

function explain(error) {
  const { problem } = error;
  if (problem?.code === "step-up-needed") location.assign(says.confirmUrl);
  else if (problem) fail(problem.title, [problem.detail, problem.remedy].join(" "));
  else fail(says.failed, String(error.message));
}

// A passphrase is typed where no passkey is chosen.
export function byPasskeyOrPassphrase() {
  for (const choice of box.querySelectorAll("[data-lock]")) {
    const typed = choice.querySelector("[data-passphrase]");
    choice.addEventListener("change", () => {
      typed.hidden = choice.querySelector("[data-by-passkey]")?.checked === true;
    });
    typed.hidden = choice.querySelector("[data-by-passkey]")?.checked === true;
  }
}
