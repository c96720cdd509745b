// What every form of the pages gets: data-guard warns before a draft is lost; data-send="change" sends it when something in it
// changes; a double click sends it once; what is wrong ([data-focus]), the field a problem names, and a value being edited in
// place get the focus.
const AGAIN = 1500;
const CONTROL = "input:not([type=hidden]), select, textarea, [contenteditable=true]";
const sent = new WeakMap<HTMLFormElement, number>();

function submit(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  form.classList.remove("dirty");
  if (form.method !== "post" || event.defaultPrevented) return; // a dialog sends nothing
  if (Date.now() - (sent.get(form) ?? 0) < AGAIN) event.preventDefault();
  else sent.set(form, Date.now());
}

function loaded(event: Event): void {
  const { elt } = (event as CustomEvent<{ elt: HTMLElement }>).detail;
  const wrong = elt.querySelector<HTMLElement>("[data-focus]");
  if (wrong) wrong.focus();
  else if (elt.matches(".fact-editing")) elt.querySelector<HTMLElement>(CONTROL)?.focus();
  else if (elt.matches(".fact") && document.activeElement === document.body) elt.querySelector<HTMLElement>(".fact-edit")?.focus();
}

export function listen(): void {
  document.addEventListener("input", (event) => (event.target as Element).closest("form[data-guard]")?.classList.add("dirty"));
  document.addEventListener("change", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form");
    if (form?.matches("[data-guard]")) form.classList.add("dirty");
    if (form?.dataset.send === "change") form.requestSubmit();
  });
  document.addEventListener("submit", submit);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const cancel = (event.target as Element).closest(".fact-editing")?.querySelector<HTMLElement>("a[hx-get]");
    if (cancel) cancel.click();
    else if (location.hash === "#side") location.hash = "#content";
  });
  document.addEventListener("click", (event) => {
    const hash = (event.target as Element).closest<HTMLAnchorElement>('.notice a[href^="#"]')?.hash;
    const field = hash ? document.getElementById(hash.slice(1)) : null;
    setTimeout(() => (field?.matches(CONTROL) ? field : field?.querySelector<HTMLElement>(CONTROL))?.focus());
  });
  document.addEventListener("htmx:load", loaded);
  const form = document.querySelector(".record-form:not(:has([data-focus]))");
  if (matchMedia("(hover: hover)").matches) form?.querySelector<HTMLElement>(`.field-control :is(${CONTROL})`)?.focus();
  addEventListener("beforeunload", (event) => {
    if (document.querySelector("form.dirty")) event.preventDefault();
  });
}
