// <trato-live data-url="https://live.example/live/events?workspace=acme" data-poll="/w/acme/live/since">
// Listens to what changes in the workspace. Every element with an id and data-live="contacts/<uuid> tasks …" (refs of records, plurals of
// lists) is fetched again from the data-live-url it stands in (else this page) and swapped, unless a person is typing in it: then it says who
// changed it and leaves the choice. An event is {"ref": "contacts/<uuid>", "object": "contacts", "by": "Ana", "about": [refs]}.
// Where the stream does not come through, the poll address is asked every few seconds, until it does.
import htmx from "htmx.org";
import { meet, type Person } from "../lib/here";
import { isTyping, make, words } from "../lib/page";

export interface Change {
  ref: string;
  object: string;
  by?: string;
  about?: string[];
}

// What a person may be doing in an element that a refresh would take away.
const UNDER_WAY = "form.dirty, .fact-editing, [data-one]:checked, trato-menu > [open], dialog[open]";

/** Fetches each address once and puts its parts in the place of the elements they are about. */
async function refresh(elements: HTMLElement[]): Promise<void> {
  const addressOf = (element: HTMLElement) => element.closest<HTMLElement>("[data-live-url]")?.dataset.liveUrl ?? location.href;
  const addresses = new Set(elements.map(addressOf));
  for (const address of addresses) {
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    if (!answer.ok) continue;
    const html = await answer.text();
    for (const element of elements) {
      if (addressOf(element) !== address || !element.isConnected) continue;
      const how = { swapStyle: "outerHTML" as const, swapDelay: 0, settleDelay: 0 };
      htmx.swap(element, html, how, { select: `#${CSS.escape(element.id)}` });
    }
  }
}

// How long a stream may take to open before the page asks by itself, and how often it asks.
const PATIENCE = 8000;
const PAUSE = 15000;

class Live extends HTMLElement {
  private source: EventSource | null = null;
  private polling = 0;
  private place = "";
  private pending = new Map<HTMLElement, Change>();
  private timer = 0;

  connectedCallback(): void {
    if (!this.dataset.url) return;
    const here = document.querySelector<HTMLElement>("article[data-ref]")?.dataset.ref;
    const address = this.dataset.url + (here ? `&here=${encodeURIComponent(here)}` : "");
    this.open(address);
    document.addEventListener("trato:own", this.own); // a part of the page that changed a record shown in others
  }

  disconnectedCallback(): void {
    document.removeEventListener("trato:own", this.own);
    this.source?.close();
    clearTimeout(this.polling);
  }

  private open(address: string): void {
    this.source = new EventSource(address, { withCredentials: true });
    this.source.addEventListener("change", (event) => this.heard(JSON.parse((event as MessageEvent<string>).data) as Change));
    this.source.addEventListener("here", (event) => meet(JSON.parse((event as MessageEvent<string>).data) as Person[]));
    this.source.addEventListener("open", () => this.ask(0));
    this.source.addEventListener("error", () => {
      if (!this.polling) this.ask(PATIENCE);
      if (this.source?.readyState === EventSource.CLOSED) setTimeout(() => this.isConnected && this.open(address), PAUSE * 4);
    });
    this.ask(PATIENCE);
  }

  /** Ask after a while, and then again and again; not at all after 0. */
  private ask(pause: number): void {
    clearTimeout(this.polling);
    this.polling = pause ? window.setTimeout(() => void this.poll(), pause) : 0;
  }

  private async poll(): Promise<void> {
    const answer = await fetch(`${this.dataset.poll}?after=${this.place}`).catch(() => null);
    if (answer?.ok && this.polling) {
      const told = (await answer.json()) as { next: string; changes: Change[] };
      this.place = told.next;
      told.changes.forEach((change) => this.heard(change));
    }
    if (this.polling && this.isConnected) this.ask(PAUSE);
  }

  private own = (event: Event): void => this.await((event as CustomEvent<Change>).detail);

  private heard(change: Change): void {
    document.dispatchEvent(new CustomEvent("trato:change", { detail: change })); // for elements that know better than to be fetched anew
    this.await(change);
  }

  /** What shows the record is fetched a moment later, once for all that is heard until then. */
  private await(change: Change): void {
    const names = new Set([change.ref, change.object, ...(change.about ?? [])]);
    document.querySelectorAll<HTMLElement>("[data-live][id]").forEach((element) => {
      if (element.dataset.live?.split(/\s+/).some((name) => names.has(name))) this.pending.set(element, change);
    });
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.flush(), 400);
  }

  private flush(): void {
    const stale: HTMLElement[] = [];
    for (const [element, change] of this.pending) {
      if (!element.isConnected) continue;
      const busy = isTyping(document.activeElement) && element.contains(document.activeElement);
      if (busy || element.querySelector(UNDER_WAY)) this.offer(element, change);
      else stale.push(element);
    }
    this.pending.clear();
    void refresh(stale);
  }

  private offer(element: HTMLElement, change: Change): void {
    element.querySelector(":scope > .live-notice")?.remove();
    const button = make("button", { type: "button", class: "btn btn-sm" }, words("show"));
    const text = words("changed").replace("{name}", change.by ?? "");
    const notice = make("div", { class: "live-notice", role: "status" }, text, button);
    button.addEventListener("click", () => void refresh([element]));
    element.prepend(notice);
  }
}

customElements.define("trato-live", Live);
