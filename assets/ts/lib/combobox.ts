// One combobox by the ARIA Authoring Practices ("editable combobox with list autocomplete"): used by search, link and links.
import { icon, make, uniqueId } from "./page";

/** What <base>/pick answers, one item a record. */
export interface Choice {
  ref: string;
  title: string;
  subtitle?: string;
  label?: string;
  icon?: string;
  url?: string;
}

export interface ComboboxOptions {
  /** Asks for the choices of what is typed; aborted by the signal when more is typed. */
  load(query: string, signal: AbortSignal): Promise<Choice[]>;
  choose(choice: Choice): void;
  /** Said when nothing is found. */
  empty: string;
  /** Characters typed before the first request; 0 opens on focus. */
  minimum?: number;
  delay?: number;
  /** Whether Enter without a choice sends the form. */
  submits?: boolean;
}

// Where a page that was just opened puts the focus, the choices would cover what there is to read.
let touched = false;
for (const happening of ["pointerdown", "keydown"]) addEventListener(happening, () => (touched = true), { capture: true, once: true });

export class Combobox {
  private list: HTMLUListElement;
  private choices: Choice[] = [];
  private active = -1;
  private timer = 0;
  private request: AbortController | null = null;

  constructor(
    private input: HTMLInputElement,
    private options: ComboboxOptions,
  ) {
    this.list = make("ul", { id: uniqueId("choices"), role: "listbox", class: "choices", hidden: "" });
    this.list.setAttribute("aria-label", input.getAttribute("aria-label") ?? input.labels?.[0]?.textContent?.trim() ?? "");
    input.after(this.list);
    for (const [name, value] of Object.entries({
      role: "combobox",
      autocomplete: "off",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
    }))
      input.setAttribute(name, value);
    input.addEventListener("input", () => {
      this.choices = []; // what is shown no longer answers what is typed
      this.ask(this.options.delay ?? 120);
    });
    input.addEventListener("focus", () => touched && (this.options.minimum ?? 0) === 0 && !input.value && this.ask(0));
    input.addEventListener("blur", () => setTimeout(() => this.close(), 120));
    input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = (event.target as Element).closest("[role=option]");
      if (option) this.pick(Number((option as HTMLElement).dataset.index));
    });
  }

  close(): void {
    clearTimeout(this.timer);
    this.request?.abort();
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  private ask(delay: number): void {
    clearTimeout(this.timer);
    const query = this.input.value.trim();
    if (query.length < (this.options.minimum ?? 0)) return this.close();
    this.timer = window.setTimeout(async () => {
      this.request?.abort();
      this.request = new AbortController();
      try {
        this.show(await this.options.load(query, this.request.signal));
      } catch (error) {
        if (!(error instanceof DOMException && error.name === "AbortError")) this.close();
      }
    }, delay);
  }

  private show(choices: Choice[]): void {
    this.choices = choices;
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    const items = choices.map((choice, index) => this.item(choice, index));
    this.list.replaceChildren(
      ...(items.length ? items : [make("li", { class: "choices-empty", role: "option", "aria-disabled": "true" }, this.options.empty)]),
    );
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  private item(choice: Choice, index: number): HTMLLIElement {
    const item = make("li", { role: "option", id: `${this.list.id}-${index}`, "data-index": String(index) });
    if (choice.icon) item.append(icon(choice.icon));
    item.append(make("span", { class: "choices-title" }, choice.title));
    if (choice.subtitle) item.append(make("span", { class: "choices-detail" }, choice.subtitle));
    if (choice.label) item.append(make("span", { class: "choices-label" }, choice.label));
    return item;
  }

  private key(event: KeyboardEvent): void {
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return this.ask(0);
      const count = this.choices.length;
      if (count) this.move((this.active + (event.key === "ArrowDown" ? 1 : this.active < 0 ? 0 : -1) + count) % count);
    } else if (event.key === "Enter" && open && (this.active >= 0 || !this.options.submits)) {
      event.preventDefault();
      if (this.active >= 0) this.pick(this.active);
      else this.pickOnly();
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Tab") {
      if (open && this.active < 0 && !this.options.submits) this.pickOnly();
      this.close();
    }
  }

  private move(index: number): void {
    this.list.querySelector("[aria-selected=true]")?.removeAttribute("aria-selected");
    const option = this.list.children[index];
    if (!option) return;
    this.active = index;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  /** What is typed fits one choice alone: that is meant. */
  private pickOnly(): void {
    if (this.input.value.trim() && this.choices.length === 1) this.pick(0);
  }

  private pick(index: number): void {
    const choice = this.choices[index];
    this.close();
    if (choice) this.options.choose(choice);
  }
}

/** Asks an address that answers a JSON list of choices. */
export async function fetchChoices(url: string, query: string, objects: string, signal: AbortSignal): Promise<Choice[]> {
  const parameters = new URLSearchParams({ q: query });
  if (objects) parameters.set("objects", objects);
  const answer = await fetch(`${url}?${parameters}`, { signal, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return (await answer.json()) as Choice[];
}
