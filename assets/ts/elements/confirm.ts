// <trato-confirm>, once a page: asks before a form with data-confirm="question" is sent or a
// request with hx-confirm leaves, in a <dialog>. Without a script the form is sent at once; whatever it does can be undone.
import { make, words } from "../lib/page";

class Confirm extends HTMLElement {
  connectedCallback(): void {
    document.addEventListener("submit", this.submit, true);
    document.addEventListener("htmx:confirm", this.request);
  }

  disconnectedCallback(): void {
    document.removeEventListener("submit", this.submit, true);
    document.removeEventListener("htmx:confirm", this.request);
  }

  private submit = (event: SubmitEvent): void => {
    const form = event.target as HTMLFormElement;
    const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    if (!question || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void this.ask(question, event.submitter?.textContent?.trim()).then((yes) => {
      if (!yes) return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(event.submitter);
      delete form.dataset.confirmed;
    });
  };

  private request = (event: Event): void => {
    const { question, issueRequest } = (event as CustomEvent<{ question?: string; issueRequest(skip: boolean): void }>).detail;
    if (!question) return;
    event.preventDefault();
    void this.ask(question).then((yes) => yes && issueRequest(true));
  };

  private ask(question: string, ok?: string): Promise<boolean> {
    const yes = make("button", { class: "btn btn-danger", value: "yes" }, ok || words("yes"));
    const before = document.activeElement as HTMLElement | null;
    const no = make("button", { class: "btn", value: "", autofocus: "" }, words("cancel"));
    const dialog = make("dialog", { class: "dialog dialog-small", "aria-label": question });
    dialog.append(make("form", { method: "dialog" }, make("p", {}, question), make("div", { class: "dialog-buttons" }, no, yes)));
    this.append(dialog);
    dialog.showModal();
    return new Promise((resolve) =>
      dialog.addEventListener("close", () => {
        dialog.remove();
        (before?.closest("trato-menu")?.querySelector("summary") ?? before)?.focus(); // a menu has closed meanwhile
        resolve(dialog.returnValue === "yes");
      }),
    );
  }
}

customElements.define("trato-confirm", Confirm);
