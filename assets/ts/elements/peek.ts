// <trato-peek data-label data-open data-next data-previous>, once a page: a record beside the list it stands in. Space on a link to a
// record (or on its row), or the eye that appears beside it, opens it; Esc closes it and the focus is where it was. The panel is no
// modal dialog: the list stays usable. It shows what the record's own page shows, edited in place; the page's address stays as it is,
// "open" leads to the record's own.
import htmx from "htmx.org";
import { linkAt, recordLinks, refOf } from "../lib/links";
import { icon, isTyping, make, words } from "../lib/page";
import { remember } from "./neighbours";

const PLACES = "#list-body, .results, .timeline, .related-items, .lines, .todo";
const ROWS = "tr, .board-card, .fc-event, .moment, #list-body li, .results li, .related-items li, .lines li";
const EYE = 28; // as in peek.css
const FAR = 88; // pixels a finger draws the sheet down to close it

class Peek extends HTMLElement {
  private panel: HTMLElement | null = null;
  private body!: HTMLElement;
  private full!: HTMLAnchorElement;
  private steps!: HTMLButtonElement[];
  private eye: HTMLButtonElement | null = null;
  private link: HTMLAnchorElement | null = null; // where the record that is shown stands on the page
  private pointed: HTMLAnchorElement | null = null; // where the eye is
  private place: Element | null = null;

  connectedCallback(): void {
    document.addEventListener("keydown", this.key);
    if (matchMedia("(pointer: coarse)").matches) {
      this.equip(document);
      document.addEventListener("htmx:load", (event) => this.equip(event.target as HTMLElement));
    } else {
      document.addEventListener("pointerover", this.pointedAt);
      document.addEventListener("focusin", this.pointedAt);
      document.addEventListener("scroll", this.hideEye, { capture: true, passive: true });
    }
  }

  // -- ways in ------------------------------------------------------------------------------------------------------

