// The cells of a table as in a spreadsheet: arrows move, Shift with them marks a block, Enter or typing edits, Tab and Enter save and go
// on, Esc lets go, Ctrl/Cmd-C copies a block, Ctrl/Cmd-V pastes one, Delete empties it. What may be changed, and how, says the server:
// GET …/<id>/cell/<column> answers the control of a cell, POST the row as it is then; POST …/paste takes a block of texts.
import { base, csrf, isTyping, make, words } from "./page";

const FIELD = "input:not([type=hidden]), select, textarea, [contenteditable=true]";

export class Cells {
  private here: HTMLTableCellElement | null = null;
  private corner: HTMLTableCellElement | null = null;
  private editing: HTMLTableCellElement | null = null;
  private before: Node[] = [];
  private typed = ""; // before the control was there
  private then: [number, number] | null = null;
  private readonly said = make("span", { class: "visually-hidden", role: "status" });

  constructor(
    private readonly table: HTMLTableElement,
    private readonly address: string,
  ) {
    table.setAttribute("role", "grid");
    table.after(this.said);
    this.table.addEventListener("pointerdown", (event) => this.pressed(event));
    this.table.addEventListener("dblclick", (event) => this.edit(this.cellOf(event.target)));
    this.table.addEventListener("keydown", (event) => this.key(event));
    this.table.addEventListener("focusin", (event) => this.focused(event));
    document.addEventListener("copy", this.copied);
    document.addEventListener("paste", this.pasted);
    const first = this.cells()[0];
    if (first) first.tabIndex = 0;
  }

  stop(): void {
    document.removeEventListener("copy", this.copied);
    document.removeEventListener("paste", this.pasted);
  }

  // -- where it is --------------------------------------------------------------------------------------------------

  private rows(): HTMLTableRowElement[] {
    return [...this.table.querySelectorAll<HTMLTableRowElement>("tbody tr")].filter((row) => this.idOf(row) && !row.closest("[hidden]"));
  }

  private cellsOf(row: HTMLTableRowElement): HTMLTableCellElement[] {
    return [...row.cells].filter((cell) => !cell.classList.contains("tick"));
  }

  private cells(): HTMLTableCellElement[] {
    return this.rows().flatMap((row) => this.cellsOf(row));
  }

  private cellOf(target: EventTarget | null): HTMLTableCellElement | null {
    const cell = (target as Element | null)?.closest<HTMLTableCellElement>("tbody td, tbody th") ?? null;
    return cell && this.table.contains(cell) && !cell.classList.contains("tick") && this.idOf(cell.parentElement as HTMLTableRowElement) ? cell : null;
  }

  private idOf(row: HTMLTableRowElement | null): string {
    return row?.querySelector<HTMLAnchorElement>("a.row-title")?.pathname.split("/").pop() ?? "";
  }

  private columns(): string[] {
    return [...this.table.querySelectorAll<HTMLElement>("thead th[data-column]")].map((head) => head.dataset.column ?? "");
  }

  private place(cell: HTMLTableCellElement): [number, number] {
    const row = cell.parentElement as HTMLTableRowElement;
    return [this.rows().indexOf(row), this.cellsOf(row).indexOf(cell)];
  }

  private at(row: number, column: number): HTMLTableCellElement | undefined {
    const found = this.rows()[row];
    return found && this.cellsOf(found)[column];
  }

  private go(cell: HTMLTableCellElement | undefined, extend = false): void {
    if (!cell) return;
    this.cells().forEach((each) => (each.tabIndex = -1));
    cell.tabIndex = 0;
    this.here = cell;
    if (!extend) this.corner = cell;
    cell.focus({ preventScroll: false });
    this.mark();
  }

