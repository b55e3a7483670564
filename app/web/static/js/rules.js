// Checks a rule set while it is typed; the server says what is wrong, place by place.
const area = document.querySelector("textarea[data-check]");
const found = document.getElementById("found");
const PAUSE = 600; // milliseconds without a key
let waiting = 0;
let asked = 0;

function line(parts) {
  const item = document.createElement("li");
  item.className = "wrap-anywhere";
  item.append(...parts);
  return item;
}

function list(items) {
  const made = document.createElement("ul");
  made.className = "list";
  made.append(...items);
  return made;
}

function fault({ place, says }) {
  const where = document.createElement("span");
  where.className = "code";
  where.textContent = place;
  return line([where, ` ${says}`]);
}

function paragraph(text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}

function show({ faults, warnings }) {
  area.setAttribute("aria-invalid", String(faults.length > 0));
  const parts = faults.length ? [list(faults.map(fault))] : [paragraph(area.dataset.good)];
  if (warnings.length) parts.push(list(warnings.map((text) => line([text]))));
  found.replaceChildren(...parts);
}

async function check() {
  const number = ++asked;
  const form = area.form;
  const body = new URLSearchParams({
    csrf_token: form.elements.csrf_token.value,
    rules: area.value,
  });
  try {
    const answer = await fetch(area.dataset.check, { method: "POST", body });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const said = await answer.json();
    if (number === asked) show(said);
  } catch {
    if (number === asked) found.replaceChildren(paragraph(area.dataset.silent));
  }
}

area?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(check, PAUSE);
});
