// <trato-here data-label="Also here">: the initials of the people who have the same record open, as the event stream tells.
import { others } from "../lib/here";
import { make } from "../lib/page";

const HUES = 8;
const SHOWN = 4;

/** At most two letters that stand for a name. */
const initials = (name: string): string => {
  const words = name.split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? "?")][0] ?? "?";
  return (words.length > 1 ? first + ([...words.at(-1) ?? ""][0] ?? "") : first).toUpperCase();
};

const hue = (id: string): number => [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % HUES;

class Here extends HTMLElement {
  connectedCallback(): void {
    document.addEventListener("trato:here", this.show);
    this.show();
  }

  disconnectedCallback(): void {
    document.removeEventListener("trato:here", this.show);
  }

  private show = (): void => {
    const people = others();
    this.replaceChildren();
    if (!people.length) return;
    const names = people.map((person) => person.name).join(", ");
    this.title = `${this.dataset.label}: ${names}`;
    this.append(make("span", { class: "visually-hidden" }, this.title));
    people.slice(0, SHOWN).forEach(({ id, name }) => {
      this.append(make("span", { class: `disc disc-sm avatar-${hue(id)}`, "aria-hidden": "true" }, initials(name)));
    });
    const more = people.length - SHOWN;
    if (more > 0) this.append(make("span", { class: "muted number", "aria-hidden": "true" }, `+${more}`));
  };
}

customElements.define("trato-here", Here);
