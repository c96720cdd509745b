// @ while typing offers the people who may see the record. A mention is kept as <a href="#users/<id>">@Name</a>.
import Mention from "@tiptap/extension-mention";
import type { SuggestionKeyDownProps, SuggestionProps } from "@tiptap/suggestion";
import { make, uniqueId, words } from "./page";

interface Person {
  id: string;
  name: string;
  email: string;
}

type Props = SuggestionProps<Person>;

/** The extension for an editor; `address` answers who may be mentioned, "" for nobody. */
export const mention = (address: string) =>
  Mention.extend({
    parseHTML: () => [
      {
        tag: 'a[href^="#users/"]',
        priority: 1000,
        getAttrs: (element: HTMLElement) => ({
          id: element.getAttribute("href")?.slice("#users/".length) ?? "",
          label: (element.textContent ?? "").replace(/^@/, ""),
        }),
      },
    ],
    renderHTML: ({ node }) => ["a", { href: `#users/${node.attrs.id}` }, `@${node.attrs.label}`],
    renderText: ({ node }) => `@${node.attrs.label}`,
  }).configure({
    suggestion: {
      items: ({ query }: { query: string }) => offered(address, query),
      command: ({ editor, range, props }) => {
        const person = props as unknown as Person;
        editor
          .chain()
          .focus()
          .insertContentAt(range, [
            { type: "mention", attrs: { id: person.id, label: person.name } },
            { type: "text", text: " " },
          ])
          .run();
      },
      render: () => list(),
    },
  });

async function offered(address: string, query: string): Promise<Person[]> {
  if (!address) return [];
  const answer = await fetch(`${address}?q=${encodeURIComponent(query)}`).catch(() => null);
  return answer?.ok ? ((await answer.json()) as Person[]) : [];
}

function list() {
  let box: HTMLUListElement | null = null;
  let current: Props | null = null;
  let chosen = 0;

  function show(props: Props): void {
    current = props;
    chosen = Math.min(chosen, Math.max(0, props.items.length - 1));
    box ??= begin();
    const id = box.id;
    box.hidden = !props.items.length && !props.query;
    box.replaceChildren(...props.items.map((person, index) => option(person, `${id}-${index}`, index === chosen)));
    if (!props.items.length) box.append(make("li", { class: "muted menu-item", role: "option", "aria-disabled": "true", "aria-selected": "false" }, words("nothing")));
    const text = props.editor.view.dom;
    text.setAttribute("aria-controls", id);
    if (props.items.length) text.setAttribute("aria-activedescendant", `${id}-${chosen}`);
    place(props);
  }

  function begin(): HTMLUListElement {
    const made = make("ul", { class: "menu mention-menu", role: "listbox", id: uniqueId("mention"), "aria-label": words("mention") });
    made.addEventListener("pointerdown", (event) => {
      const index = [...made.children].indexOf((event.target as Element).closest("li") as Element);
      event.preventDefault();
      take(index);
    });
    document.body.append(made);
    return made;
  }

  function option(person: Person, id: string, selected: boolean): HTMLLIElement {
    const line = make("li", { class: "menu-item", role: "option", id, "aria-selected": String(selected) }, person.name);
    line.append(make("span", { class: "muted small" }, person.email === person.name ? "" : person.email));
    return line;
  }

  function place(props: Props): void {
    const at = props.clientRect?.();
    if (!box || !at) return;
    const below = at.bottom + box.offsetHeight + 8 < innerHeight;
    box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - box.offsetWidth - 8))}px`;
    box.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - box.offsetHeight - 4)}px`;
  }

  function take(index: number): void {
    const person = current?.items[index];
    if (person) current?.command(person as never);
  }

  function end(): void {
    current?.editor.view.dom.removeAttribute("aria-activedescendant");
    current?.editor.view.dom.removeAttribute("aria-controls");
    box?.remove();
    box = current = null;
    chosen = 0;
  }

  function key({ event }: SuggestionKeyDownProps): boolean {
    const items = current?.items.length ?? 0;
    if (event.key === "Escape") {
      event.stopPropagation();
      end();
      return true;
    }
    if (!items || !box) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : items - 1)) % items;
      if (current) show(current);
      return true;
    }
    if (event.key !== "Enter" && event.key !== "Tab") return false;
    take(chosen);
    return true;
  }

  return { onStart: show, onUpdate: show, onKeyDown: key, onExit: end };
}
