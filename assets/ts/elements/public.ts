// Pages that customers see. <trato-seen data-url>: tells the server once that the page was before somebody's eyes, which programs that
// only fetch links never tell. The colour of the workspace stands in data-accent, since no style may stand in a page.
import { csrf } from "../lib/page";

class Seen extends HTMLElement {
  connectedCallback(): void {
    if (document.visibilityState === "visible") this.tell();
    else document.addEventListener("visibilitychange", () => this.tell(), { once: true });
  }

  private tell(): void {
    if (this.dataset.url) void fetch(this.dataset.url, { method: "POST", headers: { "X-CSRFToken": csrf() }, keepalive: true });
  }
}

customElements.define("trato-seen", Seen);

const coloured = document.querySelector<HTMLElement>(".public[data-accent]");
if (coloured) {
  const { accent, accentInk } = coloured.dataset;
  coloured.style.setProperty("--brand", accent ?? "");
  coloured.style.setProperty("--brand-ink", accentInk ?? "");
}