  private key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && this.panel && !this.panel.hidden && !isTyping(event.target)) {
      if (!this.panel.querySelector("details.menu-open, trato-menu > [open], .fact-editing")) this.close();
      return;
    }
    const target = event.target as Element;
    if (event.key !== " " || isTyping(target) || target.closest("button, input, summary, .cell-editing")) return;
    const link = linkAt(target);
    if (!link?.closest(PLACES) || this.contains(link)) return;
    event.preventDefault();
    void this.open(link);
  };

  /** The eye stands at the end of the link that is pointed at or has the focus. */
  private pointedAt = (event: Event): void => {
    const target = event.target as Element;
    if (this.eye?.contains(target)) return;
    const row = target.closest(ROWS);
    const link = row && (linkAt(row) ?? recordLinks(row)[0]);
    if (!link?.closest(PLACES) || this.contains(link)) return this.hideEye();
    this.pointed = link;
    this.eye ??= this.makeEye();
    const box = link.getBoundingClientRect();
    const place = link.closest(".board-card") ? link : (link.closest("th, td") ?? link.closest("li, article") ?? link); // a card has a button at its end
    const cell = place.getBoundingClientRect();
    const far = document.documentElement.dir === "rtl" ? innerWidth - cell.left : cell.right;
    this.eye.style.insetInlineStart = `${far - EYE - 4}px`;
    this.eye.style.insetBlockStart = `${box.top + (box.height - EYE) / 2}px`;
    this.eye.hidden = false;
  };

  private hideEye = (): void => {
    if (this.eye) this.eye.hidden = true;
  };

  private makeEye(): HTMLButtonElement {
    const label = this.dataset.label ?? "";
    const eye = make("button", { type: "button", class: "peek-eye", tabindex: "-1", "aria-label": label, title: label }, icon("layout-sidebar-right"));
    eye.addEventListener("click", () => this.pointed && void this.open(this.pointed));
    this.append(eye);
    return eye;
  }

  /** Without a pointer that hovers, every row and card has a button of its own. */
  private equip(part: ParentNode): void {
    for (const link of part.querySelectorAll<HTMLAnchorElement>("#list-body .row-title, .board-card-head > a")) {
      if (link.nextElementSibling?.matches(".peek-open") || !refOf(link.href)) continue;
      const label = `${this.dataset.label ?? ""}: ${link.textContent?.trim() ?? ""}`;
      const button = make("button", { type: "button", class: "peek-open", "aria-label": label }, icon("layout-bottombar"));
      button.addEventListener("click", () => void this.open(link));
      link.after(button);
    }
  }

  // -- the panel ----------------------------------------------------------------------------------------------------

  private build(): HTMLElement {
    const tool = (name: string, label: string) => make("button", { type: "button", class: "tool", "aria-label": label, title: label }, icon(name));
    const { label = "", open = "", next = "", previous = "" } = this.dataset;
    this.steps = [tool("chevron-up", previous), tool("chevron-down", next)];
    this.steps.forEach((button, index) => button.addEventListener("click", () => void this.step(index ? 1 : -1)));
    this.full = make("a", { class: "btn btn-sm", href: "" }, icon("arrows-diagonal"), open);
    this.full.addEventListener("click", () => this.link && remember(this.link));
    const close = tool("x", words("close"));
    close.addEventListener("click", () => this.close());
    this.body = make("div", { class: "peek-body", tabindex: "0" });
    const grip = make("span", { class: "peek-grip", "aria-hidden": "true" });
    const head = make("header", { class: "peek-head" }, ...this.steps, make("span", { class: "flex-fill" }), this.full, close);
    const panel = make("aside", { class: "peek", role: "dialog", "aria-label": label, tabindex: "-1", hidden: "" }, grip, head, this.body);
    this.swipe(panel, grip, head);
    this.body.addEventListener("submit", (event) => void this.submit(event));
    this.append(panel);
    return panel;
  }

  async open(link: HTMLAnchorElement, focus = true): Promise<void> {
    this.panel ??= this.build();
    const answer = await fetch(link.href, { headers: { "HX-Request": "true", "X-Peek": "1" } }).catch(() => null);
    if (!answer?.ok) return location.assign(link.href);
    const told = JSON.parse(answer.headers.get("HX-Trigger") ?? "{}") as { toast?: object };
    if (told.toast) document.body.dispatchEvent(new CustomEvent("toast", { detail: told.toast }));
    this.link?.closest("tr, .board-card, li")?.classList.remove("peeked");
    this.link = link;
    this.place = link.closest(PLACES) ?? this.place;
    link.closest("tr, .board-card, li")?.classList.add("peeked");
    this.show(await answer.text());
    this.full.href = link.href;
    this.steps.forEach((button, index) => (button.disabled = !this.beside(index ? 1 : -1)));
    this.panel.hidden = false;
    this.hideEye();
    document.documentElement.classList.add("peeking");
    link.scrollIntoView({ block: "nearest" });
    if (focus) this.panel.focus();
  }

  private show(html: string): void {
    this.body.innerHTML = html;
    this.body.scrollTop = 0;
    this.body.querySelectorAll<HTMLElement>("[data-key]").forEach((element) => element.removeAttribute("data-key"));
    this.panel?.setAttribute("aria-label", this.body.querySelector("h1")?.textContent ?? "");
    htmx.process(this.body);
  }

  private close(): void {
    if (!this.panel) return;
    this.panel.hidden = true;
    this.body.replaceChildren();
    document.documentElement.classList.remove("peeking");
    const row = this.link?.closest("tr, .board-card, li");
    row?.classList.remove("peeked");
    const here = this.link && (this.link.isConnected ? this.link : this.again(this.link));
    (here?.closest<HTMLElement>("th[tabindex]") ?? here)?.focus({ preventScroll: true });
  }

  /** The same record's link, where the list was drawn anew meanwhile. */
  private again(link: HTMLAnchorElement): HTMLAnchorElement | undefined {
    return this.links().find((other) => other.href === link.href);
  }

  private links(): HTMLAnchorElement[] {
    const place = this.place?.isConnected ? this.place : document.querySelector(PLACES);
    const rows = [...(place?.querySelectorAll<HTMLAnchorElement>("a.row-title") ?? [])];
    return rows.length || !place ? rows : recordLinks(place);
  }

  private beside(way: number): HTMLAnchorElement | undefined {
    const links = this.links();
    const at = links.findIndex((other) => other.href === this.link?.href);
    return at < 0 ? undefined : links[at + way];
  }

  private async step(way: number): Promise<void> {
    const link = this.beside(way);
    if (link) await this.open(link, false);
  }

  /** A form that the record's page would be loaded anew for: sent from here, and the panel shows what came of it. */
  private async submit(event: SubmitEvent): Promise<void> {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post], [hx-put]")) return;
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    const address = answer.headers.get("HX-Redirect");
    if (address && this.link && refOf(address) === refOf(this.link.href)) await this.open(this.link, false);
    else if (address) location.assign(address);
    else if (this.link) location.assign(this.link.href); // what it says is for a whole page
  }

  /** On a phone the sheet is drawn down by its head. */
  private swipe(panel: HTMLElement, ...grips: HTMLElement[]): void {
    let start = 0;
    for (const grip of grips) {
      grip.addEventListener("touchstart", (event) => (start = event.touches[0]?.clientY ?? 0), { passive: true });
      grip.addEventListener("touchend", (event) => {
        if ((event.changedTouches[0]?.clientY ?? 0) - start > FAR && panel.offsetWidth >= innerWidth) this.close();
      });
    }
  }
}

customElements.define("trato-peek", Peek);
