// Links to records: what the palette, the panel and "next in the list" have in common.
import { base } from "./page";

const RECORD = /^\/([a-z][a-z0-9_-]*)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** "contacts/<uuid>" where an address is the page of a record of this workspace, else "". */
export function refOf(address: string): string {
  const url = new URL(address, location.href);
  if (url.origin !== location.origin || !base() || !url.pathname.startsWith(base())) return "";
  return RECORD.test(url.pathname.slice(base().length)) ? url.pathname.slice(base().length + 1) : "";
}

/** Every link to a record inside an element, one for each record, in their order. */
export function recordLinks(place: ParentNode): HTMLAnchorElement[] {
  const found = new Map<string, HTMLAnchorElement>();
  for (const link of place.querySelectorAll<HTMLAnchorElement>("a[href]")) {
    const ref = refOf(link.href);
    if (ref && !found.has(ref)) found.set(ref, link);
  }
  return [...found.values()];
}

/** The link to the record that an element is about: itself, or the first of its row, card or item. */
export function linkAt(element: Element | null): HTMLAnchorElement | null {
  const link = element?.closest<HTMLAnchorElement>("a[href]");
  if (link) return refOf(link.href) ? link : null;
  const row = element?.closest("tr, .board-card, .fc-event, .moment");
  return row ? (recordLinks(row)[0] ?? null) : null;
}

/** The record at hand: the one in the panel, the page's own, or the one whose row has the focus; "" for none. */
export function refAtHand(focused: Element | null): string {
  const shown = document.querySelector<HTMLElement>(".peek article[data-ref]") ?? document.querySelector<HTMLElement>("article[data-ref]");
  const link = linkAt(focused);
  return shown?.dataset.ref ?? (link ? refOf(link.href) : "");
}
