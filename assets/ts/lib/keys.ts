// Shortcuts: any link, button or input with data-key="g h" is reached by typing those keys one after another; "?" shows them all
// in the first list of the <dialog id="shortcuts">, named by aria-label, title or text; the keys of tables and boards stand below it.
import { isTyping, make } from "./page";

const PAUSE = 1000;
const KEYED = ":is(a, button, input, summary)[data-key]";
let typed: string[] = [];
let timer = 0;

function visible(element: HTMLElement): boolean {
  return element.checkVisibility?.() ?? true;
}

function reach(element: HTMLElement): void {
  if (element instanceof HTMLInputElement) {
    element.focus();
    element.select();
  } else element.click();
}

function help(): void {
  const dialog = document.querySelector<HTMLDialogElement>("#shortcuts");
  const list = dialog?.querySelector("dl");
  if (!dialog || !list || dialog.open) return;
  const named = new Map<string, string>();
  document.querySelectorAll<HTMLElement>(KEYED).forEach((element) => {
    if (!visible(element)) return;
    const name = element.dataset.keyName ?? element.getAttribute("aria-label") ?? element.title ?? "";
    named.set(element.dataset.key ?? "", name || (element.textContent?.trim() ?? ""));
  });
  list.replaceChildren(
    ...[...named].flatMap(([keys, name]) => {
      const caps = keys.split(" ").map((key) => make("kbd", {}, key));
      return [make("dt", {}, ...caps), make("dd", {}, name)];
    }),
  );
  dialog.showModal();
  void rest(dialog.querySelector("[data-from]"));
}

/** The keys that nothing on the page tells of, fetched once. */
async function rest(place: HTMLElement | null): Promise<void> {
  if (!place?.dataset.from || place.childElementCount) return;
  const answer = await fetch(place.dataset.from, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.ok) place.innerHTML = await answer.text();
}

export function listen(): void {
  document.addEventListener("click", (event) => (event.target as Element).closest("[data-shortcuts]") && help());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") return help();
    if (event.key.length !== 1) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => (typed = []), PAUSE);
    typed.push(event.key);
    const keys = typed.join(" ");
    const all = [...document.querySelectorAll<HTMLElement>(KEYED)];
    const hit = all.find((element) => element.dataset.key === keys && visible(element));
    if (hit) {
      event.preventDefault();
      typed = [];
      reach(hit);
    } else if (!all.some((element) => element.dataset.key?.startsWith(keys))) typed = [];
  });
}
