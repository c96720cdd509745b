// <trato-conflict><dialog>…</dialog></trato-conflict>: what two people wrote at once, asked in a dialog over the form it stands in.
// Without a script it stands above the form and asks the same.
class Conflict extends HTMLElement {
  connectedCallback(): void {
    const dialog = this.querySelector("dialog");
    if (!dialog || dialog.matches(":modal")) return;
    dialog.removeAttribute("open");
    dialog.showModal();
    dialog.addEventListener("click", (event) => {
      if ((event.target as Element).closest("[data-look]")) dialog.close();
    });
    // Looking at the form again takes nothing away: sending it without the dialog keeps what was typed.
    dialog.addEventListener("close", () => this.closest("form")?.querySelector<HTMLElement>("input:not([type=hidden]), textarea")?.focus());
  }
}

customElements.define("trato-conflict", Conflict);
