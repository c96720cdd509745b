// <trato-layout>: fields of a layout are moved by dragging or by the arrow keys on their handle, and by the choice of another section; the
// preview follows. The order of the form is the layout; what the form's buttons do, the server does.
import { csrf } from "../lib/page";

const PATIENCE = 300;

class Layout extends HTMLElement {
  private waiting = 0;

  connectedCallback(): void {
    this.addEventListener("keydown", this.key);
    this.addEventListener("change", this.change);
    this.addEventListener("input", () => this.later());
    this.addEventListener("htmx:load", () => void this.drag());
    void this.drag();
  }

  private get form(): HTMLFormElement | null {
    return this.querySelector("form");
  }

  private key = (event: KeyboardEvent): void => {
    const handle = (event.target as Element).closest<HTMLElement>("[data-move]");
    const item = handle?.closest("li");
    if (!handle || !item || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const up = event.key === "ArrowUp";
    const other = up ? item.previousElementSibling : item.nextElementSibling;
    if (other) other[up ? "before" : "after"](item);
    else {
      const lists = this.group(item.parentElement!);
      const next = lists[lists.indexOf(item.parentElement!) + (up ? -1 : 1)];
      if (!next) return;
      next[up ? "append" : "prepend"](item);
    }
    handle.focus();
    this.moved(item);
  };

  private change = (event: Event): void => {
    const select = event.target as HTMLSelectElement;
    if (!select.matches("[data-step]")) return;
    const item = select.closest("li");
    if (!item) return this.form?.requestSubmit();
    this.querySelector(`[data-key="${CSS.escape(select.value)}"] ol`)?.append(item);
    select.focus();
    this.moved(item);
  };

  /** The lists among which an item may be moved, in their order. */
  private group(list: HTMLElement): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>(`[data-sortable="${list.dataset.sortable ?? ""}"]`)];
  }

  private moved(item: HTMLElement): void {
    const section = item.closest<HTMLElement>("fieldset");
    const select = item.querySelector("select");
    if (select && section?.dataset.key) select.value = section.dataset.key;
    const status = this.querySelector<HTMLElement>("[data-status]");
    const place = [...(item.parentElement?.children ?? [])].indexOf(item) + 1;
    const name = section?.querySelector<HTMLInputElement>(".layout-section-head input")?.value ?? section?.querySelector("legend")?.textContent?.trim() ?? "";
    const said: Record<string, string> = { "{field}": item.dataset.label ?? "", "{place}": String(place), "{section}": name };
    if (status) status.textContent = (status.dataset.moved ?? "").replace(/\{\w+\}/g, (gap) => said[gap] ?? gap);
    this.form?.classList.add("dirty");
    this.later();
  }

  private later(): void {
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => void this.preview(), PATIENCE);
  }

  private async preview(): Promise<void> {
    const form = this.form;
    if (!form) return;
    const body = new FormData(form);
    body.set("do", "preview");
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": csrf() } });
    const sample = answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("layout-sample") : null;
    if (sample) this.querySelector("#layout-sample")?.replaceWith(sample);
  }

  private async drag(): Promise<void> {
    const { default: Sortable } = await import("sortablejs");
    for (const list of this.querySelectorAll<HTMLElement>("[data-sortable]")) {
      if (Sortable.get(list)) continue;
      Sortable.create(list, { handle: "[data-move]", group: list.dataset.sortable, animation: 120, onEnd: ({ item }) => this.moved(item) });
    }
  }
}

customElements.define("trato-layout", Layout);
