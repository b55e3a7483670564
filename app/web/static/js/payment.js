// Follows one payment on either side. A lost answer shows "checking" until the server says what
// happened; asking is harmless, and paying again with the same key pays once.
const box = document.getElementById("payment");
const form = document.getElementById("accept");

async function state() {
  const answer = await fetch(box.dataset.statusUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).state;
}

function announce(text) {
  let line = document.getElementById("checking");
  if (!line) {
    line = document.createElement("p");
    line.id = "checking";
    line.className = "warning";
    line.setAttribute("role", "status");
    box.prepend(line);
  }
  line.textContent = text;
}

async function follow() {
  try {
    if ((await state()) !== box.dataset.state) location.reload();
  } catch {
    announce(box.dataset.checking);
  }
}

async function pay(event) {
  event.preventDefault();
  form.querySelector("button").disabled = true;
  try {
    await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
  } catch {
    announce(box.dataset.checking);
  }
  await follow();
  form.querySelector("button").disabled = false;
}

form?.addEventListener("submit", pay);
if (["requested", "accepted"].includes(box.dataset.state)) setInterval(follow, 1500);
