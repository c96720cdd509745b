// The page without a network: shows what the device keeps, and puts what is written into the queue before it says so.
import { refresh, type Went } from "./lib/along";
import { icon, make, words } from "./lib/page";
import { orderForm } from "./lib/ordering";
import { photos, thumbnail } from "./lib/photos";
import { type Bundle, drop, type Item, type Link, put, read, type Row, uuid7, type Waiting, waiting } from "./lib/store";

const base = document.documentElement.dataset.base ?? "";
const main = document.getElementById("offline") as HTMLElement;
const outcomes = JSON.parse(main.dataset.outcomes ?? "[]") as { value: string; label: string }[];
const language = document.documentElement.lang;
const SAVED = 3000;
const PATIENCE = 8000;

let kept: Bundle | null = null;
let queue: Waiting[] = [];
let went: Went = "offline";

const link = (value: unknown): Link | null => (value && typeof value === "object" ? (value as Link) : null);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const list = (value: unknown): Record<string, string>[] => (Array.isArray(value) ? (value as Record<string, string>[]) : []);
const when = (value: unknown, style: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" }): string =>
  value ? new Intl.DateTimeFormat(language, style).format(new Date(text(value))) : "";

/** Lines as paragraphs, which is what reports and notes are made of; and back. */
const asHtml = (plain: string): string =>
  plain.split("\n").filter((line) => line.trim()).map((line) => make("p", {}, line.trim()).outerHTML).join("");
const asText = (html: string): string => {
  const body = new DOMParser().parseFromString(html.replace(/<(br|\/p|\/li|\/h\d|\/blockquote)\b[^>]*>/g, "\n"), "text/html").body;
  return (body.textContent ?? "").trim();
};

function say(words_: string): void {
  const said = document.getElementById("said") as HTMLElement;
  said.textContent = words_;
  setTimeout(() => said.textContent === words_ && (said.textContent = ""), SAVED);
}

/** Keep what was written, then say so, then try to send it. */
async function write(label: string, item: Omit<Item, "id" | "user">, photo?: Blob): Promise<boolean> {
  if (!kept) return false;
  const id = uuid7();
  const earlier = item.does === "change" ? queue.find((one) => one.item.does === "change" && one.item.record === item.record && one.state !== "conflict") : undefined;
  const whole: Item = earlier
    ? { ...earlier.item, id, values: { ...earlier.item.values, ...item.values }, base: { ...item.base, ...earlier.item.base } }
    : { ...item, id, user: kept.user };
  try {
    await put(base, { id, label, item: whole, state: "waiting", message: "", fields: [], ...(photo ? { photo } : {}) });
    if (earlier) await drop(base, earlier.id);
  } catch {
    say(words("full"));
    return false;
  }
  void navigator.storage?.persist?.(); // where the disk gets full, other sites make room first
  say(words("saved"));
  await load();
  void reach();
  return true;
}

async function load(): Promise<void> {
  kept = await read(base).catch(() => null);
  queue = kept ? await waiting(base, kept.user) : [];
  draw();
}

let reaching = false;
async function reach(): Promise<void> {
  if (reaching) return;
  reaching = true;
  went = await refresh(base).catch((): Went => "offline");
  reaching = false;
  await load();
}

/** A visit as it is with what waits to be sent. */
function asWritten(visit: Row): Row {
  const mine = queue.filter((one) => one.item.record === visit.id);
  return mine.reduce((row, { item }) => {
    if (item.does === "change") return { ...row, ...item.values };
    return item.action === "check_in" ? { ...row, status: "under_way", checked_in_at: item.values.at } : { ...row, status: "done", checked_out_at: item.values.at };
  }, visit);
}

function draw(): void {
  const state = document.getElementById("state") as HTMLElement;
  state.textContent = words(went === "online" ? "online" : went);
  (document.getElementById("count") as HTMLElement).textContent = queue.length ? String(queue.length) : "";
  const [where = "", id = ""] = location.hash.slice(1).split("/");
  document.querySelectorAll<HTMLAnchorElement>(".offline-nav a").forEach((one) => one.toggleAttribute("aria-current", one.hash.slice(1) === where));
  if (main.contains(document.activeElement) && document.activeElement?.matches("input:not([type=file]), textarea, select") && main.dataset.shown === location.hash) return; // somebody is writing
  const unsaved = main.dataset.shown === location.hash ? main.querySelectorAll<HTMLFormElement>("form[data-unsaved]") : [];
  main.dataset.shown = location.hash;
  if (!kept) return main.replaceChildren(make("p", { class: "muted" }, words(went === "gone" ? "gone" : went === "sign_in" ? "sign_in" : "nothing")));
  const visit = where === "visit" ? kept.visits.find((one) => one.id === id) : undefined;
  main.replaceChildren(...(visit ? showVisit(kept, asWritten(visit), visit) : where === "waiting" ? showWaiting() : showVisits(kept)));
  for (const form of unsaved) putBack(form);
}

/** What is typed and not kept yet stays as it is, while all around it is drawn anew. */
function putBack(form: HTMLFormElement): void {
  const fresh = main.querySelector(`form[data-name="${form.dataset.name}"]`);
  fresh?.closest("details")?.setAttribute("open", "");
  fresh?.replaceWith(form);
}

function showVisits(held: Bundle): Node[] {
  const days = new Map<string, HTMLElement>();
  for (const visit of held.visits.map(asWritten)) {
    const day = when(visit.planned_at, { dateStyle: "full" });
    if (!days.has(day)) days.set(day, make("ul", { class: "offline-list" }));
    const account = link(visit.account)?.title ?? "";
    days.get(day)?.append(
      make("li", {}, make("a", { href: `#visit/${visit.id}` }, make("span", { class: "number" }, when(visit.planned_at, { timeStyle: "short" })), make("span", {}, make("strong", {}, visit.title), account), icon(visit.status === "done" ? "check" : "chevron-right"))),
    );
  }
  const parts = [...days].flatMap(([day, visits]) => [make("h2", {}, day), visits]);
  return [...(parts.length ? parts : [make("p", { class: "muted" }, words("none"))]), make("p", { class: "muted" }, words("kept").replace("{when}", when(held.taken_at)))];
}

function showVisit(held: Bundle, visit: Row, before: Row): Node[] {
  const about = link(visit.account);
  const account = held.accounts.find((one) => one.id === about?.id);
  const place = list(visit.place)[0] ?? list(account?.addresses)[0];
  const parts: Node[] = [make("p", {}, make("a", { href: "#" }, words("back"))), make("h2", {}, visit.title), make("p", {}, make("strong", {}, about?.title ?? ""), make("br"), when(visit.planned_at))];
  if (place) {
    const said = [place.line1, place.city].filter(Boolean).join(", ");
    parts.push(make("p", {}, make("a", { href: `geo:0,0?q=${encodeURIComponent(said)}` }, icon("navigation"), said)));
  }
  parts.push(...reaches(account, held.contacts.filter((one) => link(one.account)?.id === about?.id)));
  if (account?.description) parts.push(make("p", { class: "muted" }, text(account.description)));
  if (held.may.visits) parts.push(...onTheSpot(visit, before));
  if (held.may.files) parts.push(ofVisit(visit));
  if (about) parts.push(...forms(held, about));
  const orders = held.orders.filter((one) => link(one.account)?.id === about?.id);
  if (orders.length) parts.push(make("h3", {}, words("orders")), make("ul", {}, ...orders.map((one) => showOrder(held, one))));
  return parts;
}

function reaches(account: Row | undefined, contacts: Row[]): Node[] {
  return [account, ...contacts].filter((one) => one !== undefined).map((one) => {
    const phones = list(one.phones).map(({ number = "" }) => make("a", { class: "btn btn-sm", href: `tel:${number}` }, icon("phone"), number));
    return make("p", { class: "offline-reach" }, make("span", {}, one.title, one.job_title ? ` · ${text(one.job_title)}` : ""), ...phones);
  });
}

function showOrder(held: Bundle, order: Row): HTMLElement {
  const lines = held["order-lines"].filter((one) => link(one.order)?.id === order.id);
  const total = order.total as { amount: string; currency: string } | null;
  const sums = total ? ` · ${total.amount} ${total.currency}` : "";
  return make("li", {}, `${order.title || when(order.ordered_on, { dateStyle: "medium" })}${sums}`, make("ul", {}, ...lines.map((one) => make("li", {}, `${Number(one.quantity)} × ${link(one.product)?.title ?? text(one.description)}`))));
}

/** The buttons of arriving and leaving, and the report. */
function onTheSpot(visit: Row, before: Row): Node[] {
  const act = (action: string, label: string): HTMLElement => {
    const button = make("button", { type: "button", class: "btn btn-primary" }, words(label));
    button.addEventListener("click", async () => {
      button.setAttribute("disabled", "");
      const values = { at: new Date().toISOString(), ...(action === "check_in" ? await here() : {}) };
      await write(`${words(label)}: ${visit.title}`, { does: "act", object: "visits", record: visit.id, action, values });
    });
    return button;
  };
  const buttons = visit.status === "planned" ? [act("check_in", "check_in")] : visit.status === "under_way" ? [act("check_out", "check_out")] : [];
  const times = [visit.checked_in_at ? `${words("arrived")} ${when(visit.checked_in_at)}` : "", visit.checked_out_at ? `${words("left")} ${when(visit.checked_out_at)}` : ""];
  const report = make("textarea", { class: "form-control", rows: "5", "aria-label": words("report") }, asText(text(visit.report)));
  const outcome = make("select", { class: "form-select", "aria-label": words("outcome") }, make("option", { value: "" }, "–"), ...outcomes.map(({ value, label }) => make("option", { value }, label)));
  outcome.value = text(visit.outcome);
  const form = make("form", { class: "offline-form", "data-name": "report" }, make("h3", {}, words("report")), report, outcome, make("button", { class: "btn" }, words("save")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    (document.activeElement as HTMLElement | null)?.blur();
    const values = { report: asHtml(report.value), outcome: outcome.value };
    const held = { report: before.report ?? "", outcome: before.outcome ?? "" };
    const item = { does: "change", object: "visits", record: visit.id, version: before.version, base: held, values } as const;
    void write(`${words("report")}: ${visit.title}`, item).then((kept_) => kept_ && form.removeAttribute("data-unsaved"));
  });
  return [make("p", { class: "muted" }, times.filter(Boolean).join(" · ")), make("p", {}, ...buttons), form];
}

/** The photos of a visit: each waits by itself, and is one file about the visit. */
function ofVisit(visit: Row): HTMLElement {
  const about = `visits/${visit.id}`;
  const mine = queue.filter(({ item }) => item.object === "files" && (item.values.about as string[]).includes(about));
  const label = `${words("photo")}: ${visit.title}`;
  const keep = (photo: Blob): Promise<boolean> =>
    write(label, { does: "create", object: "files", values: { subject: label.slice(0, 200), about: [about], happened_at: new Date().toISOString() } }, photo);
  return photos(mine, keep, (one) => discard(one, "remove"), say);
}

const here = (): Promise<Record<string, string | number>> =>
  new Promise((done) => {
    if (!("geolocation" in navigator)) return done({});
    const found = ({ coords }: GeolocationPosition): void =>
      done({ latitude: coords.latitude.toFixed(6), longitude: coords.longitude.toFixed(6), accuracy: Math.round(coords.accuracy) });
    navigator.geolocation.getCurrentPosition(found, () => done({}), { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 60_000 });
  });

function forms(held: Bundle, account: Link): Node[] {
  const about = [`accounts/${account.id}`];
  const small = (name: string, wide: boolean, values: (typed: string, day: string) => Record<string, unknown>): HTMLElement => {
    const typed = wide ? make("textarea", { class: "form-control", rows: "3", required: "", "aria-label": words(name) }) : make("input", { class: "form-control", required: "", maxlength: "200", "aria-label": words(name) });
    const day = make("input", { class: "form-control", type: "date", "aria-label": words("due") });
    const form = make("form", { class: "offline-form", "data-name": name }, typed, ...(wide ? [] : [day]), make("button", { class: "btn" }, words("save")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      (document.activeElement as HTMLElement | null)?.blur();
      void write(`${words(name)}: ${typed.value.slice(0, 60)}`, { does: "create", object: `${name}s`, values: values(typed.value, day.value) }).then((kept_) => kept_ && form.reset());
    });
    return make("details", {}, make("summary", {}, words(name)), form);
  };
  const parts: Node[] = [];
  if (held.may.orders && held.products.length) {
    parts.push(orderForm(held, account, (label, values) => write(label, { does: "create", object: "orders", values })));
  }
  if (held.may.notes) parts.push(small("note", true, (typed) => ({ body: asHtml(typed), about, happened_at: new Date().toISOString() })));
  if (held.may.tasks) parts.push(small("task", false, (typed, day) => ({ subject: typed, about, ...(day ? { due_at: new Date(`${day}T09:00`).toISOString() } : {}) })));
  return parts;
}

function showWaiting(): Node[] {
  if (!queue.length) return [make("p", { class: "muted" }, words("all_sent"))];
  return [make("ul", { class: "offline-list" }, ...queue.map(showOne))];
}

function showOne(one: Waiting): HTMLElement {
  const item = make("li", { class: "box" }, make("strong", {}, one.label));
  if (one.state === "conflict") item.append(...conflict(one));
  if (one.photo) item.append(thumbnail(one));
  if (one.state === "refused") item.append(make("p", { class: "danger" }, `${words("refused")}: ${one.message || words("unreadable")}`), button("again", () => put(base, { ...one, state: "waiting" })));
  item.append(discard(one, "discard"));
  return item;
}

const discard = (one: Waiting, name: string): HTMLElement =>
  button(name, async () => {
    if (confirm(words("sure"))) await drop(base, one.id);
  });

function button(name: string, work: () => Promise<void>): HTMLElement {
  const made = make("button", { type: "button", class: "btn btn-sm" }, words(name));
  made.addEventListener("click", () => void work().then(load).then(reach));
  return made;
}

/** Field by field: mine or theirs. Once all are chosen, what is left of mine is sent. */
function conflict(one: Waiting): Node[] {
  const form = make("form", { class: "offline-form" }, make("p", {}, words("conflict")));
  for (const field of one.fields) {
    const choice = (value: string, shown: string): HTMLElement =>
      make("label", { class: "offline-choice" }, make("input", { type: "radio", name: field.name, value, required: "" }), make("strong", {}, words(value)), make("span", {}, shown));
    form.append(make("fieldset", {}, make("legend", {}, field.label), choice("mine", asText(text(field.mine))), choice("theirs", field.shown)));
  }
  form.append(make("button", { class: "btn btn-primary" }, words("save")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = new FormData(form);
    const values = { ...one.item.values };
    const held = { ...one.item.base };
    for (const { name, theirs } of one.fields) {
      if (chosen.get(name) === "mine") held[name] = theirs;
      else delete values[name];
    }
    const again: Waiting = { ...one, item: { ...one.item, values, base: held }, state: "waiting", fields: [] };
    void (Object.keys(values).length ? put(base, again) : drop(base, one.id)).then(load).then(reach);
  });
  return [form];
}

if ("serviceWorker" in navigator) navigator.serviceWorker.register(`${base}/worker.js`, { scope: `${base}/` }).catch(() => undefined);
main.addEventListener("input", ({ target }) => (target as Element).closest("form[data-name]")?.setAttribute("data-unsaved", ""));
main.addEventListener("reset", ({ target }) => (target as Element).removeAttribute("data-unsaved"));
addEventListener("hashchange", draw);
addEventListener("online", () => void reach());
addEventListener("offline", () => {
  went = "offline";
  draw();
});
void load().then(reach);
