// Keeps the citizen's code page for use without network; everything else always asks the server.
const CACHE = "civis-code-1";
const FILES = [
  "/static/civis.css",
  "/static/icon.svg",
  "/static/js/my_code.js",
  "/static/js/time_code.js",
];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

async function fresh(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await (await caches.open(CACHE)).put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const kept = url.pathname === "/me/code" || FILES.includes(url.pathname);
  if (event.request.method === "GET" && kept) event.respondWith(fresh(event.request));
});

// Signing out forgets the page, and with it the secret.
self.addEventListener("message", (event) => {
  if (event.data === "forget") event.waitUntil(caches.delete(CACHE));
});
