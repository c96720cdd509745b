import { icon, make } from "./page";

/** One removable chip: <span class="chip"> with its text and a button. */
export function chip(text: string, removeLabel: string, onRemove: () => void): HTMLSpanElement {
  const button = make("button", { type: "button", class: "chip-remove", "aria-label": `${removeLabel} ${text}` }, icon("x"));
  const element = make("span", { class: "chip" }, text, button);
  button.addEventListener("click", () => {
    element.remove();
    onRemove();
  });
  return element;
}
