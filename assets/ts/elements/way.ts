// <trato-way data-move data-version data-asks data-refused> around the steps a record goes: a click takes it to another, as a board does;
// what that step asks for is filled in in the dialog. Without a script each step is a form of its own.
import { ask } from "../lib/ask";
import { csrf } from "../lib/page";
import type { Change } from "./live";

class Way extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("submit", (event) => {
      const button = (event as SubmitEvent).submitter;
      if (!button?.dataset.to) return;
      event.preventDefault();
      void this.move(button, new FormData());
    });
  }

  private async move(button: HTMLElement, data: FormData): Promise<void> {
    data.set("to", button.dataset.to ?? "");
    data.set("version", this.dataset.version ?? "");
    const answer = await fetch(this.dataset.move ?? "", { method: "POST", body: data, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
    const text = await answer.text();
    if (answer.status === 422) {
      const title = (this.dataset.asks ?? "").replace("{column}", button.textContent ?? "");
      const given = await ask(this.querySelector("dialog") as HTMLDialogElement, title, text);
      return given ? this.move(button, given) : button.focus();
    }
    if (!answer.ok) return this.tell({ text: answer.headers.get("content-type")?.startsWith("text/plain") ? text : (this.dataset.refused ?? "") });
    const { toast } = JSON.parse(answer.headers.get("HX-Trigger") ?? "{}") as { toast?: unknown };
    if (toast) this.tell(toast);
    const ref = this.closest<HTMLElement>("[data-ref]")?.dataset.ref ?? "";
    document.dispatchEvent(new CustomEvent<Change>("trato:own", { detail: { ref, object: ref.split("/")[0] ?? "" } }));
  }

  private tell(detail: unknown): void {
    document.body.dispatchEvent(new CustomEvent("toast", { detail }));
  }
}

customElements.define("trato-way", Way);
