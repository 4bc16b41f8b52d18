/* The desk without a network: its files, kept together by version, so that no page is made of two of them. A new
   version waits until the desk says "take over" or was closed. What the guard wrote lies elsewhere, in IndexedDB, and
   is never touched here. `VERSION`, `SCRIPTS` (that come in one pack) and `FILES` stand before this; the server writes
   them. */

const KNOWN = new Set([...SCRIPTS, ...FILES]);
const KEPT = `gate-desk-${VERSION}`, PLACES = "gate-places", PLACES_FILE = "/desk/regions.json";

addEventListener("install", (event) => event.waitUntil(Promise.all([unpacked(), others()])));

/* All scripts in one answer: small as one, and asked for once. */
async function unpacked() {
  const answer = await fetch(`/desk/pack?v=${VERSION}`), kept = await caches.open(KEPT);
  if (!answer.ok) throw new Error(`pack: ${answer.status}`);
  const headers = { "Content-Type": "text/javascript; charset=utf-8", "X-Content-Type-Options": "nosniff" };
  const put = (part) => {
    const end = part.indexOf("\n");
    return kept.put(part.slice(0, end), new Response(part.slice(end + 1), { headers }));
  };
  await Promise.all((await answer.text()).split("\0").map(put));
}

/* The page has most of these already: the server is only asked whether they are still the same. */
async function others() {
  await (await caches.open(KEPT)).addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })));
}

addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => clients.claim()));
});

addEventListener("message", (event) => {
  if (event.data === "take over") skipWaiting();
});

addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request, { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (mode === "navigate" && pathname === "/desk") event.respondWith(kept("/desk", event.request));
  else if (mode !== "navigate" && KNOWN.has(pathname)) event.respondWith(kept(pathname, event.request));
  else if (pathname === PLACES_FILE) event.respondWith(places(event));
});

async function kept(file, request) {
  return (await (await caches.open(KEPT)).match(file)) ?? fetch(request);
}

/* The list of places: what is here answers at once, what is newer is there the next time. */
async function places(event) {
  const cache = await caches.open(PLACES), here = await cache.match(PLACES_FILE);
  const fresh = fetch(event.request).then((answer) => (answer.ok ? cache.put(PLACES_FILE, answer.clone()).then(() => answer) : answer));
  if (!here) return fresh;
  event.waitUntil(fresh.catch(() => undefined));
  return here;
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("gate-desk-") && name !== KEPT).map((name) => caches.delete(name)));
}
