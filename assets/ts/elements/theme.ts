// <trato-theme data-url="/w/acme/settings/profile/theme"> with buttons [data-choice=light|dark|auto]: remembers the choice in this
// browser and, where an address is given, in the profile.
import { csrf } from "../lib/page";
import { choose, chosen, isTheme } from "../lib/theme";

class ThemeChoice extends HTMLElement {
  connectedCallback(): void {
    this.hidden = false;
    this.mark();
    this.addEventListener("click", (event) => {
      const choice = (event.target as Element).closest<HTMLElement>("[data-choice]")?.dataset.choice;
      if (!isTheme(choice)) return;
      choose(choice);
      this.mark();
      if (this.dataset.url)
        void fetch(this.dataset.url, {
          method: "POST",
          headers: { "X-CSRFToken": csrf() },
          body: new URLSearchParams({ theme: choice }),
        });
    });
  }

  private mark(): void {
    const now = chosen();
    this.querySelectorAll<HTMLElement>("[data-choice]").forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.choice === now)),
    );
  }
}

customElements.define("trato-theme", ThemeChoice);
