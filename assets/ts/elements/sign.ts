// <trato-sign><form>: a name that is typed, or drawn on a canvas; the strokes go with the form as the path of an SVG in a box of
// 600 by 200, in the field "drawing". Without this script the name is typed.
const WIDE = 600;
const TALL = 200;
const LONGEST = 38_000; // characters; the server takes a few more

class Sign extends HTMLElement {
  private strokes: string[] = [];
  private pen: CanvasRenderingContext2D | null = null;
  private last: [number, number] | null = null;

  connectedCallback(): void {
    const canvas = this.querySelector("canvas");
    const form = this.querySelector("form");
    if (!canvas || !form) return;
    this.pen = canvas.getContext("2d");
    this.addEventListener("click", (event) => {
      const target = event.target as Element;
      const way = target.closest<HTMLElement>("[data-way]")?.dataset.way;
      if (way) this.choose(way);
      if (target.closest("[data-clear]")) this.clear();
    });
    canvas.addEventListener("pointerdown", (event) => this.begin(canvas, event));
    canvas.addEventListener("pointermove", (event) => this.go(canvas, event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (this.last = null));
    const name = this.field("name");
    const show = (): void => {
      const typed = this.querySelector(".sign-typed");
      if (typed) typed.textContent = name?.value ?? "";
    };
    name?.addEventListener("input", show);
    show();
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (sent) event.preventDefault(); // a second click
      sent = true;
      setTimeout(() => (sent = false), 5000);
    });
    window.addEventListener("pageshow", () => (sent = false));
  }

  private field(name: string): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>(`input[name=${name}]`);
  }

  private choose(way: string): void {
    const chosen = this.field("way");
    if (chosen) chosen.value = way;
    this.querySelectorAll<HTMLElement>("[data-way]").forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.way === way)),
    );
    for (const [part, shown] of [[".sign-typed", "typed"], [".sign-drawn", "drawn"]] as const) {
      const element = this.querySelector<HTMLElement>(part);
      if (element) element.hidden = way !== shown;
    }
  }

  private at(canvas: HTMLCanvasElement, event: PointerEvent): [number, number] {
    const box = canvas.getBoundingClientRect();
    const within = (value: number, most: number): number => Math.round(Math.min(Math.max(value, 0), most) * 10) / 10;
    return [within(((event.clientX - box.left) / box.width) * WIDE, WIDE), within(((event.clientY - box.top) / box.height) * TALL, TALL)];
  }

  private begin(canvas: HTMLCanvasElement, event: PointerEvent): void {
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
    this.last = this.at(canvas, event);
    this.strokes.push(`M${this.last.join(" ")}`);
    this.keep();
  }

  private go(canvas: HTMLCanvasElement, event: PointerEvent): void {
    if (!this.last || !this.pen) return;
    const next = this.at(canvas, event);
    if (Math.hypot(next[0] - this.last[0], next[1] - this.last[1]) < 2) return;
    if (this.strokes.join("").length > LONGEST) return;
    this.pen.lineWidth = 4;
    this.pen.lineCap = this.pen.lineJoin = "round";
    this.pen.strokeStyle = getComputedStyle(canvas).color;
    this.pen.beginPath();
    this.pen.moveTo(...this.last);
    this.pen.lineTo(...next);
    this.pen.stroke();
    this.strokes[this.strokes.length - 1] += `L${next.join(" ")}`;
    this.last = next;
    this.keep();
  }

  private clear(): void {
    this.strokes = [];
    this.pen?.clearRect(0, 0, WIDE, TALL);
    this.keep();
  }

  private keep(): void {
    const drawing = this.field("drawing");
    if (drawing) drawing.value = this.strokes.join("");
  }
}

customElements.define("trato-sign", Sign);
