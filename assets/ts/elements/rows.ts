// <trato-rows>: repeated inputs, of which one is the primary.
//   <trato-rows>
//     <div class="trato-row">… name="emails-0-address" … <input type="radio" name="emails-primary" value="0"></div> …
//     <template><div class="trato-row">… name="emails-{row}-address" … value="{row}"></div></template>
//   </trato-rows>
// Without a script there are two empty rows to fill. With it, rows are added from the template ({row} becomes the next number) and
// removed, and exactly one primary stays chosen.
import { icon, make, words } from "../lib/page";

const INPUTS = "input:not([type=hidden], [type=radio]), select, textarea";

class Rows extends HTMLElement {
  private next = 0;
  private adder!: HTMLButtonElement;

  connectedCallback(): void {
    if (this.querySelector("[data-add]")) return;
    this.adder = make("button", { type: "button", class: "btn btn-sm btn-ghost", "data-add": "" }, icon("plus"), words("add"));
    this.adder.addEventListener("click", () => this.add());
    this.append(this.adder);
    this.next = this.rows().length;
    this.rows().forEach((row, index) => {
      if (index > 0 && this.isBlank(row)) row.remove();
      else this.equip(row);
    });
    this.keepOnePrimary();
  }

  private rows(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>(".trato-row")];
  }

  private isBlank(row: HTMLElement): boolean {
    return [...row.querySelectorAll<HTMLInputElement>(INPUTS)].every((input) => !input.value);
  }

  private equip(row: HTMLElement): void {
    const button = make("button", { type: "button", class: "tool", "aria-label": words("remove"), title: words("remove") }, icon("x"));
    button.addEventListener("click", () => {
      row.remove();
      this.keepOnePrimary();
      this.adder.focus();
      this.dispatchEvent(new Event("change", { bubbles: true }));
    });
    row.append(button);
  }

  private add(): void {
    const template = this.querySelector("template");
    if (!template) return;
    const holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll("{row}", String(this.next++));
    const row = holder.content.querySelector<HTMLElement>(".trato-row");
    if (!row) return;
    template.before(row);
    this.equip(row);
    this.keepOnePrimary();
    row.querySelector<HTMLElement>(INPUTS)?.focus();
  }

  private keepOnePrimary(): void {
    const radios = [...this.querySelectorAll<HTMLInputElement>(".trato-row input[type=radio]")];
    const first = radios[0];
    if (first && !radios.some((radio) => radio.checked)) first.checked = true;
  }
}

customElements.define("trato-rows", Rows);
