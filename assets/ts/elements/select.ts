// <trato-select>: wraps the form of a list. [data-all] ticks every [data-one], shift-click a stretch of them; the bar [data-bar]
// is shown while any is ticked and its [data-count] says how many; [data-whole] offers all pages once all of this one are. What is ticked is ticked again when the browser comes back.
import { cameBack } from "../lib/back";

class Select extends HTMLElement {
  private last: HTMLInputElement | null = null;

  connectedCallback(): void {
    this.addEventListener("change", (event) => {
      const box = event.target as HTMLInputElement;
      if (box.matches("[data-all]")) this.boxes().forEach((one) => (one.checked = box.checked));
      if (box.matches("[data-all], [data-one]")) this.update();
    });
    this.addEventListener("click", (event) => {
      const target = event.target as Element;
      if (target.matches("[data-one]")) this.stretch(target as HTMLInputElement, (event as MouseEvent).shiftKey);
      if (!target.closest("[data-none]")) return;
      this.boxes().forEach((one) => (one.checked = false));
      this.update();
    });
    if (cameBack()) this.comeBack();
    this.update();
    window.addEventListener("pagehide", this.leave);
  }

  disconnectedCallback(): void {
    window.removeEventListener("pagehide", this.leave);
  }

  private get place(): string {
    return `trato.ticked ${location.pathname}${location.search}`;
  }

  private leave = (): void => {
    const ticked = this.boxes().filter((one) => one.checked).map((one) => one.value);
    sessionStorage.setItem(this.place, JSON.stringify(ticked));
  };

  private comeBack(): void {
    const ticked = new Set(JSON.parse(sessionStorage.getItem(this.place) ?? "[]") as string[]);
    this.boxes().forEach((one) => (one.checked = ticked.has(one.value)));
  }

  private boxes(): HTMLInputElement[] {
    return [...this.querySelectorAll<HTMLInputElement>("[data-one]")];
  }

  private stretch(box: HTMLInputElement, shift: boolean): void {
    const boxes = this.boxes();
    if (shift && this.last && boxes.includes(this.last)) {
      const [from, to] = [boxes.indexOf(this.last), boxes.indexOf(box)].sort((a, b) => a - b) as [number, number];
      boxes.slice(from, to + 1).forEach((one) => (one.checked = box.checked));
      this.update();
    }
    this.last = box;
  }

  private update(): void {
    const boxes = this.boxes();
    const ticked = boxes.filter((one) => one.checked).length;
    const all = this.querySelector<HTMLInputElement>("[data-all]");
    if (all) {
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    boxes.forEach((one) => one.closest("tr")?.classList.toggle("selected", one.checked));
    const bar = this.querySelector<HTMLElement>("[data-bar]");
    if (bar) bar.hidden = ticked === 0;
    const whole = this.querySelector<HTMLElement>("[data-whole]"); // every page of the list, once this one is ticked
    if (whole) {
      whole.hidden = ticked === 0 || ticked < boxes.length;
      const box = whole.querySelector("input");
      if (box && whole.hidden) box.checked = false;
    }
    const count = this.querySelector("[data-count]");
    if (count) count.textContent = new Intl.NumberFormat(document.documentElement.lang).format(ticked);
  }
}

customElements.define("trato-select", Select);
