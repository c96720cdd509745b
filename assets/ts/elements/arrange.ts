// <trato-arrange> inside a <dialog>: shows it over the page. Columns are found by letters, and moved by dragging or by the arrow keys
// on their handle; the order of the list is the order of the form.
class Arrange extends HTMLElement {
  connectedCallback(): void {
    const dialog = this.closest("dialog");
    if (!dialog || dialog.matches(":modal")) return;
    const from = document.activeElement as HTMLElement | null;
    dialog.open = false; // without a script it stands open in the page
    dialog.showModal();
    dialog.addEventListener("close", () => {
      dialog.remove();
      from?.focus();
    });
    this.addEventListener("click", (event) => {
      if (!(event.target as Element).closest("[data-dismiss]")) return;
      event.preventDefault();
      dialog.close();
    });
    this.querySelector("[data-find]")?.addEventListener("input", this.find);
    this.addEventListener("keydown", this.key);
    void this.drag();
  }

  private find = (event: Event): void => {
    const wanted = (event.target as HTMLInputElement).value.trim().toLocaleLowerCase();
    this.querySelectorAll<HTMLElement>("[data-label]").forEach((item) => {
      item.hidden = !(item.dataset.label ?? "").toLocaleLowerCase().includes(wanted);
    });
  };

  private key = (event: KeyboardEvent): void => {
    const handle = (event.target as Element).closest<HTMLElement>("[data-move]");
    if (event.key === "Enter" && (event.target as Element).matches("[data-find]")) event.preventDefault();
    if (!handle || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const item = handle.closest("li");
    const other = event.key === "ArrowUp" ? item?.previousElementSibling : item?.nextElementSibling;
    if (!item || !other || other.querySelector("[data-move][disabled]")) return;
    if (event.key === "ArrowUp") other.before(item);
    else other.after(item);
    handle.focus();
    this.tell(item);
  };

  private tell(item: Element): void {
    const status = this.querySelector<HTMLElement>("[data-status]");
    const place = [...(item.parentElement?.children ?? [])].indexOf(item) + 1;
    const words = status?.dataset.moved ?? "";
    if (status) status.textContent = words.replace("{column}", (item as HTMLElement).dataset.label ?? "").replace("{place}", String(place));
  }

  private async drag(): Promise<void> {
    const list = this.querySelector<HTMLElement>("[data-sortable]");
    if (!list) return;
    const { default: Sortable } = await import("sortablejs");
    Sortable.create(list, { handle: "[data-move]:not([disabled])", animation: 120, onMove: (event) => !event.related.querySelector("[data-move][disabled]") });
  }
}

customElements.define("trato-arrange", Arrange);
