// <trato-choices [data-fixed]> around a textarea that says a choice a line (value = label #colour #retired): shows them as rows with a
// colour to pick, an order and a tick for retired ones, and writes every change back into the text. Without a script the text is there.
interface Said {
  value: string;
  label: string;
  colour: string;
  retired: boolean;
}

const PLAIN = "gray";

class ChoiceRows extends HTMLElement {
  private text!: HTMLTextAreaElement;
  private list!: HTMLOListElement;
  private made = 0;

  connectedCallback(): void {
    this.text = this.querySelector("textarea") as HTMLTextAreaElement;
    this.list = this.querySelector("ol") as HTMLOListElement;
    this.text.hidden = true;
    this.querySelector<HTMLElement>("[data-lines]")!.hidden = true;
    this.list.replaceChildren();
    const lines = this.text.value.split("\n").filter((line) => line.trim());
    lines.forEach((line) => this.list.append(this.row(this.read(line))));
    this.addEventListener("input", this.write);
    this.addEventListener("click", this.clicked);
    this.addEventListener("keydown", this.key);
  }

  private get colours(): string[] {
    const radios = this.querySelector("template")!.content.querySelectorAll<HTMLInputElement>("[type=radio]");
    return [...radios].map((radio) => radio.value);
  }

  private read(line: string): Said {
    const words = line.trim().split(/\s+/);
    const marks: string[] = [];
    while (words.length && [...this.colours, "retired"].some((mark) => words.at(-1) === `#${mark}`)) marks.push(words.pop()!.slice(1));
    const said = words.join(" ");
    const at = said.indexOf("=");
    const value = (at < 0 ? said : said.slice(0, at)).trim();
    const label = at < 0 ? value : said.slice(at + 1).trim();
    return { value, label, colour: marks.find((mark) => mark !== "retired") ?? PLAIN, retired: marks.includes("retired") };
  }

  private row(said: Said): HTMLLIElement {
    const row = (this.querySelector("template")!.content.cloneNode(true) as DocumentFragment).querySelector("li")!;
    const name = `${this.text.id}-colour-${this.made++}`;
    row.querySelector<HTMLInputElement>("[data-label]")!.value = said.label;
    const value = row.querySelector<HTMLInputElement>("[data-value]")!;
    value.value = said.value;
    value.readOnly = said.value !== "";
    row.querySelector<HTMLInputElement>("[data-retired]")!.checked = said.retired;
    for (const radio of row.querySelectorAll<HTMLInputElement>("[type=radio]")) {
      radio.name = name;
      radio.checked = radio.value === said.colour;
    }
    this.paint(row);
    return row;
  }

  /** Show the chosen colour on the button that opens the choice. */
  private paint(row: Element): void {
    const chosen = row.querySelector<HTMLInputElement>("[type=radio]:checked");
    row.querySelector("summary .dot")!.className = `dot bg-${chosen?.value ?? PLAIN}`;
    row.querySelector("[data-colour]")!.textContent = chosen?.parentElement?.textContent ?? "";
  }

  private write = (): void => {
    const rows = [...this.list.children];
    rows.forEach((row) => this.paint(row));
    this.text.value = rows.map((row) => this.line(row)).filter(Boolean).join("\n");
  };

  private line(row: Element): string {
    const said = (what: string): string => row.querySelector<HTMLInputElement>(what)!.value.trim();
    const label = said("[data-label]");
    const value = said("[data-value]") || label;
    if (!value) return "";
    const colour = row.querySelector<HTMLInputElement>("[type=radio]:checked")?.value ?? PLAIN;
    const marks = [colour === PLAIN ? "" : ` #${colour}`, row.querySelector<HTMLInputElement>("[data-retired]")!.checked ? " #retired" : ""];
    return (value === label ? value : `${value} = ${label}`) + marks.join("");
  }

  private clicked = (event: Event): void => {
    const button = (event.target as Element).closest<HTMLElement>("[data-add], [data-up], [data-remove]");
    if (!button) return;
    const row = button.closest("li");
    if ("add" in button.dataset) {
      const made = this.row({ value: "", label: "", colour: PLAIN, retired: false });
      this.list.append(made);
      made.querySelector("input")!.focus();
    } else if ("up" in button.dataset) {
      row!.previousElementSibling?.before(row!);
      button.focus();
    } else {
      ((row!.nextElementSibling ?? row!.previousElementSibling)?.querySelector("input") as HTMLElement | null)?.focus();
      row!.remove();
    }
    this.write();
  };

  private key = (event: KeyboardEvent): void => {
    const open = (event.target as Element).closest<HTMLDetailsElement>(".swatches[open]");
    if (!open || !["Escape", "Enter"].includes(event.key) || (event.target as Element).matches("summary")) return;
    event.preventDefault();
    open.open = false;
    open.querySelector("summary")!.focus();
  };
}

customElements.define("trato-choices", ChoiceRows);
