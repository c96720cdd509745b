// <trato-board data-url data-move data-object data-by …> with columns of cards (parts/board.html says what is in it).
// A card is moved by dragging, by Shift and an arrow, or from its menu: at once, and back where it was if the server refuses. What
// the column asks for is filled in in the dialog. A card that a colleague moved comes and goes here too.
import htmx from "htmx.org";
import { ask } from "../lib/ask";
import { cameBack } from "../lib/back";
import { csrf, make } from "../lib/page";
import type { Change } from "./live";

interface Head {
  key: string;
  counted: string;
  sums: { label: string; amounts: string[] }[];
}

const FOLDED = "trato.folded";
/** The least time between two looks at what the columns come to: over many records that is work. */
const PAUSE = 1500;

class Board extends HTMLElement {
  private dialog!: HTMLDialogElement;
  private under = new Set<string>();
  private timer = 0;

  connectedCallback(): void {
    this.dialog = this.querySelector("dialog") as HTMLDialogElement;
    this.addEventListener("click", this.clicked);
    this.addEventListener("keydown", this.key);
    document.addEventListener("trato:change", this.heard);
    this.columns().forEach((column) => this.fold(column, this.folded().includes(this.keyOf(column))));
    if ("movable" in this.dataset) void this.drag();
    addEventListener("pagehide", this.leave);
    if (cameBack()) void this.refill();
  }

  disconnectedCallback(): void {
    document.removeEventListener("trato:change", this.heard);
    removeEventListener("pagehide", this.leave);
    clearTimeout(this.timer);
  }

  // -- the way back -------------------------------------------------------------------------------------------------

  private place(): string {
    return `trato.cards ${location.pathname}${location.search}`;
  }

  private cards(column: Element): number {
    return column.querySelectorAll(".board-card").length;
  }

  /** Remember how many cards each column showed; the cards themselves are fetched again. */
  private leave = (): void => {
    const shown = Object.fromEntries(this.columns().map((column) => [this.keyOf(column), this.cards(column)]));
    sessionStorage.setItem(this.place(), JSON.stringify(shown));
  };

  private async refill(): Promise<void> {
    const shown = JSON.parse(sessionStorage.getItem(this.place()) ?? "{}") as Record<string, number>;
    for (const column of this.columns()) {
      for (let before = -1; this.cards(column) > before && this.cards(column) < (shown[this.keyOf(column)] ?? 0); ) {
        before = this.cards(column);
        const more = column.querySelector<HTMLAnchorElement>(".board-more a");
        if (!more) break;
        await htmx.ajax("get", more.href, { target: more.closest("li") as HTMLElement, swap: "outerHTML" });
      }
    }
    document.dispatchEvent(new Event("trato:filled"));
  }

  // -- columns ----------------------------------------------------------------------------------------------------