  /** The cells between the corner and where it is, row by row. */
  private block(): HTMLTableCellElement[][] {
    if (!this.here || !this.corner) return [];
    const [[r1, c1], [r2, c2]] = [this.place(this.corner), this.place(this.here)];
    const [top, left] = [Math.min(r1, r2), Math.min(c1, c2)];
    return this.rows()
      .slice(top, Math.max(r1, r2) + 1)
      .map((row) => this.cellsOf(row).slice(left, Math.max(c1, c2) + 1));
  }

  private mark(): void {
    this.table.querySelectorAll(".cell-marked").forEach((cell) => cell.classList.remove("cell-marked"));
    const block = this.block();
    if (block.length > 1 || (block[0]?.length ?? 0) > 1) block.flat().forEach((cell) => cell.classList.add("cell-marked"));
  }

  private focused(event: FocusEvent): void {
    const cell = this.cellOf(event.target);
    if (cell && event.target === cell && cell !== this.here) {
      this.here = this.corner = cell;
      this.mark();
    }
  }

  private pressed(event: PointerEvent): void {
    const cell = this.cellOf(event.target);
    if (!cell || this.editing === cell || event.pointerType === "touch" || (event.target as Element).closest("a, button, input")) return;
    if (event.shiftKey) event.preventDefault();
    this.go(cell, event.shiftKey);
  }

  // -- keys ---------------------------------------------------------------------------------------------------------

  private key(event: KeyboardEvent): void {
    const cell = this.cellOf(event.target);
    if (this.editing) return this.keyWhileEditing(event);
    if (!cell || event.target !== cell || event.altKey) return;
    const control = event.ctrlKey || event.metaKey;
    const [row, column] = this.place(cell);
    const right = getComputedStyle(this.table).direction === "rtl" ? -1 : 1;
    const last = this.rows().length - 1;
    const moves: Record<string, [number, number]> = {
      ArrowDown: [control ? last : row + 1, column],
      ArrowUp: [control ? 0 : row - 1, column],
      ArrowRight: [row, column + right],
      ArrowLeft: [row, column - right],
      Home: [control ? 0 : row, 0],
      End: [control ? last : row, this.columns().length - 1],
    };
    const move = moves[event.key];
    if (move) {
      event.preventDefault();
      event.stopPropagation();
      return this.go(this.at(...move), event.shiftKey);
    }
    if (event.key === "Enter" || event.key === "F2") {
      event.preventDefault();
      void this.edit(cell);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      void this.send(this.block().map((line) => line.map(() => "")));
    } else if (event.key.length === 1 && !control && event.key !== " " && event.key !== "?" && event.key !== "/") {
      event.preventDefault();
      event.stopPropagation();
      void this.edit(cell, event.key);
    }
  }

