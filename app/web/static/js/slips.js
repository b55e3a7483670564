// What the till keeps of accepted payments until they are settled: a slip of each, which only the
// server can open, and the short code that stands in the till's own list. A payment that the
// server has forgotten since, because it was restored from a backup, is handed in again.
import { storeOf } from "./database.js";
import { within } from "./patience.js";

const MOST = 300; // slips on a device: the oldest go first, a backup has them soonest
const AT_ONCE = 20; // slips asked for by one page
const AGAIN = 600_000; // after a refusal

const box = document.getElementById("slips");
const says = box.dataset;
const run = storeOf("civis-slips", "slips", "id");
const write = (row) => run("readwrite", (store) => store.put(row));
const erase = (row) => run("readwrite", (store) => store.delete(row.id));

class Refused extends Error {
  constructor(problem) {
    super(problem.title);
    this.code = problem.code;
  }
}

// What the server says. Raises Refused for its word on this one payment; all else that keeps it from
// an answer (no network, signed out, being restored) ends the round: the next page begins another.
async function ask(path, body) {
  const headers = { Accept: "application/json" };
  const options = { headers, signal: within(15_000) };
  if (body) {
    options.method = "POST";
    options.body = JSON.stringify(body);
    headers["Content-Type"] = "application/json";
    headers["X-CSRF-Token"] = document.querySelector("input[name=csrf_token]").value;
    headers["Idempotency-Key"] = [...crypto.getRandomValues(new Uint32Array(4))].join("-");
  }
  const answer = await fetch(`${says.payments}/${path}`, options);
  const content = await answer.json();
  if (answer.ok) return content;
  if ([404, 409, 422, 500].includes(answer.status)) throw new Refused(content);
  throw new Error(content.code);
}

// Of all shops whose people use this device; their slips stay theirs, and go with time.
async function kept() {
  const newest = (await run("readonly", (store) => store.getAll())).sort((a, b) => b.at - a.at);
  const since = Date.now() - says.days * 86_400_000;
  const stays = newest.filter((row, place) => place < MOST && row.at > since);
  for (const row of newest) if (!stays.includes(row)) await erase(row);
  return stays.filter((row) => row.shop === says.shop);
}

async function stateOf(row) {
  try {
    return (await ask(row.id)).state;
  } catch (error) {
    if (error.code === "payment-unknown") return "unknown";
    throw error;
  }
}

async function handIn(row) {
  try {
    await ask("slips", { slip: row.slip });
    return { again: true, row: { ...row, why: undefined } };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { again: false, row: { ...row, why: error.message, refusedAt: Date.now() } };
  }
}

// A kept slip whose payment the page doesn't name as on its way: settled, or forgotten.
async function look(row, found) {
  if (row.why && Date.now() - row.refusedAt < AGAIN) return found.refused.push(row);
  const state = await stateOf(row);
  if (state === "settled") return erase(row);
  if (state === "accepted") return undefined;
  const { again, row: now } = await handIn(row);
  await write(now);
  return again ? (found.again += 1) : found.refused.push(now);
}

function tell({ again, refused }) {
  const words = box.querySelector("[data-again]");
  words.textContent = again === 1 ? words.dataset.one : words.dataset.many.replace("{num}", again);
  words.hidden = !again;
  const list = box.querySelector("[data-refused]");
  list.hidden = !refused.length;
  list.querySelector("ul").replaceChildren(
    ...refused.map(({ code, why }) => {
      const line = document.createElement("li");
      line.textContent = `${code} · ${why}`;
      return line;
    }),
  );
  box.hidden = !again && !refused.length;
}

async function handInAgain(rows, waiting) {
  const found = { again: 0, refused: [] };
  try {
    for (const row of rows) if (!waiting.some(({ id }) => id === row.id)) await look(row, found);
  } finally {
    tell(found);
  }
}

async function round() {
  const [waiting, rows] = [JSON.parse(says.waiting), await kept()];
  if (box.querySelector("[data-again]")) await handInAgain(rows, waiting);
  const missing = waiting.filter(({ id }) => !rows.some((row) => row.id === id));
  for (const { id, code } of missing.slice(0, AT_ONCE)) {
    const { slip } = await ask(`${id}/slip`);
    await write({ id, code, slip, shop: says.shop, at: Date.now() });
  }
}

round().catch(() => {}); // the next page tries again; nothing here may keep a till from selling
