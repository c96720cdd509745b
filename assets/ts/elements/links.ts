// <trato-links objects="contacts,accounts">: several records.
//   <trato-links objects="contacts" data-name="participants">
//     <label class="chip"><input type="checkbox" name="participants" value="contacts/<uuid>" checked> Ana García</label> …
//     <input class="form-control" id="…" name="participants" value="">
//   </trato-links>
// Without a script, unticking removes one and the text adds one by its title. With it, chips and a combobox do both.
import { chip } from "../lib/chips";
import { Combobox, fetchChoices, type Choice } from "../lib/combobox";
import { base, make } from "../lib/page";

class Links extends HTMLElement {
  private name = "";
  private input!: HTMLInputElement;

  connectedCallback(): void {
    const input = this.querySelector<HTMLInputElement>("input:not([type=hidden], [type=checkbox])");
    if (!input || input.role === "combobox") return;
    this.input = input;
    this.name = this.dataset.name ?? input.name;
    input.removeAttribute("name");
    this.querySelectorAll<HTMLInputElement>("input[type=checkbox], input[type=hidden]").forEach((old) => {
      const label = old.closest<HTMLElement>("label, .chip");
      const title = label?.textContent?.trim() || old.dataset.title || old.value;
      (label ?? old).remove();
      this.add({ ref: old.value, title });
    });
    new Combobox(input, {
      load: (query, signal) => fetchChoices(this.dataset.url ?? `${base()}/pick`, query, this.getAttribute("objects") ?? "", signal),
      choose: (choice) => {
        this.add(choice);
        input.value = "";
        this.changed();
      },
      empty: this.dataset.empty ?? "",
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Backspace" && !input.value) [...this.querySelectorAll<HTMLElement>(".chip-remove")].at(-1)?.click();
    });
  }

  private add({ ref, title }: Choice): void {
    if (!ref || this.querySelector(`input[value="${CSS.escape(ref)}"]`)) return;
    const element = chip(title, this.dataset.remove ?? "", () => this.changed());
    element.append(make("input", { type: "hidden", name: this.name, value: ref }));
    this.input.before(element);
  }

  private changed(): void {
    this.input.focus();
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

customElements.define("trato-links", Links);
