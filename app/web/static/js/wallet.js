// The page of who keeps the key themselves: a key is made and locked, its sheet typed back, the
// accounts move; a lost key comes back from the sheet; and all of it goes back to the city.
import { addressIn, domainOf, moveOf, provenBy } from "./own_key.js";
import { codeOf, newSeed, seedOf, tidied } from "./seed.js";
import { asks, opened } from "./unlocking.js";
import * as vault from "./vault.js";
import { accounts, box, byPasskeyOrPassphrase, fail, onSubmit, only, part, says, send } from "./wallet_page.js";

const slots = vault.slotsOf(says.person);
const ASKED = [2, 5]; // groups of the code that are typed back
let told = null; // the accounts as the server has them
let current = null; // the record of the key in use
let next = null; // of one that is made and not entered yet
let seed = null; // of `next`, in the time between making and moving

const passkeys = (listed = says.passkeys) =>
  JSON.parse(listed).map((id) =>
    Uint8Array.from(atob(id.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0)),
  );
const kept = () => told.items.filter((one) => one.wallet === "device");
const has = (row, account) => row?.addresses?.[account.programme] === account.address;
const missing = () => kept().filter((one) => !has(current, one));

// What this browser can't move: officers put the new key in the old one's place.
const lost = () => missing().length > 0 && missing().length === kept().length;

function namesAddresses() {
  part("lost").querySelector("[data-addresses]").replaceChildren(
    ...missing().map((one) => {
      const line = document.createElement("li");
      line.textContent = `${one.programme_name}: ${next.addresses[one.programme]}`;
      return line;
    }),
  );
  only("lost");
}

const dueBy = (one) => one.announced && new Date(one.announced.ready_at) <= Date.now();

async function look() {
  [told, current, next] = [
    await accounts(),
    await vault.stored(slots.current),
    await vault.stored(slots.next),
  ];
  const moving = told.items.some((one) => one.moving || (dueBy(one) && one.wallet !== "device"));
  if (!moving && next && kept().some((one) => has(next, one))) await enter();
  else if (next && !next.confirmed && !seed) await drop();
  if (moving) return waits();
  if (told.items.some((one) => one.announced && !dueBy(one))) return announces();
  if (next?.confirmed && lost()) return namesAddresses();
  if (next?.confirmed) return offersMove();
  if (missing().length) return only("missing");
  if (!kept().length) return only("offer");
  return here();
}

function here(...more) {
  part("here").querySelector("[data-rest]").hidden = kept().length === told.items.length;
  asks(part("here").querySelector("[data-unlock]"), current);
  only("here", ...more);
}

// What the server says of it stands on the page already; until then all is as before.
function announces() {
  if (kept().length && !missing().length) here("announced");
  else only("announced");
  setTimeout(() => part("announced").hidden || look().catch(announces), 10_000);
}

// The chain knows the new key: from now on it is the one.
async function enter() {
  current = await vault.change(next, { slot: slots.current });
  await drop();
}

async function drop() {
  await vault.discard(slots.next);
  next = null;
}

function waits() {
  only("moving");
  setTimeout(() => look().catch(() => waits()), 3000);
}

const domains = () => ({ recovery: told.recovery, desk: told.desk });

async function addressesOf(secret) {
  const found = told.items.map(async (one) => [one.programme, await addressIn(secret, one.programme)]);
  return Object.fromEntries(await Promise.all(found));
}

// With the passkey, if that was chosen and it can; else with the passphrase that was typed twice.
async function lock(form, slot, secret, about) {
  const [first, again] = form.querySelectorAll("[data-passphrase] input");
  if (form.querySelector("[data-by-passkey]")?.checked) {
    const made = await vault.lockByPasskey(slot, secret, passkeys(), about).catch(() => null);
    if (made) return made;
    fail(says.noPrf);
    form.querySelector("[data-by-passphrase]").click();
    return null;
  }
  if (first.value.length < 12 || first.value !== again.value) {
    fail(first.value === again.value ? says.short : says.differ);
    return null;
  }
  const made = await vault.lockByPassphrase(slot, secret, first.value, about);
  first.value = again.value = "";
  return made;
}

async function make(form) {
  const secret = newSeed();
  const about = { addresses: await addressesOf(secret), domains: domains(), confirmed: false };
  next = await lock(form, slots.next, secret, about);
  if (!next) return;
  seed = secret;
  await showSheet(secret);
  only("sheet", "check");
}

async function showSheet(secret) {
  part("sheet").querySelector("[data-code]").textContent = await codeOf(secret);
}