  private keyWhileEditing(event: KeyboardEvent): void {
    const form = this.editing?.querySelector<HTMLElement>(".cell-form");
    if (!form) { // the control is on its way; what is typed meanwhile is for it
      event.preventDefault();
      event.stopPropagation();
      if (event.key.length === 1) this.typed += event.key;
      else if (event.key === "Escape") this.editing = null;
      else if (event.key === "Tab") this.then = [0, event.shiftKey ? -1 : 1];
      else if (event.key === "Enter" && this.typed) this.then = [event.shiftKey ? -1 : 1, 0];
      return;
    }
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.leave();
    } else if (form && (event.key === "Tab" || (event.key === "Enter" && !(event.target as Element).matches("textarea, button, [contenteditable=true]")))) {
      if (event.defaultPrevented) return; // a list of suggestions took it
      const inside = [...form.querySelectorAll<HTMLElement>(FIELD)].filter((each) => each.offsetParent);
      const end = event.shiftKey ? inside[0] : inside[inside.length - 1];
      if (event.key === "Tab" && inside.length > 1 && event.target !== end) return;
      event.preventDefault();
      event.stopPropagation();
      void this.save(form, event.key === "Tab" ? [0, event.shiftKey ? -1 : 1] : [event.shiftKey ? -1 : 1, 0]);
    }
  }

  // -- one cell -----------------------------------------------------------------------------------------------------

  private url(cell: HTMLTableCellElement): string {
    const column = this.columns()[this.place(cell)[1]] ?? "";
    return `${this.address}${this.idOf(cell.parentElement as HTMLTableRowElement)}/cell/${column}`;
  }

  private async edit(cell: HTMLTableCellElement | null, typed = ""): Promise<void> {
    if (!cell || this.editing) return;
    this.editing = cell;
    this.typed = typed;
    this.then = null;
    const answer = await fetch(this.url(cell), { headers: { "HX-Request": "true" } });
    const html = await answer.text();
    if (this.editing !== cell) return; // it was let go meanwhile
    if (!answer.ok) {
      this.editing = null;
      this.tell(words("fixed"));
      return;
    }
    this.before = [...cell.childNodes];
    cell.classList.add("cell-editing");
    this.show(cell, html);
    const field = cell.querySelector<HTMLInputElement>(FIELD);
    if (this.typed && field && "value" in field && !(field instanceof HTMLSelectElement)) {
      field.value = this.typed;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (field instanceof HTMLInputElement && field.type === "text") field.select();
    const form = cell.querySelector<HTMLElement>(".cell-form");
    if (this.then && form) void this.save(form, this.then);
  }

  private show(cell: HTMLTableCellElement, html: string): void {
    cell.innerHTML = html;
    const form = cell.querySelector<HTMLElement>(".cell-form");
    cell.querySelector("[data-save]")?.addEventListener("click", () => form && void this.save(form, [0, 0]));
    cell.querySelector("[data-cancel]")?.addEventListener("click", () => this.leave());
    cell.querySelector<HTMLElement>(FIELD)?.focus();
  }

  /** As it was before. */
  private leave(): void {
    const cell = this.editing;
    if (!cell) return;
    this.editing = null;
    cell.classList.remove("cell-editing");
    cell.replaceChildren(...this.before);
    this.go(cell);
  }

  private async save(form: HTMLElement, way: [number, number]): Promise<void> {
    const cell = this.editing;
    if (!cell || form.dataset.sent) return;
    form.dataset.sent = "1";
    const [row, column] = this.place(cell);
    const body = this.body(said(form));
    const answer = await fetch(this.url(cell), { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
    const html = await answer.text();
    if (answer.status === 422 || answer.status === 409) return this.show(cell, html);
    if (!answer.ok) {
      this.leave();
      return this.tell(words("fixed"));
    }
    this.editing = null;
    this.put(html);
    this.go(this.at(row + way[0], column + way[1]) ?? this.at(row, column));
    this.toast(answer.headers.get("HX-Trigger"));
    this.table.dispatchEvent(new CustomEvent("trato:written", { bubbles: true }));
  }

  private body(data: FormData): FormData {
    this.columns().forEach((name) => data.append("columns", name));
    if (this.table.querySelector("td.tick [data-one]")) data.set("tickable", "1");
    if (this.table.dataset.line) data.set("lines", this.table.dataset.line);
    if (this.table.querySelector("td.tick [data-move]")) data.set("movable", "1");
    return data;
  }

  /** Rows as they are now, in the place of those that stand here; what is ticked stays so. */
  private put(html: string): void {
    const fresh = make("table");
    fresh.innerHTML = `<tbody>${html}</tbody>`;
    const old = new Map(this.rows().map((row) => [this.idOf(row), row]));
    fresh.querySelectorAll<HTMLTableRowElement>("tr").forEach((row) => {
      const there = old.get(this.idOf(row));
      if (!there) return;
      const box = row.querySelector<HTMLInputElement>("[data-one]");
      if (box) box.checked = there.querySelector<HTMLInputElement>("[data-one]")?.checked ?? false;
      row.classList.toggle("selected", box?.checked ?? false);
      there.replaceWith(row);
    });
  }

  private toast(trigger: string | null): void {
    if (!trigger) return;
    const detail: unknown = (JSON.parse(trigger) as { toast?: unknown }).toast;
    if (detail) document.body.dispatchEvent(new CustomEvent("toast", { detail }));
  }

  private tell(text: string): void {
    this.said.textContent = "";
    requestAnimationFrame(() => (this.said.textContent = text));
    document.body.dispatchEvent(new CustomEvent("toast", { detail: { text } }));
  }

  // -- blocks -------------------------------------------------------------------------------------------------------

  private own(): boolean {
    const focus = document.activeElement;
    return !this.editing && !!this.here && focus === this.here && !isTyping(focus) && !getSelection()?.toString();
  }

  private copied = (event: ClipboardEvent): void => {
    if (!this.own()) return;
    event.preventDefault();
    const text = this.block().map((line) => line.map((cell) => (cell.innerText.trim().replace(/\s*\n\s*/g, ", ").replace(/\t/g, " "))).join("\t"));
    event.clipboardData?.setData("text/plain", text.join("\n"));
  };

  private pasted = (event: ClipboardEvent): void => {
    if (!this.own()) return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!text) return;
    event.preventDefault();
    void this.send(text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").map((line) => line.split("\t")));
  };

  /** A block of texts from the upper corner on; a single one fills the whole block that is marked. */
  private async send(texts: string[][]): Promise<void> {
    const block = this.block();
    const start = block[0]?.[0];
    if (!start) return;
    const single = texts.length === 1 && texts[0]?.length === 1;
    const wanted = single ? block.map((line) => line.map(() => texts[0]?.[0] ?? "")) : texts;
    const [row, column] = this.place(start);
    const columns = this.columns();
    const rows = this.rows();
    const data = wanted.flatMap((line, n) => {
      const target = rows[row + n];
      if (!target) return [];
      const cells = line.flatMap((text, m) => (columns[column + m] ? [[columns[column + m], text] as const] : []));
      return [{ id: this.idOf(target), cells: Object.fromEntries(cells) as Record<string, string> }];
    });
    const body = this.body(new FormData());
    body.set("block", JSON.stringify(data));
    const answer = await fetch(`${this.address}paste`, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
    if (!answer.ok) return this.tell(words("fixed"));
    const told = (await answer.json()) as { rows: string; problems: { id: string; field: string; message: string }[]; toast: unknown };
    this.put(told.rows);
    this.table.querySelectorAll(".cell-wrong").forEach((cell) => this.right(cell));
    told.problems.forEach((problem) => {
      const found = this.rows().find((each) => this.idOf(each) === problem.id);
      const cell = found && this.cellsOf(found)[columns.indexOf(problem.field)];
      cell?.classList.add("cell-wrong");
      cell?.setAttribute("title", problem.message);
      cell?.setAttribute("aria-description", problem.message);
    });
    this.go(this.at(row, column));
    document.body.dispatchEvent(new CustomEvent("toast", { detail: told.toast }));
    this.table.dispatchEvent(new CustomEvent("trato:written", { bubbles: true }));
  }

  private right(cell: Element): void {
    cell.classList.remove("cell-wrong");
    cell.removeAttribute("title");
    cell.removeAttribute("aria-description");
  }
}

/** What the controls of an element say. They are of the form around the table, which is not what is sent. */
function said(form: HTMLElement): FormData {
  const data = new FormData();
  form.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>("[name]").forEach((field) => {
    if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type) && !field.checked) return;
    if (field.disabled) return;
    if (field instanceof HTMLSelectElement) [...field.selectedOptions].forEach((option) => data.append(field.name, option.value));
    else data.append(field.name, field.value);
  });
  return data;
}

/** The list's own address: "/w/acme/contacts/". */
export const listAddress = (): string => `${base()}/${location.pathname.slice(base().length + 1).split("/")[0] ?? ""}/`;
