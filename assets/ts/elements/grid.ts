// <trato-grid data-url data-label> around a table of records: columns are made wider and narrower with the pointer or the arrow keys
// (kept at data-url), Shift on a head sorts by one more column, groups fold, and on the way back it stands where it was left.
import { csrf, make } from "../lib/page";
import { cameBack } from "../lib/back";
import { Cells, listAddress } from "../lib/cells";

const STEP = 16;
const NARROWEST = 48;
const PAUSE = 400;

class Grid extends HTMLElement {
  private timer = 0;
  private scroller: HTMLElement | null = null;
  private cells: Cells | null = null;

  connectedCallback(): void {
    const table = this.querySelector("table");
    if (table?.dataset.editable) this.cells = new Cells(table, listAddress());
    this.scroller = this.closest<HTMLElement>(".table-wrap");
    this.addEventListener("click", this.clicked, { capture: true });
    this.heads().forEach((head) => this.handle(head));
    window.addEventListener("pagehide", this.leave);
    if (cameBack()) this.comeBack();
  }

  disconnectedCallback(): void {
    this.cells?.stop();
    window.removeEventListener("pagehide", this.leave);
  }

  private clicked = (event: MouseEvent): void => {
    const target = event.target as Element;
    const more = target.closest<HTMLElement>("[data-more]")?.dataset.more;
    if (event.shiftKey && more) {
      event.preventDefault();
      event.stopImmediatePropagation();
      location.assign(more);
    }
    const fold = target.closest<HTMLElement>("[data-fold]");
    if (fold) this.fold(fold);
  };

  private fold(button: HTMLElement): void {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    const rows = document.getElementById(button.getAttribute("aria-controls") ?? "");
    if (rows) rows.hidden = !open;
  }

  // -- widths -----------------------------------------------------------------------------------------------------

  private heads(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("thead th[data-column]")];
  }

  private column(name: string): HTMLTableColElement | undefined {
    return [...this.querySelectorAll<HTMLTableColElement>("col[data-column]")].find((col) => col.dataset.column === name);
  }

  private handle(head: HTMLElement): void {
    const name = head.dataset.column ?? "";
    const label = (this.dataset.label ?? "").replace("{column}", head.textContent?.trim() ?? "");
    const handle = make("span", {
      class: "resize",
      role: "separator",
      tabindex: "0",
      "aria-orientation": "vertical",
      "aria-label": label,
      "aria-valuemin": String(NARROWEST),
      "aria-valuenow": String(Math.round(head.offsetWidth)),
    });
    head.append(handle);
    handle.addEventListener("click", (event) => event.stopPropagation());
    handle.addEventListener("pointerdown", (event) => this.drag(event, handle, name));
    handle.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!way) return;
      event.preventDefault();
      event.stopPropagation();
      this.fix();
      this.widen(handle, name, Number(this.column(name)?.width) + way * this.turn() * STEP);
      this.keep();
    });
  }

  private turn(): number {
    return getComputedStyle(this).direction === "rtl" ? -1 : 1;
  }

  private drag(event: PointerEvent, handle: HTMLElement, name: string): void {
    event.preventDefault();
    this.fix();
    const start = event.clientX;
    const width = Number(this.column(name)?.width);
    handle.setPointerCapture(event.pointerId);
    const move = (now: PointerEvent) => this.widen(handle, name, width + (now.clientX - start) * this.turn());
    handle.addEventListener("pointermove", move);
    handle.addEventListener(
      "pointerup",
      () => {
        handle.removeEventListener("pointermove", move);
        this.keep();
      },
      { once: true },
    );
  }

  /** From now on every column is as wide as it says; they begin as they are. */
  private fix(): void {
    const table = this.querySelector("table");
    if (!table || table.classList.contains("sized")) return;
    const widths = this.heads().map((head) => [head.dataset.column ?? "", Math.round(head.offsetWidth)] as const);
    widths.forEach(([name, width]) => this.column(name)?.setAttribute("width", String(width)));
    table.classList.add("sized");
  }

  private widen(handle: HTMLElement, name: string, width: number): void {
    const fit = String(Math.max(NARROWEST, Math.round(width)));
    this.column(name)?.setAttribute("width", fit);
    handle.setAttribute("aria-valuenow", fit);
  }

  private keep(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      const body = new URLSearchParams();
      this.querySelectorAll<HTMLTableColElement>("col[data-column]").forEach((col) => body.set(`width.${col.dataset.column}`, col.width));
      void fetch(this.dataset.url ?? "", { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" }, keepalive: true });
    }, PAUSE);
  }

  // -- the place --------------------------------------------------------------------------------------------------

  private leave = (): void => {
    const place = [this.scroller?.scrollLeft ?? 0, this.scroller?.scrollTop ?? 0, scrollY];
    sessionStorage.setItem(`trato.place ${location.pathname}${location.search}`, JSON.stringify(place));
  };

  private comeBack(): void {
    const kept = sessionStorage.getItem(`trato.place ${location.pathname}${location.search}`);
    if (!kept) return;
    const [left, top, page] = JSON.parse(kept) as number[];
    requestAnimationFrame(() => {
      this.scroller?.scrollTo(left ?? 0, top ?? 0);
      scrollTo(0, page ?? 0);
    });
  }
}

customElements.define("trato-grid", Grid);
