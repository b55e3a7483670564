// Shows how far a file is until its job has ended; then the whole page is loaded, with results.
const box = document.getElementById("import");

async function follow() {
  try {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById("import");
    if (now.dataset.open === "no") location.reload();
    else box.replaceChildren(...now.childNodes);
  } catch {
    // the network is away: asked again next time
  }
}

setInterval(follow, 2000);
