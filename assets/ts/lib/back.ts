// On the way back everything stands as it was left: the places of boards and calendars, and the focus on the record that was opened.
// (Tables keep their own places and ticks: elements/grid.ts and select.ts. A board fetches the cards again that were there, and
// says "trato:filled" then.)
import { refOf } from "./links";

const SCROLLED = ".board, .board-cards, .fc-scroller, .results";
const LISTED = "#list-body, .results, .lines, .todo";
const SOON = 500;

interface Left {
  scrolled: [number, number][];
  opened: string;
}

/** Whether this page was reached by the browser's way back (or forward, or was loaded again), and not by a link or a form. */
export function cameBack(): boolean {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return entry?.type === "back_forward" || entry?.type === "reload";
}

const place = (): string => `trato.left ${location.pathname}${location.search}`;
const scrollers = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(SCROLLED)];

function restore({ scrolled, opened }: Left): void {
  scrollers().forEach((element, index) => element.scrollTo(...(scrolled[index] ?? [0, 0])));
  if (!opened || document.activeElement !== document.body) return;
  const links = [...document.querySelectorAll<HTMLAnchorElement>(`:is(${LISTED}) a[href]`)];
  links.find((link) => refOf(link.href) === opened)?.focus({ preventScroll: true });
}

export function listen(): void {
  let opened = "";
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>(`:is(${LISTED}) a[href]`);
    if (link) opened = refOf(link.href);
  });
  addEventListener("pagehide", () => {
    const scrolled = scrollers().map((element) => [element.scrollLeft, element.scrollTop]);
    sessionStorage.setItem(place(), JSON.stringify({ scrolled, opened }));
  });
  const kept = sessionStorage.getItem(place());
  if (!kept || !cameBack()) return;
  const left = JSON.parse(kept) as Left;
  requestAnimationFrame(() => restore(left));
  setTimeout(() => restore(left), SOON); // what is drawn from an answer, such as a calendar
  document.addEventListener("trato:filled", () => restore(left), { once: true });
}
