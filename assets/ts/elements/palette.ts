// <trato-palette data-url="/w/acme/palette" data-pick="/w/acme/pick" data-search="/w/acme/search" data-label data-records data-all data-count>
// Ctrl/Cmd-K, or any [data-palette]: one line in which everything is found. What can be done is fetched when it is opened; records are
// asked for as one types. An "editable combobox with list autocomplete" in a modal dialog, by the ARIA Authoring Practices.
import { type Choice, fetchChoices } from "../lib/combobox";
import { score, STRONG } from "../lib/fuzzy";
import { refAtHand } from "../lib/links";
import { csrf, icon, make, words } from "../lib/page";

interface Command {
  title: string;
  url: string;
  icon: string;
  detail?: string;
  words?: string;
  keys?: string;
  post?: boolean;
  question?: string;
}

interface Group {
  label: string;
  items: Command[];
}

const SHOWN = 6;
const PAUSE = 120;
const SHORTEST = 2;

class Palette extends HTMLElement {
  private dialog: HTMLDialogElement | null = null;
  private input!: HTMLInputElement;
  private list!: HTMLElement;
  private status!: HTMLElement;
  private groups: Group[] = [];
  private found: Command[] = [];
  private shown: Command[] = [];
  private active = 0;
  private timer = 0;
  private request: AbortController | null = null;
  private came: HTMLElement | null = null;

