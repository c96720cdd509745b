// The service worker of a workspace: where no network answers, the page that is kept on the device does. It keeps that page and what the page is
// made of, never any other; every other request goes its way untouched. The server puts `told` before this script.
interface Told {
  page: string;
  files: string[];
}
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Lasting {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
declare const told: Told;

const scope = globalThis as unknown as {
  addEventListener(name: string, heard: (event: never) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
};
const shelf = `trato ${told.page} ${told.files.join(" ")}`;

async function keptOf(request: Request | string): Promise<Response> {
  return (await (await caches.open(shelf)).match(request, { ignoreSearch: true, ignoreVary: true })) ?? Response.error();
}

/** What the network answers, which is kept, else what was kept before. */
async function fresh(request: Request, address: string): Promise<Response> {
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected && answer.type === "basic") await (await caches.open(shelf)).put(address, answer.clone());
    return answer;
  } catch {
    return keptOf(address);
  }
}

scope.addEventListener("install", (event: Lasting) =>
  event.waitUntil(
    caches
      .open(shelf)
      .then((cache) => cache.addAll([told.page, ...told.files]))
      .then(() => scope.skipWaiting()),
  ),
);

scope.addEventListener("activate", (event: Lasting) =>
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith(`trato ${told.page} `) && name !== shelf))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => scope.clients.claim()),
  ),
);

scope.addEventListener("fetch", (event: Fetching) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname === told.page || told.files.includes(pathname)) event.respondWith(fresh(request, pathname));
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => keptOf(told.page)));
});