async function check(form) {
  const groups = (await codeOf(seed)).split(" ");
  const fields = [...form.querySelectorAll("input")];
  if (!ASKED.every((group, at) => tidied(fields[at].value) === groups[group - 1])) {
    fail(says.notTheCode);
    return;
  }
  next = await vault.change(next, { confirmed: true });
  if (lost()) namesAddresses();
  else offersMove();
}

function offersMove() {
  const form = part("move");
  asks(form.querySelector("[data-unlock=next]"), seed ? null : next);
  const leaves = kept().some((one) => has(current, one));
  asks(form.querySelector("[data-unlock=old]"), leaves ? current : null);
  only("move");
}

async function move(form) {
  const into = seed || (await opened(form.querySelector("[data-unlock=next]"), next));
  const leaves = kept().some((one) => has(current, one));
  const old = leaves ? await opened(form.querySelector("[data-unlock=old]"), current) : null;
  if (!into || (leaves && !old)) return;
  await moveInto(into, old, () => true, form.dataset.act === "passkey");
  seed = null;
}

// Signs for the accounts as they stand; once more if something came in at that very moment.
async function sendMoves(wallet, signed, atOnce = false) {
  const tried = async () => sendOnce(wallet, await signed((told = await accounts()).items), atOnce);
  await tried().catch((error) => {
    if (error.problem?.code !== "move-changed") throw error;
    return tried();
  });
  if (wallet === "device") location.reload(); // the page says from when on
  else await look();
}

async function sendOnce(wallet, moves, atOnce) {
  const silent = () => Promise.reject(new Error(says.silent));
  const asked = atOnce ? provenBy(passkeys(says.oldPasskeys), moves).catch(silent) : null;
  await send(says.movesUrl, { wallet, moves: moves.map((one) => one.said), passkey: await asked });
}

async function moveInto(into, old, chosen, atOnce) {
  const [addresses, domain] = [await addressesOf(into), domainOf((next || current).domains.recovery)];
  const seeds = { old, next: into };
  const signed = (one) => moveOf(one, addresses[one.programme], seeds, domain);
  await sendMoves("device", (items) => Promise.all(items.filter(chosen).map(signed)), atOnce);
}

// Accounts of programmes that began after the key was made: the city made them.
async function moveRest() {
  const secret = await opened(part("here").querySelector("[data-unlock]"), current);
  if (!secret) return;
  current = await vault.change(current, { addresses: await addressesOf(secret) });
  await moveInto(secret, null, (one) => one.wallet !== "device");
}

async function forget() {
  await drop();
  seed = null;
  await look();
}

async function giveBack() {
  const old = await opened(part("here").querySelector("[data-unlock]"), current);
  if (!old) return;
  const domain = domainOf(current.domains.recovery);
  const signed = async (one) => {
    const { address } = await send(says.addressesUrl, undefined);
    return moveOf(one, address, { old }, domain);
  };
  await sendMoves("custodial", () => Promise.all(kept().map(signed)));
}

async function printAgain() {
  const secret = await opened(part("here").querySelector("[data-unlock]"), current);
  if (!secret) return;
  await showSheet(secret);
  only("sheet", "here");
}

const ACTS = {
  rest: moveRest,
  sheet: printAgain,
  renew: () => only("offer"),
  again: () => only("missing"), // who forgot the passphrase, or removed the passkey
  back: giveBack,
};

async function restore(form) {
  const secret = await seedOf(form.querySelector("[data-typed-code]").value);
  const addresses = secret ? await addressesOf(secret) : {};
  if (!kept().every((one) => addresses[one.programme] === one.address)) {
    fail(says.notTheCode);
    return;
  }
  const about = { addresses, domains: domains(), confirmed: true };
  if (!(await lock(form, slots.current, secret, about))) return;
  form.querySelector("[data-typed-code]").value = "";
  await look();
}

if (window.crypto?.subtle && window.indexedDB && window.BigInt) {
  onSubmit("offer", make);
  onSubmit("check", check);
  onSubmit("move", move);
  onSubmit("missing", restore);
  onSubmit("here", (form) => ACTS[form.dataset.act]());
  for (const button of box.querySelectorAll("form button:not([type=button])")) {
    button.addEventListener("click", () => {
      button.form.dataset.act = button.value;
    });
  }
  for (const button of box.querySelectorAll("[data-forget]")) button.addEventListener("click", forget);
  box.querySelector("[data-anew]").addEventListener("click", () => only("offer"));
  byPasskeyOrPassphrase();
  look().catch((error) => fail(says.failed, error.message));
} else {
  only("unable");
}
