/**
 * Keeps the page's own files, so that the page opens without a connection and can say so.
 *
 * With a connection everything comes from the service, as without this worker. No answer of the
 * service is ever kept: only the files that are listed here. Whoever serves this fills in the marks.
 */

const VERSION = "{{version}}";
const FILES = "{{files}}".split(" ");
const PREFIX = "carbon-account-page-";
const KEPT = `${PREFIX}${VERSION}`;
const PAGE = new URL("../app", self.location).href;
const ADDRESSES = [PAGE, ...FILES.map((name) => new URL(name, self.location).href)];

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(replaceOlder()));
self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  const address = `${origin}${pathname}`;
  if (event.request.method === "GET" && ADDRESSES.includes(address)) {
    event.respondWith(answer(event.request, address));
  }
});

/** Keeps all files or, where one of them is not to be had, none: then the older ones stay. */
async function keep() {
  const cache = await caches.open(KEPT);
  await cache.addAll(ADDRESSES.map((address) => new Request(address, { cache: "no-cache" })));
  await self.skipWaiting();
}

async function replaceOlder() {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith(PREFIX) && name !== KEPT);
  await Promise.all(older.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answer(request, address) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(KEPT)).match(address);
    if (kept === undefined) {
      throw error;
    }
    return kept;
  }
}
