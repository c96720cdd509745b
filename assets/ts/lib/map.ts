// A map without any outside service: outlines of countries on a canvas in Mercator's projection, and over it one button for each
// group of records that the server made. Moved by pointer, two fingers, wheel and keyboard.
import htmx from "htmx.org";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import type { Change } from "../elements/live";
import { make } from "./page";

interface Cluster {
  at: [number, number];
  count: number;
  place: string;
  label: string;
  rough: boolean;
}

interface Town {
  key: string;
  label: string;
  count: number;
  url: string;
}

const TILE = 256; // the width of the world at zoom 0
const CLOSEST = 12;
const NORTH = 85;
/** From this zoom on the fine outlines are drawn. */
const FINE = 3.5;
const PAUSE = 220;
/** Marks nearer to each other than so many pixels become one, or no finger would tell them apart. */
const APART = 30;

const across = (longitude: number): number => (longitude + 180) / 360;
const down = (latitude: number): number => {
  const clipped = (Math.max(-NORTH, Math.min(NORTH, latitude)) * Math.PI) / 180;
  return (1 - Math.log(Math.tan(clipped) + 1 / Math.cos(clipped)) / Math.PI) / 2;
};
const longitudeOf = (x: number): number => Math.max(-180, Math.min(180, x * 360 - 180));
const latitudeOf = (y: number): number => (Math.atan(Math.sinh(Math.PI * (1 - 2 * Math.max(0, Math.min(1, y))))) * 180) / Math.PI;

/** The countries as one path in the unit square. */
async function outlines(address: string): Promise<Path2D> {
  const world = (await (await fetch(address)).json()) as Topology<{ countries: GeometryCollection }>;
  const path = new Path2D();
  for (const country of feature(world, world.objects.countries).features) {
    const shape = country.geometry;
    const polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.type === "MultiPolygon" ? shape.coordinates : [];
    for (const ring of polygons.flat()) {
      ring.forEach(([longitude = 0, latitude = 0], index) => path[index ? "lineTo" : "moveTo"](across(longitude), down(latitude)));
      path.closePath();
    }
  }
  return path;
}

