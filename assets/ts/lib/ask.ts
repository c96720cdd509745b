// A form that the server sent, in a dialog of the page: <dialog><form method="dialog"><h2></h2> … <div data-body></div></form></dialog>.

/** What was filled in, or null where it was left. */
export function ask(dialog: HTMLDialogElement, title: string, html: string): Promise<FormData | null> {
  const form = dialog.querySelector("form") as HTMLFormElement;
  (dialog.querySelector("h2") as HTMLElement).textContent = title;
  (dialog.querySelector("[data-body]") as HTMLElement).innerHTML = html;
  const [wrong] = form.querySelectorAll<HTMLElement>("[aria-invalid=true]");
  dialog.returnValue = "";
  dialog.showModal();
  (wrong ?? form.querySelector<HTMLElement>("[data-body] :is(input:not([type=hidden]), select, textarea, a, button)"))?.focus();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes" ? new FormData(form) : null), { once: true }),
  );
}
