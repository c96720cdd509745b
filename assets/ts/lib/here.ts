/** Somebody else who has this page's record open. */
export interface Person {
  id: string;
  name: string;
}

let people: Person[] = [];

/** Who else is here, as was told last. */
export const others = (): Person[] => people;

/** Take up who else is here, and tell the elements that show it. */
export function meet(told: Person[]): void {
  people = told;
  document.dispatchEvent(new CustomEvent("trato:here"));
}