export function mount(element: HTMLElement): () => void {
  const frame = element.querySelector(".map") as HTMLElement;
  const canvas = element.querySelector("canvas") as HTMLCanvasElement;
  const marks = element.querySelector("[data-marks]") as HTMLElement;
  const list = element.querySelector("[data-places]") as HTMLElement;
  const records = element.querySelector("#map-records") as HTMLElement;
  const { url = "", coarse = "", fine = "", object = "", several = "", one = "", rough = "" } = element.dataset;
  let [x, y, zoom] = [0.5, 0.4, 1];
  let [width, height] = [0, 0];
  let shown: { cluster: Cluster; button: HTMLButtonElement }[] = [];
  let drawing = 0;
  let asking = 0;
  let request: AbortController | null = null;
  const paths: { coarse?: Path2D; fine?: Path2D } = {};
  let fetching = false;

  const scale = (): number => TILE * 2 ** zoom;

  function draw(): void {
    drawing = 0;
    const ratio = devicePixelRatio;
    if (canvas.width !== width * ratio || canvas.height !== height * ratio) [canvas.width, canvas.height] = [width * ratio, height * ratio];
    const context = canvas.getContext("2d");
    if (!context) return;
    const style = getComputedStyle(canvas); // a custom property would not say which of light and dark it is
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    const size = scale() * ratio;
    context.setTransform(size, 0, 0, size, (width / 2) * ratio - x * size, (height / 2) * ratio - y * size);
    const path = zoom >= FINE ? (paths.fine ?? paths.coarse) : paths.coarse;
    if (path) {
      context.fillStyle = style.color;
      context.strokeStyle = style.borderTopColor;
      context.lineWidth = ratio / size;
      context.fill(path);
      context.stroke(path);
    }
    for (const { cluster, button } of shown) {
      const left = width / 2 + (across(cluster.at[1]) - x) * scale();
      const top = height / 2 + (down(cluster.at[0]) - y) * scale();
      button.style.transform = `translate(${left}px, ${top}px) translate(-50%, -50%)`;
    }
    if (zoom >= FINE && !paths.fine && !fetching) {
      fetching = true;
      void outlines(fine).then((found) => {
        paths.fine = found;
        drawSoon();
      });
    }
  }

  function drawSoon(): void {
    drawing ||= requestAnimationFrame(draw);
  }

  /** Look somewhere else: drawn at once, asked for when it stays so. */
  function look(toX: number, toY: number, toZoom: number): void {
    zoom = Math.max(Math.log2(Math.max(width, 200) / TILE) - 0.5, Math.min(CLOSEST, toZoom));
    [x, y] = [Math.max(0, Math.min(1, toX)), Math.max(0, Math.min(1, toY))];
    drawSoon();
    clearTimeout(asking);
    asking = window.setTimeout(() => void ask(), PAUSE);
  }

  /** Change the zoom so that what is at a point of the frame stays there. */
  function closer(by: number, left = width / 2, top = height / 2): void {
    const before = scale();
    const wanted = Math.max(0, Math.min(CLOSEST, zoom + by));
    const after = TILE * 2 ** wanted;
    const [dx, dy] = [left - width / 2, top - height / 2];
    look(x + dx / before - dx / after, y + dy / before - dy / after, wanted);
  }

  function whole(): void {
    const { west, south, east, north } = element.dataset;
    const [left, right, top, bottom] = [across(Number(west)), across(Number(east)), down(Number(north)), down(Number(south))];
    const room = Math.min((width - 80) / Math.max(right - left, 1e-6), (height - 80) / Math.max(bottom - top, 1e-6));
    look((left + right) / 2, (top + bottom) / 2, Math.min(Math.log2(Math.max(room, 1) / TILE), 8));
  }

  async function ask(): Promise<void> {
    request?.abort();
    request = new AbortController();
    const [halfX, halfY] = [width / 2 / scale(), height / 2 / scale()];
    const box = [longitudeOf(x - halfX), latitudeOf(y + halfY), longitudeOf(x + halfX), latitudeOf(y - halfY)];
    const address = new URL(url, location.href);
    address.searchParams.set("box", box.map((degrees) => degrees.toFixed(4)).join(","));
    address.searchParams.set("zoom", String(Math.max(0, Math.round(zoom))));
    try {
      const answer = await fetch(address, { signal: request.signal });
      if (!answer.ok) return;
      const told = (await answer.json()) as { clusters: Cluster[]; places: Town[] };
      show(told.clusters);
      if (!element.querySelector("#map-records > *")) tell(told.places);
    } catch {
      // Asked again meanwhile, or the network is away: what is shown stays.
    }
  }

  /** The clusters that can be told apart; the server's cells know nothing of where in them the records are. */
  function apart(clusters: Cluster[]): Cluster[] {
    const kept: Cluster[] = [];
    const near = (one: Cluster, other: Cluster): boolean =>
      Math.hypot(across(one.at[1]) - across(other.at[1]), down(one.at[0]) - down(other.at[0])) * scale() < APART;
    for (const cluster of clusters) {
      const other = kept.find((each) => near(each, cluster));
      if (!other) kept.push({ ...cluster });
      else Object.assign(other, { count: other.count + cluster.count }, other.place === cluster.place ? {} : { place: "", label: "" });
    }
    return kept;
  }

  function show(clusters: Cluster[]): void {
    const focused = marks.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.place : undefined;
    shown = apart(clusters).map((cluster) => {
      const words = (cluster.place ? (cluster.rough ? rough : one) : several).replace("{place}", cluster.label).replace("{count}", String(cluster.count));
      const size = cluster.count > 999 ? "map-mark-4" : cluster.count > 99 ? "map-mark-3" : cluster.count > 9 ? "map-mark-2" : "map-mark-1";
      const button = make("button", { type: "button", class: `map-mark ${size}${cluster.rough ? " map-mark-rough" : ""}`, "aria-label": words, title: words, "data-place": cluster.place }, cluster.count > 999 ? `${Math.round(cluster.count / 100) / 10}k` : String(cluster.count));
      button.addEventListener("click", () => (cluster.place ? void open(cluster.place) : look(across(cluster.at[1]), down(cluster.at[0]), zoom + 2)));
      return { cluster, button };
    });
    marks.replaceChildren(...shown.map(({ button }) => button));
    if (focused !== undefined) marks.querySelector<HTMLElement>(`[data-place="${CSS.escape(focused)}"]`)?.focus();
    drawSoon();
  }

  function tell(towns: Town[]): void {
    list.replaceChildren(
      ...towns.map((town) =>
        make("li", {}, make("a", { href: town.url, "data-place": town.key }, make("span", {}, town.label), make("span", { class: "number muted" }, String(town.count)))),
      ),
    );
  }

  /** The records of a town beside the map, as far as they are on it. */
  async function open(place: string): Promise<void> {
    const address = new URL(url, location.href);
    address.searchParams.set("place", place);
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    records.innerHTML = await answer.text();
    htmx.process(records);
    list.hidden = true;
    records.querySelector<HTMLElement>("li a")?.focus();
  }

  function back(): void {
    records.replaceChildren();
    list.hidden = false;
    void ask();
    list.querySelector<HTMLElement>("a")?.focus();
  }

  function clicked(event: Event): void {
    const target = event.target as Element;
    const zooming = target.closest<HTMLElement>("[data-zoom]");
    const town = target.closest<HTMLElement>("a[data-place]");
    if (zooming) closer(Number(zooming.dataset.zoom));
    else if (target.closest("[data-whole]")) whole();
    else if (town) {
      event.preventDefault();
      void open(town.dataset.place ?? "");
    } else if (target.closest("[data-back]")) {
      event.preventDefault();
      back();
    }
  }

  const pointers = new Map<number, { left: number; top: number }>();
  function pressed(event: PointerEvent): void {
    if ((event.target as Element).closest("button")) return;
    pointers.set(event.pointerId, { left: event.clientX, top: event.clientY });
    canvas.setPointerCapture(event.pointerId);
  }
  function dragged(event: PointerEvent): void {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = { left: event.clientX, top: event.clientY };
    const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    pointers.set(event.pointerId, now);
    look(x - (now.left - before.left) / scale() / pointers.size, y - (now.top - before.top) / scale() / pointers.size, zoom);
    if (!other) return;
    const box = frame.getBoundingClientRect();
    const away = (place: { left: number; top: number }) => Math.hypot(place.left - other.left, place.top - other.top) || 1;
    closer(Math.log2(away(now) / away(before)), (now.left + other.left) / 2 - box.left, (now.top + other.top) / 2 - box.top);
  }
  const released = (event: PointerEvent): void => void pointers.delete(event.pointerId);

  function wheeled(event: WheelEvent): void {
    event.preventDefault();
    const box = frame.getBoundingClientRect();
    closer(-event.deltaY / (event.deltaMode ? 8 : 300), event.clientX - box.left, event.clientY - box.top);
  }

  function key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = 80 / scale();
    const moves: Record<string, () => void> = {
      ArrowLeft: () => look(x - step, y, zoom),
      ArrowRight: () => look(x + step, y, zoom),
      ArrowUp: () => look(x, y - step, zoom),
      ArrowDown: () => look(x, y + step, zoom),
      "+": () => closer(1),
      "=": () => closer(1),
      "-": () => closer(-1),
      Home: whole,
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  }

  let timer = 0;
  function heard(event: Event): void {
    if ((event as CustomEvent<Change>).detail.object !== object) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), 3000); // a job looks the place up first
  }

  const sizes = new ResizeObserver(() => {
    const first = !width;
    [width, height] = [frame.clientWidth, frame.clientHeight];
    if (first && width) whole();
    else drawSoon();
  });
  const themes = new MutationObserver(drawSoon);
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  sizes.observe(frame);
  element.addEventListener("click", clicked);
  frame.addEventListener("keydown", key);
  canvas.addEventListener("pointerdown", pressed);
  canvas.addEventListener("pointermove", dragged);
  canvas.addEventListener("pointerup", released);
  canvas.addEventListener("pointercancel", released);
  frame.addEventListener("wheel", wheeled, { passive: false });
  document.addEventListener("trato:change", heard);
  void outlines(coarse).then((path) => {
    paths.coarse = path;
    drawSoon();
  });
  return () => {
    document.removeEventListener("trato:change", heard);
    sizes.disconnect();
    themes.disconnect();
    request?.abort();
    cancelAnimationFrame(drawing);
  };
}
