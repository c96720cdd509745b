// <trato-neighbours hidden><a data-way="-1">…</a><a data-way="1">…</a></trato-neighbours>, in the head of a record's page.
// A list, board, calendar or search that one leaves for a record is remembered for this tab: its records in their order, and the
// addresses of the page of it before and after. From these come the record before and after, with the same filter and order;
// where they end, the list's own next page is asked for, when it is wanted.
import { recordLinks, refOf } from "../lib/links";
import { base } from "../lib/page";

interface Trail {
  refs: string[];
  before: string;
  after: string;
}

const KEY = "trato.trail";
const PLACES = "#list-body, .results, .lines, .todo";

/** The records of one object on a page of a list, and the pages beside it. */
function trailOf(place: ParentNode, page: ParentNode, plural: string): Trail {
  const rows = [...place.querySelectorAll<HTMLAnchorElement>("a.row-title")];
  const beside = (way: string) => page.querySelector<HTMLAnchorElement>(`.pager a[rel=${way}]`)?.getAttribute("href") ?? "";
  const refs = (rows.length ? rows : recordLinks(place)).map((link) => refOf(link.href));
  return { refs: refs.filter((ref) => ref.startsWith(`${plural}/`)), before: beside("prev"), after: beside("next") };
}

function kept(): Trail | null {
  return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Trail | null;
}

/** A record is opened from where several stand: remember them. */
export function remember(link: HTMLAnchorElement): void {
  const place = link.closest(PLACES);
  const plural = refOf(link.href).split("/")[0];
  if (place && plural) sessionStorage.setItem(KEY, JSON.stringify(trailOf(place, document, plural)));
}

/** The trail, longer by the next page of the list in one direction. */
async function longer(trail: Trail, way: number): Promise<Trail> {
  const address = way > 0 ? trail.after : trail.before;
  if (!address) return trail;
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return trail;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const more = trailOf(page.querySelector("#list-body") ?? page, page, trail.refs[0]?.split("/")[0] ?? "");
  return way > 0
    ? { refs: [...trail.refs, ...more.refs], before: trail.before, after: more.after }
    : { refs: [...more.refs, ...trail.refs], before: more.before, after: trail.after };
}

class Neighbours extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("click", this.clicked);
    this.show();
  }

  private get ref(): string {
    return document.querySelector<HTMLElement>("article[data-ref]")?.dataset.ref ?? "";
  }

  private show(): void {
    const trail = kept();
    const at = trail?.refs.indexOf(this.ref) ?? -1;
    this.hidden = at < 0;
    if (!trail || at < 0) return;
    for (const link of this.querySelectorAll<HTMLAnchorElement>("[data-way]")) {
      const way = Number(link.dataset.way);
      const ref = trail.refs[at + way];
      const more = way > 0 ? trail.after : trail.before;
      link.setAttribute("aria-disabled", String(!ref && !more));
      if (ref) link.href = `${base()}/${ref}`;
      else if (more) link.href = more;
      else link.removeAttribute("href");
    }
  }

  private clicked = async (event: MouseEvent): Promise<void> => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("[data-way]");
    if (!link?.getAttribute("href")) return;
    const trail = kept();
    if (!trail || refOf(link.href)) return;
    event.preventDefault();
    const way = Number(link.dataset.way);
    const told = await longer(trail, way);
    sessionStorage.setItem(KEY, JSON.stringify(told));
    this.show();
    if (refOf(link.href)) location.assign(link.href);
  };
}

export function listen(): void {
  document.addEventListener(
    "click",
    (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
      if (link && refOf(link.href)) remember(link);
    },
    true,
  );
}

customElements.define("trato-neighbours", Neighbours);
