// <trato-drop><label>…<input type="file"><span data-file></span></label></trato-drop>: a file input one can drop a file on.
import { make } from "../lib/page";

const UNITS = ["B", "kB", "MB", "GB"];

function size(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  return `${number.format(bytes / 1000 ** power)} ${UNITS[power]}`;
}

class Drop extends HTMLElement {
  connectedCallback(): void {
    const input = this.querySelector<HTMLInputElement>("input[type=file]");
    if (!input) return;
    for (const name of ["dragenter", "dragover"])
      this.addEventListener(name, (event) => {
        event.preventDefault();
        this.classList.add("over");
      });
    for (const name of ["dragleave", "drop"]) this.addEventListener(name, () => this.classList.remove("over"));
    this.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!event.dataTransfer?.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    input.addEventListener("change", () => this.show(input));
    this.show(input);
  }

  private show(input: HTMLInputElement): void {
    const files = [...(input.files ?? [])];
    const place = this.querySelector("[data-file]");
    place?.replaceChildren(...files.map((file) => make("span", { class: "drop-file" }, `${file.name} · ${size(file.size)}`)));
    this.classList.toggle("filled", files.length > 0);
  }
}

customElements.define("trato-drop", Drop);