  private columns(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>(".board-column")];
  }

  private keyOf(element: Element): string {
    return element.closest<HTMLElement>(".board-column")?.dataset.key ?? "";
  }

  private column(key: string): HTMLElement | undefined {
    return this.columns().find((column) => column.dataset.key === key);
  }

  private label(column: Element): string {
    return column.querySelector(".board-label")?.textContent ?? "";
  }

  /** Which columns are folded, on this browser, for this object and field. */
  private folded(): string[] {
    const all = JSON.parse(localStorage.getItem(FOLDED) ?? "{}") as Record<string, string[]>;
    return all[`${this.dataset.object} ${this.dataset.by}`] ?? [];
  }

  private fold(column: HTMLElement, folded: boolean): void {
    column.classList.toggle("folded", folded);
    column.querySelector("[data-fold]")?.setAttribute("aria-expanded", String(!folded));
  }

  private toggle(column: HTMLElement): void {
    this.fold(column, !column.classList.contains("folded"));
    const all = JSON.parse(localStorage.getItem(FOLDED) ?? "{}") as Record<string, string[]>;
    all[`${this.dataset.object} ${this.dataset.by}`] = this.columns()
      .filter((each) => each.classList.contains("folded"))
      .map((each) => this.keyOf(each));
    localStorage.setItem(FOLDED, JSON.stringify(all));
  }

  private async heads(): Promise<void> {
    const answer = await fetch(this.address({ heads: "1" }));
    if (!answer.ok) return;
    const { columns } = (await answer.json()) as { columns: Head[] };
    for (const head of columns) {
      document.querySelectorAll<HTMLElement>("[data-count]").forEach((count) => {
        if (count.dataset.count === head.key) count.textContent = head.counted;
      });
      const sums = this.column(head.key)?.querySelector("[data-sums]");
      sums?.replaceChildren(...head.sums.map((sum) => make("span", { title: sum.label }, sum.amounts.join(" · "))));
    }
  }

  private headsSoon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.heads(), PAUSE);
  }

  private address(more: Record<string, string>): string {
    const url = new URL(this.dataset.url ?? "", location.href);
    for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
    return url.pathname + url.search;
  }

  // -- moving -----------------------------------------------------------------------------------------------------

  private async drag(): Promise<void> {
    const { default: Sortable } = await import("sortablejs");
    for (const list of this.querySelectorAll<HTMLElement>(".board-cards"))
      Sortable.create(list, {
        group: "cards",
        sort: false,
        draggable: ".movable",
        delay: 180,
        delayOnTouchOnly: true,
        animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
        ghostClass: "moving",
        onEnd: ({ item, from, to, oldDraggableIndex }) => {
          if (from === to) return;
          const others = [...from.querySelectorAll(".movable")];
          void this.move(item, to.closest(".board-column") as HTMLElement, from, others[oldDraggableIndex ?? 0] ?? from.lastElementChild);
        },
      });
  }

  /** Move a card, of which ``from`` and ``before`` say where it goes back to when it is refused. */
  private async move(card: HTMLElement, column: HTMLElement, from: Element, before: Element | null, more?: FormData): Promise<void> {
    const focused = card.contains(document.activeElement) || more;
    const list = column.querySelector(".board-cards") as HTMLElement;
    if (card.parentElement !== list) list.prepend(card);
    if (focused) card.querySelector("a")?.focus();
    const id = card.dataset.id ?? "";
    this.under.add(id);
    const data = more ?? new FormData();
    data.set("to", this.keyOf(column));
    data.set("version", card.dataset.version ?? "");
    const back = (text: string) => {
      from.insertBefore(card, before?.isConnected ? before : null);
      card.querySelector("a")?.focus();
      this.say(text);
      document.body.dispatchEvent(new CustomEvent("toast", { detail: { text } }));
    };
    try {
      const query = new URL(this.dataset.url ?? "", location.href).search;
      const address = `${this.dataset.move}${id}/move${query}`;
      const answer = await fetch(address, { method: "POST", body: data, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
      const text = await answer.text();
      if (answer.status === 422) {
        const given = await this.ask((this.dataset.asks ?? "").replace("{column}", this.label(column)), text);
        if (given) return void (await this.move(card, column, from, before, given));
        back(this.dataset.refused ?? "");
      } else if (answer.ok) this.moved(card, column, answer, text, Boolean(focused));
      else {
        back(answer.headers.get("content-type")?.startsWith("text/plain") ? text : (this.dataset.refused ?? ""));
        if (answer.status === 409) void this.fetch(id);
      }
    } catch {
      back(this.dataset.refused ?? "");
    } finally {
      this.under.delete(id);
    }
  }

  private moved(card: HTMLElement, column: HTMLElement, answer: Response, html: string, focused: boolean): void {
    const { toast } = JSON.parse(answer.headers.get("HX-Trigger") ?? "{}") as { toast?: unknown };
    if (toast) document.body.dispatchEvent(new CustomEvent("toast", { detail: toast }));
    if (answer.status === 204) card.remove(); // what was filled in took it off this board
    else {
      const fresh = this.card(html);
      const place = this.column(decodeURIComponent(answer.headers.get("X-Column") ?? "")) ?? column;
      if (place === column) card.replaceWith(fresh);
      else {
        card.remove();
        place.querySelector(".board-cards")?.prepend(fresh);
      }
      if (focused) fresh.querySelector("a")?.focus();
      this.say((this.dataset.moved ?? "").replace("{column}", this.label(place)));
    }
    this.headsSoon();
  }

  private card(html: string): HTMLElement {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return holder.content.querySelector(".board-card") as HTMLElement;
  }

  private say(text: string): void {
    const status = this.querySelector("[data-status]");
    if (status) status.textContent = text;
  }

  private ask(title: string, html: string): Promise<FormData | null> {
    return ask(this.dialog, title, html);
  }

  private async choose(card: HTMLElement): Promise<void> {
    const here = this.keyOf(card);
    const buttons = this.columns().map((column) =>
      make("a", { href: "#", class: "menu-item", "data-to": this.keyOf(column), ...(this.keyOf(column) === here ? { "aria-current": "true" } : {}) }, this.label(column)),
    );
    const holder = make("div", {}, ...buttons);
    let to = here;
    const pick = (event: Event): void => {
      const chosen = (event.target as Element).closest<HTMLElement>("a[data-to]");
      if (!chosen) return;
      event.preventDefault();
      to = chosen.dataset.to ?? "";
      this.dialog.close();
    };
    this.dialog.addEventListener("click", pick);
    await this.ask(this.dataset.to ?? "", holder.outerHTML);
    this.dialog.removeEventListener("click", pick);
    const column = this.column(to);
    const now = card.isConnected ? card : this.querySelector<HTMLElement>(`[data-id="${CSS.escape(card.dataset.id ?? "")}"]`);
    if (column && to !== here && now) void this.move(now, column, now.parentElement as Element, now.nextElementSibling);
    else now?.querySelector("a")?.focus();
  }

  private async gate(button: HTMLElement): Promise<void> {
    const column = button.closest(".board-column") as HTMLElement;
    const query = new URLSearchParams({ by: this.dataset.by ?? "", value: this.keyOf(column) });
    let answer = await fetch(`${button.dataset.gate}?${query}`);
    while (answer.ok || answer.status === 422) {
      const data = await this.ask(this.label(column), await answer.text());
      if (!data) break;
      answer = await fetch(button.dataset.gate ?? "", { method: "POST", body: data, headers: { "X-CSRFToken": csrf() } });
      if (answer.status === 204) return location.reload();
    }
    button.focus();
  }

  private clicked = (event: Event): void => {
    const target = event.target as Element;
    const fold = target.closest("[data-fold]");
    const card = target.closest("[data-move-menu]")?.closest<HTMLElement>(".board-card");
    const gate = target.closest<HTMLElement>("[data-gate]");
    if (fold) this.toggle(fold.closest(".board-column") as HTMLElement);
    else if (card) void this.choose(card);
    else if (gate) void this.gate(gate);
  };

  private key = (event: KeyboardEvent): void => {
    const card = (event.target as Element).closest<HTMLElement>(".board-card");
    if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
    const columns = this.columns();
    const here = columns.indexOf(card.closest(".board-column") as HTMLElement);
    const rightwards = (event.key === "ArrowRight") !== (document.documentElement.dir === "rtl");
    const next = columns[here + (rightwards ? 1 : -1)];
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      if (event.shiftKey && next && card.classList.contains("movable"))
        void this.move(card, next, card.parentElement as Element, card.nextElementSibling);
      else if (!event.shiftKey) this.goTo(columns, here, rightwards ? 1 : -1);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const other = event.key === "ArrowDown" ? card.nextElementSibling : card.previousElementSibling;
      other?.querySelector<HTMLElement>("a")?.focus();
    } else return;
    event.preventDefault();
  };

  /** To the first card of the next column that has one. */
  private goTo(columns: HTMLElement[], here: number, step: number): void {
    for (let at = here + step; columns[at]; at += step) {
      const link = columns[at]?.querySelector<HTMLElement>(".board-card a");
      if (link && !columns[at]?.classList.contains("folded")) return link.focus();
    }
  }

  // -- what others do ---------------------------------------------------------------------------------------------

  private heard = (event: Event): void => {
    const { ref, object } = (event as CustomEvent<Change>).detail;
    if (object !== this.dataset.object) return;
    const id = ref.split("/")[1];
    if (id && !this.under.has(id)) void this.fetch(id);
    this.headsSoon();
  };

  /** Look where a card is now, and put it there. */
  private async fetch(id: string): Promise<void> {
    const answer = await fetch(this.address({ card: id }), { headers: { "HX-Request": "true" } });
    const shown = this.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
    if (!answer.ok || this.under.has(id)) return;
    if (answer.status === 204) return shown?.remove();
    const fresh = this.card(await answer.text());
    const list = this.column(decodeURIComponent(answer.headers.get("X-Column") ?? ""))?.querySelector(".board-cards");
    const focused = shown?.contains(document.activeElement);
    if (shown && shown.parentElement === list) shown.replaceWith(fresh);
    else {
      shown?.remove();
      list?.prepend(fresh);
    }
    if (focused) fresh.querySelector("a")?.focus();
  }
}

customElements.define("trato-board", Board);
