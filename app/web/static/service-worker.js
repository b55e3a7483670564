// Keeps the citizen's code page for use without network; everything else always asks the server.
const CACHE = "civis-code-1";
const PAGE = "/me/code";
const FILES = [
  "/static/civis.css",
  "/static/icon.svg",
  "/static/js/my_code.js",
  "/static/js/sign_out.js",
  "/static/js/time_code.js",
];

// The page that is open at the first visit is served from then on, and not only the next one.
self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// Under its path alone, so that one page is kept and never an older one of another language.
async function fresh(request, path) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await (await caches.open(CACHE)).put(path, answer.clone());
    if (answer.type === "opaqueredirect") await caches.delete(CACHE); // signed out elsewhere
    return answer;
  } catch (error) {
    const kept = await caches.match(path, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  const kept = path === PAGE || FILES.includes(path);
  if (event.request.method === "GET" && kept) event.respondWith(fresh(event.request, path));
});

// A page of somebody signed out is a redirection, which is never kept in the place of the code.
async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll([new Request(PAGE, { redirect: "error" }), ...FILES]);
}

// Signing out forgets the page, and with it the secret: after what is being kept, never before it.
const TASKS = new Map([
  ["keep", keep],
  ["forget", () => caches.delete(CACHE)],
]);
let last = Promise.resolve();
self.addEventListener("message", (event) => {
  const task = TASKS.get(event.data);
  if (!task) return;
  last = last.then(task).catch(() => {});
  event.waitUntil(last);
});
