// The part of a page that asks for what opens the key: a passphrase, or the passkey's own prompt.
// Its field has no name, so no form ever carries what is typed there.
import { unlock } from "./vault.js";

// Shows what this record needs.
export function asks(box, row) {
  box.hidden = !row;
  for (const part of box.querySelectorAll("[data-way]")) part.hidden = part.dataset.way !== row?.way;
}

// The seed; null with a line said where that did not work.
export async function opened(box, row) {
  const wrong = box.querySelector("[data-wrong]");
  const working = box.querySelector("[data-working]");
  const field = box.querySelector("input");
  wrong.hidden = true;
  working.hidden = false;
  const seed = await unlock(row, field.value);
  working.hidden = true;
  wrong.hidden = seed !== null;
  if (seed) field.value = "";
  else field.focus();
  return seed;
}
