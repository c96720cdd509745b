// <trato-along data-worker="…">: on the plan of visits, keeps the days to come on the device. <trato-where><form>: sends where the device is with the
// form, as far as it says so. And signing out asks, where something written without a network would be lost.
import { base } from "../lib/page";

class Along extends HTMLElement {
  connectedCallback(): void {
    const { worker = "" } = this.dataset;
    if (!("serviceWorker" in navigator) || !window.isSecureContext) return;
    navigator.serviceWorker.register(worker, { scope: `${base()}/` }).catch(() => undefined);
    void import("../lib/along").then(({ refresh }) => refresh(base())).catch(() => undefined);
  }
}

class Where extends HTMLElement {
  connectedCallback(): void {
    const form = this.querySelector("form");
    let asked = false;
    form?.addEventListener("submit", (event) => {
      if (asked || !("geolocation" in navigator)) return;
      event.preventDefault();
      asked = true;
      const go = (): void => form.requestSubmit();
      const fill = (name: string, value: string): void => {
        const input = form.querySelector<HTMLInputElement>(`input[name=${name}]`);
        if (input) input.value = value;
      };
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          fill("latitude", coords.latitude.toFixed(6));
          fill("longitude", coords.longitude.toFixed(6));
          fill("accuracy", String(Math.round(coords.accuracy)));
          go();
        },
        go,
        { enableHighAccuracy: true, timeout: 8000, maximumAge: 60_000 },
      );
    });
  }
}

/** Signing out clears the device: whoever has something to send is asked first. */
export function listen(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("form[data-leaves]") || form.dataset.sure || !window.indexedDB) return;
    event.preventDefault();
    void import("../lib/store")
      .then(({ waiting }) => waiting(base()))
      .catch(() => [])
      .then((kept) => {
        if (kept.length && !confirm(form.dataset.leaves)) return;
        form.dataset.sure = "yes";
        form.requestSubmit();
      });
  });
}

customElements.define("trato-along", Along);
customElements.define("trato-where", Where);
