// <trato-tags><input class="form-control" name="tags" value="vip, gold" list="…"></trato-tags>
// Without a script the tags are typed with commas between; with it they are chips, and the same input posts the same text.
import { chip } from "../lib/chips";
import { make, words } from "../lib/page";

class Tags extends HTMLElement {
  private posted!: HTMLInputElement;
  private typed!: HTMLInputElement;
  private tags: string[] = [];

  connectedCallback(): void {
    const input = this.querySelector<HTMLInputElement>("input");
    if (!input || this.posted) return;
    this.posted = make("input", { type: "hidden", name: input.name, value: input.value });
    this.typed = input;
    input.removeAttribute("name");
    input.before(this.posted);
    const before = input.value;
    input.value = "";
    this.add(before);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && input.value.trim()) {
        event.preventDefault();
        this.take();
      } else if (event.key === "Backspace" && !input.value) [...this.querySelectorAll<HTMLElement>(".chip-remove")].at(-1)?.click();
    });
    input.addEventListener("input", () => /[,;\n]/.test(input.value) && this.take());
    input.addEventListener("change", () => this.take());
  }

  private take(): void {
    this.add(this.typed.value);
    this.typed.value = "";
  }

  private add(text: string): void {
    for (const tag of text.split(/[,;\n]/).map((part) => part.trim()).filter(Boolean)) {
      if (this.tags.some((known) => known.toLowerCase() === tag.toLowerCase())) continue;
      this.tags.push(tag);
      const remove = () => {
        this.tags = this.tags.filter((known) => known !== tag);
        this.write();
        this.typed.focus();
      };
      this.typed.before(chip(tag, words("remove"), remove));
    }
    this.write();
  }

  private write(): void {
    const value = this.tags.join(", ");
    if (value === this.posted.value) return;
    this.posted.value = value;
    this.posted.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

customElements.define("trato-tags", Tags);
