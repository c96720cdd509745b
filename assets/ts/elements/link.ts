// <trato-link data-objects="accounts contacts" data-name="account">: records found by typing; one, or several with data-many.
//   <trato-link …>
//     <input type="hidden" name="account" value="accounts/<uuid>">            several: refs separated by "; "
//     <input type="hidden" name="account-was" value="Acme Ltd">               several: titles in the same order
//     <input class="form-control" name="account-text" value="Acme Ltd" id="…" [data-many]>
//   </trato-link>
// Without a script a changed text is looked up by the server. With it, the visible input loses its name and the hidden one posts the
// ref that was chosen, else what was typed.
import { chip } from "../lib/chips";
import { Combobox, fetchChoices, type Choice } from "../lib/combobox";
import { base, words } from "../lib/page";

const SEPARATOR = /;\s*/;

class Link extends HTMLElement {
  private chosen: Choice[] = [];
  private input!: HTMLInputElement;
  private posted!: HTMLInputElement;

  connectedCallback(): void {
    const input = this.querySelector<HTMLInputElement>("input:not([type=hidden])");
    const posted = this.querySelector<HTMLInputElement>("input[type=hidden]");
    if (!input || !posted || input.role === "combobox") return;
    this.input = input;
    this.posted = posted;
    input.removeAttribute("name");
    const many = "many" in input.dataset;
    if (many) this.begin();
    else input.addEventListener("input", () => (posted.value = input.value));
    new Combobox(input, {
      load: (query, signal) => fetchChoices(this.dataset.url ?? `${base()}/pick`, query, this.objects(), signal),
      choose: (choice) => (many ? this.add(choice) : this.take(choice)),
      empty: words("nothing"),
    });
  }

  private objects(): string {
    return (this.dataset.objects ?? "").split(" ").join(",");
  }

  private take({ ref, title }: Choice): void {
    this.input.value = title;
    this.posted.value = ref;
    this.posted.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private begin(): void {
    const refs = this.posted.value.split(SEPARATOR).filter(Boolean);
    const titles = this.input.value.split(SEPARATOR);
    this.classList.add("chips");
    this.input.value = "";
    refs.forEach((ref, index) => this.add({ ref, title: titles[index] || ref }, false));
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Backspace" && !this.input.value) [...this.querySelectorAll<HTMLElement>(".chip-remove")].at(-1)?.click();
    });
    this.input.addEventListener("change", () => {
      const typed = this.input.value.trim();
      if (typed) this.add({ ref: typed, title: typed });
    });
  }

  private add(choice: Choice, byHand = true): void {
    this.input.value = "";
    if (this.chosen.some((known) => known.ref === choice.ref)) return;
    this.chosen.push(choice);
    const remove = () => {
      this.chosen = this.chosen.filter((known) => known !== choice);
      this.write();
      this.input.focus();
    };
    this.input.before(chip(choice.title, words("remove"), remove));
    if (byHand) this.write();
  }

  private write(): void {
    this.posted.value = this.chosen.map((choice) => choice.ref).join("; ");
    this.posted.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

customElements.define("trato-link", Link);
