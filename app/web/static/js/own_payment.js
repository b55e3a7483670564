// A payment by whoever keeps the key: the orders are read, compared with what the page shows, and
// signed here. Null where they were not: the form says why.
import { domainOf, signOrders } from "./own_key.js";
import { asks, opened } from "./unlocking.js";
import { holder } from "./vault.js";

async function record(form) {
  const rows = await Promise.all(JSON.parse(form.dataset.accounts).map(holder));
  return rows.every(Boolean) ? rows[0] : undefined;
}

export async function prepare(form) {
  const row = await record(form);
  form.querySelector("[data-elsewhere]").hidden = Boolean(row);
  asks(form.querySelector("[data-unlock]"), row);
}

export async function signatures(form, ask) {
  const row = await record(form);
  const seed = row && (await opened(form.querySelector("[data-unlock]"), row));
  if (!seed) return null;
  const { items } = await ask(form.dataset.ordersUrl, 8, {});
  const [domain, cents] = [domainOf(row.domains.desk), Number(form.dataset.cents)];
  const signed = await signOrders(items, seed, domain, cents).catch(() => null);
  seed.fill(0);
  form.querySelector("[data-other]").hidden = Boolean(signed);
  return signed;
}
