// Forms with data-asked: the server says which fields have a place on what is typed and which are needed; the others disappear.
import { csrf } from "./page";

interface Asked {
  unseen: string[];
  needed: string[];
}

const waiting = new WeakMap<HTMLFormElement, number>();

async function ask(form: HTMLFormElement): Promise<void> {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  const answer = await fetch(form.dataset.asked ?? "", { method: "POST", body: data, headers: { "X-CSRFToken": csrf() } });
  if (!answer.ok) return;
  const { unseen, needed } = (await answer.json()) as Asked;
  form.querySelectorAll<HTMLElement>("[data-field]").forEach((row) => {
    const name = row.dataset.field ?? "";
    row.hidden = unseen.includes(name);
    row.classList.toggle("field-needed", needed.includes(name));
    row.querySelector("input, select, textarea")?.setAttribute("aria-required", String(needed.includes(name)));
  });
}

export function listen(): void {
  const later = (event: Event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-asked]");
    if (!form) return;
    window.clearTimeout(waiting.get(form));
    waiting.set(form, window.setTimeout(() => void ask(form), 250));
  };
  document.addEventListener("change", later);
  document.addEventListener("input", later);
}
