// <trato-lines data-url data-cells data-whole data-moved> around the table of what is part of a record: its cells are changed as in a list
// (lib/cells.ts), rows are moved by dragging their handle or with the arrow keys on it, and after every change the figures follow. What
// else shows the record on the page is fetched again as if somebody else had changed it (elements/live.ts).
import htmx from "htmx.org";
import { Cells } from "../lib/cells";
import { csrf } from "../lib/page";
import type { Change } from "./live";

/** How long what is heard of the record is held to be the own change. */
const OWN = 3000;

class Lines extends HTMLElement {
  private cells: Cells | null = null;
  private quiet = 0;

  connectedCallback(): void {
    const table = this.querySelector("table");
    if (table?.dataset.editable) {
      table.dataset.line = this.dataset.url ?? "";
      this.cells = new Cells(table, this.dataset.cells ?? "");
      void this.drag(table);
    }
    this.addEventListener("keydown", this.key);
    this.addEventListener("trato:written", this.written);
    this.addEventListener("htmx:beforeRequest", this.own);
    document.addEventListener("trato:change", this.heard);
    if (sessionStorage.getItem("trato.added") === this.dataset.url) {
      sessionStorage.removeItem("trato.added");
      const first = this.querySelector<HTMLElement>("[data-add] :is(input:not([type=hidden]), select, textarea)");
      setTimeout(() => first?.focus()); // after htmx gave it back to where it was
    }
  }

  disconnectedCallback(): void {
    this.cells?.stop();
    document.removeEventListener("trato:change", this.heard);
  }

  private own = (event: Event): void => {
    this.quiet = Date.now() + OWN;
    if ((event.target as Element).matches("[data-add]")) sessionStorage.setItem("trato.added", this.dataset.url ?? "");
    this.tellPage();
  };

  /** The head and the fields of the record follow, a moment later. */
  private tellPage(): void {
    const ref = this.dataset.whole ?? "";
    document.dispatchEvent(new CustomEvent<Change>("trato:own", { detail: { ref, object: ref.split("/")[0] ?? "" } }));
  }

  private heard = (event: Event): void => {
    const { ref } = (event as CustomEvent<Change>).detail;
    if (ref !== this.dataset.whole || Date.now() < this.quiet || this.contains(document.activeElement)) return;
    void this.again().then((fresh) => fresh && this.closest("section")?.replaceWith(document.adoptNode(fresh)));
  };

  /** The section as it is now. */
  private async again(): Promise<Element | null> {
    const answer = await fetch(this.dataset.url ?? "", { headers: { "HX-Request": "true" } });
    if (!answer.ok) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("section.lines");
  }

  /** Figures that follow from a change stand in other rows too; the row that was written came with the answer. */
  private written = (): void => {
    this.quiet = Date.now() + OWN;
    this.tellPage();
    void this.again().then((fresh) => {
      const sums = fresh?.querySelector("[data-sums]");
      if (sums) this.querySelector("[data-sums]")?.replaceChildren(...sums.childNodes);
      const there = new Map(this.rows().map((row) => [this.idOf(row), row]));
      fresh?.querySelectorAll("tbody tr").forEach((row) => {
        const cells = there.get(this.idOf(row))?.querySelectorAll("td:not(.tick):not(.cell-editing), th");
        row.querySelectorAll("td:not(.tick), th").forEach((cell, n) => {
          const mine = cells?.[n];
          if (mine && cells.length === row.querySelectorAll("td:not(.tick), th").length && mine.innerHTML !== cell.innerHTML) mine.innerHTML = cell.innerHTML;
        });
      });
    });
  };

  private rows(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("tbody tr")];
  }

  private idOf(row: Element): string {
    return row.querySelector<HTMLAnchorElement>("a.row-title")?.getAttribute("href")?.split("/").pop() ?? "";
  }

  // -- order --------------------------------------------------------------------------------------------------------

  private key = (event: KeyboardEvent): void => {
    const handle = (event.target as Element).closest<HTMLElement>("[data-move]");
    if (!handle || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const row = handle.closest("tr");
    const other = event.key === "ArrowUp" ? row?.previousElementSibling : row?.nextElementSibling;
    if (!row || !other) return;
    if (event.key === "ArrowUp") other.before(row);
    else other.after(row);
    handle.focus();
    const status = this.querySelector("[data-status]");
    if (status) status.textContent = (this.dataset.moved ?? "").replace("{place}", String(this.rows().indexOf(row) + 1));
    void this.keep();
  };

  private async drag(table: HTMLTableElement): Promise<void> {
    const body = table.tBodies[0];
    if (!body?.querySelector("[data-move]")) return;
    const { default: Sortable } = await import("sortablejs");
    Sortable.create(body, { handle: "[data-move]", animation: 120, onEnd: () => void this.keep() });
  }

  private async keep(): Promise<void> {
    this.quiet = Date.now() + OWN;
    const body = new URLSearchParams();
    this.rows().forEach((row) => body.append("id", this.idOf(row)));
    const answer = await fetch(`${this.dataset.url}/order`, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
    const told = answer.headers.get("HX-Trigger");
    const detail: unknown = told && (JSON.parse(told) as { toast?: unknown }).toast;
    if (detail) document.body.dispatchEvent(new CustomEvent("toast", { detail }));
    if (answer.ok) return;
    const fresh = await this.again();
    const section = this.closest("section");
    if (fresh && section) htmx.swap(section, fresh.outerHTML, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
  }
}

customElements.define("trato-lines", Lines);
