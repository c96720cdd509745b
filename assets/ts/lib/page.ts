/** Address of the workspace's pages ("/w/acme"), without a slash at the end; empty on pages outside a workspace. */
export const base = (): string => document.documentElement.dataset.base ?? "";

let dictionary: Record<string, string> | null = null;

/** A word of the page's language, from <html data-words>; base.html lists them. */
export function words(name: string): string {
  dictionary ??= JSON.parse(document.documentElement.dataset.words ?? "{}") as Record<string, string>;
  return dictionary[name] ?? name;
}

/** The token that every writing request carries in X-CSRFToken. */
export const csrf = (): string => document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";

/** True where a key pressed is text, not a shortcut. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(target.type);
}

/** An <svg> that shows a symbol of the sprite. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.documentElement.dataset.icons ?? ""}#${name}`);
  svg.append(use);
  return svg;
}

/** A small element in one line: make("li", { class: "chip", hidden: "" }, "text", child). */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

let counter = 0;

/** An id that no other element of the page has. */
export const uniqueId = (prefix: string): string => `${prefix}-${++counter}`;