  connectedCallback(): void {
    document.addEventListener("keydown", this.shortcut, true);
    document.addEventListener("click", this.clicked);
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.shortcut, true);
    document.removeEventListener("click", this.clicked);
  }

  private shortcut = (event: KeyboardEvent): void => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.dialog?.open) this.dialog.close();
    else this.open();
  };

  private clicked = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || !(event.target as Element).closest("[data-palette]")) return;
    event.preventDefault();
    this.open();
  };

  // -- opening ------------------------------------------------------------------------------------------------------

  private build(): HTMLDialogElement {
    const label = this.dataset.label ?? "";
    this.list = make("div", { id: "palette-list", class: "palette-list", role: "listbox", "aria-label": label });
    this.status = make("p", { class: "visually-hidden", role: "status" });
    this.input = make("input", {
      type: "text", class: "palette-input", role: "combobox", autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "go",
      "aria-label": label, "aria-autocomplete": "list", "aria-expanded": "true", "aria-controls": "palette-list", placeholder: label,
    });
    const close = make("button", { type: "button", class: "tool", "aria-label": words("close") }, icon("x"));
    const dialog = make("dialog", { class: "palette", "aria-label": label });
    dialog.append(make("div", { class: "palette-head" }, icon("search"), this.input, close), this.list, this.status);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => this.closed());
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the line
    this.list.addEventListener("click", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option) this.run(Number(option.dataset.index), event.ctrlKey || event.metaKey);
    });
    this.append(dialog);
    return dialog;
  }

  private open(): void {
    if (document.querySelector("dialog[open]")) return;
    this.came = document.activeElement as HTMLElement | null;
    this.dialog ??= this.build();
    this.input.value = "";
    this.found = [];
    this.dialog.showModal();
    this.input.focus();
    this.show();
    void this.fetch();
  }

  private closed(): void {
    clearTimeout(this.timer);
    this.request?.abort();
    this.came?.focus({ preventScroll: true });
  }

  private async fetch(): Promise<void> {
    const asked = new URLSearchParams({ record: refAtHand(this.came), list: location.pathname + location.search });
    const answer = await fetch(`${this.dataset.url}?${asked}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    this.groups = (await answer.json()) as Group[];
    this.show();
  }

  // -- finding ------------------------------------------------------------------------------------------------------

  private get text(): string {
    return this.input.value.trim();
  }

  private typed(): void {
    clearTimeout(this.timer);
    this.request?.abort();
    this.found = [];
    this.active = 0;
    this.show();
    if (this.text.length >= SHORTEST) this.timer = window.setTimeout(() => void this.ask(this.text), PAUSE);
  }

  private async ask(text: string): Promise<void> {
    this.request = new AbortController();
    const choices = await fetchChoices(this.dataset.pick ?? "", text, "", this.request.signal).catch((): Choice[] => []);
    if (text !== this.text) return;
    this.found = choices.map((one) => ({ title: one.title, url: one.url ?? "", icon: one.icon ?? "file", detail: one.label }));
    this.show();
  }

  /** The groups as they stand for what is typed: what fits well, then records, then what fits somehow. */
  private fitting(): Group[] {
    const text = this.text;
    if (!text) return this.groups.map(({ label, items }) => ({ label, items: items.slice(0, SHOWN) }));
    const ranked = this.groups.map(({ label, items }) => {
      const fits = items.map((item) => ({ item, fit: score(text, item.title, `${item.words ?? ""} ${item.detail ?? ""} ${label}`) }));
      const best = fits.filter(({ fit }) => fit).sort((a, b) => b.fit - a.fit).slice(0, SHOWN);
      return { label, items: best.map(({ item }) => item), best: best[0]?.fit ?? 0 };
    });
    ranked.sort((a, b) => b.best - a.best);
    const own = new Set(ranked.flatMap(({ items, best }) => (best >= STRONG ? items.map(({ url }) => url) : [])));
    const records = { label: this.dataset.records ?? "", items: this.found.filter(({ url }) => !own.has(url)) };
    const search = { title: (this.dataset.all ?? "").replace("{words}", text), url: `${this.dataset.search}?${new URLSearchParams({ q: text })}`, icon: "search" };
    return [...ranked.filter(({ best }) => best >= STRONG), records, ...ranked.filter(({ best }) => best < STRONG), { label: "", items: [search] }];
  }

  private show(): void {
    const kept = this.active ? this.shown[this.active]?.url : "";
    const groups = this.fitting().filter(({ items }) => items.length);
    this.shown = groups.flatMap(({ items }) => items);
    this.active = Math.max(0, this.shown.findIndex(({ url }) => kept && url === kept));
    let index = 0;
    this.list.replaceChildren(
      ...groups.map(({ label, items }, number) => {
        const group = make("div", { role: "group" });
        if (label) {
          group.setAttribute("aria-labelledby", `palette-group-${number}`);
          group.append(make("p", { id: `palette-group-${number}`, class: "palette-group" }, label));
        } else group.setAttribute("aria-label", items[0]?.title ?? "");
        group.append(...items.map((item) => this.option(item, index++)));
        return group;
      }),
    );
    this.status.textContent = this.text ? (this.dataset.count ?? "").replace("{count}", String(this.shown.length)) : "";
    this.mark();
  }

  private option(item: Command, index: number): HTMLElement {
    const option = make("div", { role: "option", id: `palette-${index}`, "data-index": String(index), "aria-selected": "false" });
    option.append(icon(item.icon), make("span", { class: "choices-title" }, item.title));
    if (item.detail) option.append(make("span", { class: "choices-label" }, item.detail));
    if (item.keys) option.append(...item.keys.split(" ").map((key) => make("kbd", {}, key)));
    return option;
  }

  // -- choosing -----------------------------------------------------------------------------------------------------

  private mark(): void {
    this.list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    const option = document.getElementById(`palette-${this.active}`);
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  private key(event: KeyboardEvent): void {
    const last = this.shown.length - 1;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && last >= 0) this.active = (this.active + step + last + 1) % (last + 1);
    else if (event.key === "PageDown") this.active = Math.min(last, this.active + SHOWN);
    else if (event.key === "PageUp") this.active = Math.max(0, this.active - SHOWN);
    else if (event.key === "Enter" && !event.isComposing) this.run(this.active, event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.mark();
  }

  private run(index: number, aside: boolean): void {
    const command = this.shown[index];
    if (!command) return;
    if (aside && !command.post) return void window.open(command.url, "_blank", "noopener");
    this.dialog?.close();
    if (!command.post) return location.assign(command.url);
    const form = make("form", { method: "post", action: command.url, hidden: "" });
    form.append(make("input", { type: "hidden", name: "csrfmiddlewaretoken", value: csrf() }));
    if (command.question) form.dataset.confirm = command.question;
    this.append(form);
    form.requestSubmit();
    addEventListener("focus", () => form.remove(), { once: true });
  }
}

customElements.define("trato-palette", Palette);
