import { Editor, Mark } from "@tiptap/core";
import Image from "@tiptap/extension-image";
import { TableKit } from "@tiptap/extension-table";
import StarterKit from "@tiptap/starter-kit";
import { mention } from "./mention";
import { icon, make, words } from "./page";

const mark = (name: string, tag: string) =>
  Mark.create({ name, parseHTML: () => [{ tag }], renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0] });

// What a note may hold: all that the server's sanitiser keeps, so that editing a text never loses what its source had.
const extensions = [
  StarterKit.configure({
    heading: { levels: [1, 2, 3, 4] },
    trailingNode: false,
    link: { openOnClick: false, defaultProtocol: "https", HTMLAttributes: { rel: "noopener noreferrer nofollow", target: null } },
  }),
  Image.configure({ inline: true }),
  mark("subscript", "sub"),
  mark("superscript", "sup"),
  TableKit,
];

interface Tool {
  name: string;
  symbol: SVGSVGElement;
  run(editor: Editor): void;
  on(editor: Editor): boolean;
}

const tools = (ask: (editor: Editor) => void): Tool[] => [
  { name: "bold", symbol: icon("bold"), run: (e) => e.chain().focus().toggleBold().run(), on: (e) => e.isActive("bold") },
  { name: "italic", symbol: icon("italic"), run: (e) => e.chain().focus().toggleItalic().run(), on: (e) => e.isActive("italic") },
  {
    name: "heading",
    symbol: icon("heading"),
    run: (e) => e.chain().focus().toggleHeading({ level: 3 }).run(),
    on: (e) => e.isActive("heading"),
  },
  { name: "list", symbol: icon("list"), run: (e) => e.chain().focus().toggleBulletList().run(), on: (e) => e.isActive("bulletList") },
  {
    name: "numbers",
    symbol: icon("list-numbers"),
    run: (e) => e.chain().focus().toggleOrderedList().run(),
    on: (e) => e.isActive("orderedList"),
  },
  { name: "quote", symbol: icon("quote"), run: (e) => e.chain().focus().toggleBlockquote().run(), on: (e) => e.isActive("blockquote") },
  { name: "link", symbol: icon("link"), run: ask, on: (e) => e.isActive("link") },
];

/** Puts an editor before the textarea and keeps the textarea's value as its HTML ("" when nothing is written). */
export function mount(area: HTMLTextAreaElement): void {
  const place = make("div", { class: "editor" });
  const toolbar = make("div", { class: "editor-tools", role: "toolbar", "aria-label": words("toolbar") });
  area.before(place);
  const name = area.labels?.[0]?.textContent?.trim() ?? "";
  const editor = new Editor({
    element: place,
    extensions: [...extensions, mention(area.closest<HTMLElement>("[data-people]")?.dataset.people ?? "")],
    content: area.value,
    injectCSS: false,
    editorProps: { attributes: { class: "editor-text", role: "textbox", "aria-multiline": "true", "aria-label": name, "data-placeholder": area.placeholder } },
    onUpdate: () => {
      area.value = editor.isEmpty ? "" : editor.getHTML();
      area.dispatchEvent(new Event("change", { bubbles: true }));
    },
    onTransaction: () => press(),
  });
  const entries = tools((target) => askForLink(place, target)).map((tool) => {
    const button = make("button", { type: "button", title: words(tool.name), "aria-label": words(tool.name) });
    button.append(tool.symbol);
    button.addEventListener("click", () => tool.run(editor));
    toolbar.append(button);
    return { tool, button };
  });
  function press(): void {
    for (const { tool, button } of entries) button.setAttribute("aria-pressed", String(tool.on(editor)));
  }
  press();
  place.append(toolbar);
  area.hidden = true;
  area.form?.addEventListener("reset", () => editor.commands.setContent(area.defaultValue));
}

function askForLink(place: HTMLElement, editor: Editor): void {
  if (editor.isActive("link")) {
    editor.chain().focus().unsetLink().run();
    return;
  }
  const input = make("input", { type: "url", class: "form-control form-control-sm", placeholder: "https://", "aria-label": words("link") });
  const done = (href: string) => {
    input.remove();
    if (href) editor.chain().focus().extendMarkRange("link").setLink({ href }).run();
    else editor.commands.focus();
  };
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    done(event.key === "Enter" ? input.value.trim() : "");
  });
  place.querySelector(".editor-tools")?.append(input);
  input.focus();
}
