// <trato-menu><details><summary>…</summary><div class="menu">links, buttons or a form</div></details></trato-menu>
// A <details> works by itself; this adds what people expect of a menu: it closes on Escape and outside, arrows move, one is open.
class Menu extends HTMLElement {
  private details: HTMLDetailsElement | null = null;

  connectedCallback(): void {
    this.details = this.querySelector("details");
    this.details?.addEventListener("toggle", this.toggled);
    if (this.details?.open) this.toggled();
    this.addEventListener("keydown", this.key);
    this.addEventListener("click", this.clicked);
  }

  disconnectedCallback(): void {
    document.removeEventListener("pointerdown", this.outside);
    document.removeEventListener("focusin", this.left);
  }

  private toggled = (): void => {
    const open = this.details?.open ?? false;
    const change = open ? "addEventListener" : "removeEventListener";
    document[change]("pointerdown", this.outside);
    document[change]("focusin", this.left);
    if (!open) return;
    const panel = this.querySelector<HTMLElement>(".menu");
    panel?.classList.remove("menu-end", "menu-up");
    const box = panel?.getBoundingClientRect();
    if (box && box.right > innerWidth) panel?.classList.add("menu-end");
    if (box && box.bottom > innerHeight && box.top - box.height > 0) panel?.classList.add("menu-up");
    this.querySelector<HTMLElement>(".menu input:not([type=hidden], [type=checkbox], [type=radio])")?.focus();
  };

  private outside = (event: Event): void => {
    if (this.details && !this.contains(event.target as Node)) this.details.open = false;
  };

  /** The focus went elsewhere; pressing a label moves it for a moment to what is around the menu, which is not elsewhere. */
  private left = (event: Event): void => {
    if (!(event.target as Node).contains(this)) this.outside(event);
  };

  private clicked = (event: Event): void => {
    if (this.details && (event.target as Element).closest(".menu a[href]:not([data-stay]), .menu [data-close]")) this.details.open = false;
  };

  private key = (event: KeyboardEvent): void => {
    if (!this.details?.open) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      this.details.open = false;
      this.querySelector("summary")?.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const items = [...this.querySelectorAll<HTMLElement>(".menu a[href], .menu button:not([disabled])")];
      if (!items.length || (event.target as Element).matches("input, select, textarea")) return;
      event.preventDefault();
      const index = items.indexOf(document.activeElement as HTMLElement);
      const step = event.key === "ArrowDown" ? index + 1 : index < 0 ? items.length - 1 : index - 1;
      items[(step + items.length) % items.length]?.focus();
    }
  };
}

customElements.define("trato-menu", Menu);
