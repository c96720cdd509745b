// <trato-toasts>: short notices. The server renders <div class="note" data-toast> (with an undo form where there is one), or sends
// the header HX-Trigger: {"toast": {"text": "…", "undo": "/address/to/post"}}. A toast goes after 8 s unless pointed at or focused.
import { csrf, icon, make, words } from "../lib/page";

const SHOWN = 8000;

interface Notice {
  text: string;
  undo?: string;
}

class Toasts extends HTMLElement {
  connectedCallback(): void {
    this.querySelectorAll<HTMLElement>("[data-toast]").forEach((toast) => this.keep(toast));
    document.body.addEventListener("toast", (event) => this.show((event as CustomEvent<Notice>).detail));
    this.addEventListener("click", (event) => (event.target as Element).closest("[data-dismiss]")?.closest("[data-toast]")?.remove());
  }

  show({ text, undo }: Notice): void {
    const toast = make("div", { class: "note", "data-toast": "" }, make("span", { class: "note-text" }, text));
    if (undo) {
      const form = make("form", { method: "post", action: undo });
      form.append(
        make("input", { type: "hidden", name: "csrfmiddlewaretoken", value: csrf() }),
        make("input", { type: "hidden", name: "back", value: location.pathname + location.search }),
        make("button", { class: "note-action" }, words("undo")),
      );
      toast.append(form, make("a", { class: "note-action", href: undo.replace("/undo/", "/activity/") }, words("history")));
    }
    toast.append(
      make("button", { type: "button", class: "note-close", "data-dismiss": "", "aria-label": words("close") }, icon("x")),
    );
    this.append(toast);
    this.keep(toast);
  }

  private keep(toast: HTMLElement): void {
    let timer = window.setTimeout(() => toast.remove(), SHOWN);
    const hold = () => clearTimeout(timer);
    const release = () => (timer = window.setTimeout(() => toast.remove(), SHOWN / 2));
    toast.addEventListener("pointerenter", hold);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("pointerleave", release);
    toast.addEventListener("focusout", release);
  }
}

customElements.define("trato-toasts", Toasts);
