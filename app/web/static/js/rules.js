// Checks a rule set while it is typed; the server says what is wrong, place by place, and what
// sample deeds would bring.
const form = document.querySelector("form[data-check]");
const found = document.getElementById("found");
const samples = document.getElementById("samples");
const PAUSE = 600; // milliseconds without a key
let waiting = 0;
let asked = 0;

function made(tag, className, ...parts) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...parts);
  return element;
}

function list(items, className = "list") {
  return made("ul", className, ...items.map((parts) => made("li", "wrap-anywhere", ...parts)));
}

function fault({ place, says }) {
  return [made("span", "code", place), ` ${says}`];
}

function sample({ what, was, will, differs }) {
  const cells = [made("td", "", what)];
  if (was !== null) cells.push(made("td", "number", was));
  cells.push(made("td", "number", differs ? made("strong", "", will) : will));
  return made("tr", "", ...cells);
}

function show({ faults, warnings, samples: rows }) {
  form.elements.rules?.setAttribute("aria-invalid", String(faults.length > 0));
  const parts = faults.length
    ? [list(faults.map(fault))]
    : [made("p", "", form.dataset.good)];
  if (warnings.length) {
    parts.push(made("p", "", made("strong", "", form.dataset.warned)));
    parts.push(list(warnings.map((text) => [text]), "list small"));
  }
  found.replaceChildren(...parts);
  if (samples && !faults.length) samples.replaceChildren(...rows.map(sample));
}

async function check() {
  const number = ++asked;
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") body.append(name, value);
  }
  try {
    const answer = await fetch(form.dataset.check, { method: "POST", body });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const said = await answer.json();
    if (number === asked) show(said);
  } catch {
    if (number === asked) found.replaceChildren(made("p", "", form.dataset.silent));
  }
}

// Which parts stand open goes along, so that they still do on the next page.
form?.addEventListener("toggle", ({ target }) => {
  const open = form.elements.namedItem("open");
  if (!open || !target.id) return;
  const names = new Set(open.value.split(" ").filter(Boolean));
  if (target.open) names.add(target.id);
  else names.delete(target.id);
  open.value = [...names].join(" ");
}, true);

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(check, PAUSE);
});
