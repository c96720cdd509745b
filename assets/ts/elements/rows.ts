// <trato-rows>: repeated inputs.
//   <trato-rows>
//     <div data-row>… <input type="radio" name="emails-primary" value="0"> … <button type="button" data-remove hidden></div>
//     <template><div data-row>… name="emails-__i__-address" …</div></template>
//     <button type="button" data-add hidden>Add</button>
//   </trato-rows>
// A new row is the template with every __i__ replaced by the next free number. Exactly one primary radio stays chosen.
import { reveal } from "../lib/page";

class Rows extends HTMLElement {
  private next = 0;

  connectedCallback(): void {
    this.next = this.rows().length;
    this.querySelectorAll("[data-add], [data-remove]").forEach(reveal);
    this.addEventListener("click", (event) => {
      const target = event.target as Element;
      if (target.closest("[data-add]")) this.add();
      const remove = target.closest("[data-remove]");
      if (remove) this.drop(remove.closest<HTMLElement>("[data-row]"));
    });
    this.keepOnePrimary();
  }

  private rows(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[data-row]")];
  }

  private add(): void {
    const template = this.querySelector("template");
    if (!template) return;
    const holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll("__i__", String(this.next++));
    const row = holder.content.querySelector<HTMLElement>("[data-row]");
    if (!row) return;
    const last = this.rows().at(-1);
    if (last) last.after(row);
    else template.before(row);
    row.querySelectorAll("[data-remove]").forEach(reveal);
    this.keepOnePrimary();
    row.querySelector<HTMLElement>("input:not([type=hidden], [type=radio]), select, textarea")?.focus();
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private drop(row: HTMLElement | null): void {
    if (!row) return;
    row.remove();
    this.keepOnePrimary();
    this.querySelector<HTMLElement>("[data-add]")?.focus();
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private keepOnePrimary(): void {
    const radios = [...this.querySelectorAll<HTMLInputElement>("[data-row] input[type=radio]")];
    const first = radios[0];
    if (first && !radios.some((radio) => radio.checked)) first.checked = true;
  }
}

customElements.define("trato-rows", Rows);
