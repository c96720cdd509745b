// <trato-link objects="accounts,contacts">: one record, found by typing.
//   <trato-link objects="accounts"><input class="form-control" name="account" id="…" value="Acme" data-ref="accounts/<uuid>"></trato-link>
// Without a script the input posts the title as text, which the server resolves. With it, a hidden input of the same name
// posts the ref, as long as the text is the chosen title.
import { Combobox, fetchChoices } from "../lib/combobox";
import { base, make } from "../lib/page";

class Link extends HTMLElement {
  connectedCallback(): void {
    const input = this.querySelector<HTMLInputElement>("input:not([type=hidden])");
    if (!input || input.role === "combobox") return;
    const hidden = this.querySelector<HTMLInputElement>("input[type=hidden]") ?? make("input", { type: "hidden" });
    hidden.name ||= input.name;
    hidden.value ||= input.dataset.ref || input.value;
    input.removeAttribute("name");
    if (!hidden.isConnected) input.before(hidden);
    input.addEventListener("input", () => (hidden.value = input.value));
    new Combobox(input, {
      load: (query, signal) => fetchChoices(this.url(), query, this.getAttribute("objects") ?? "", signal),
      choose: ({ ref, title }) => {
        input.value = title;
        hidden.value = ref;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      },
      empty: this.dataset.empty ?? "",
    });
  }

  private url(): string {
    return this.dataset.url ?? `${base()}/pick`;
  }
}

customElements.define("trato-link", Link);
