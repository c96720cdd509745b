// What every form of the pages gets: data-guard warns before a draft is lost; data-send="change" sends it when something in it
// changes; a double click sends it once.
const AGAIN = 1500;
const sent = new WeakMap<HTMLFormElement, number>();

export function listen(): void {
  document.addEventListener("input", (event) => (event.target as Element).closest("form[data-guard]")?.classList.add("dirty"));
  document.addEventListener("change", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form");
    if (form?.matches("[data-guard]")) form.classList.add("dirty");
    if (form?.dataset.send === "change") form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    form.classList.remove("dirty");
    if (form.method === "get" || event.defaultPrevented) return;
    if (Date.now() - (sent.get(form) ?? 0) < AGAIN) event.preventDefault();
    else sent.set(form, Date.now());
  });
  addEventListener("beforeunload", (event) => {
    if (document.querySelector("form.dirty")) event.preventDefault();
  });
}
