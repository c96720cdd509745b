// A calendar of records: month, week, day and agenda, dragged and lengthened by mouse, finger and keyboard. Its clock is the
// person's own: the server turns every moment into it, and reads what it is told on it ("UTC" here means: as written).
import { Calendar, type EventApi, type EventInput } from "@fullcalendar/core";
import es from "@fullcalendar/core/locales/es";
import ro from "@fullcalendar/core/locales/ro";
import dayGrid from "@fullcalendar/daygrid";
import interaction from "@fullcalendar/interaction";
import list from "@fullcalendar/list";
import timeGrid from "@fullcalendar/timegrid";
import type { Change } from "../elements/live";
import { csrf } from "./page";

const VIEWS: Record<string, string> = { month: "dayGridMonth", week: "timeGridWeek", day: "timeGridDay", agenda: "listMonth" };
const HALF_HOUR = 30 * 60_000;
const DAY = 24 * 60 * 60_000;

/** A moment as it is written, without the zone that it does not have here. */
const written = (moment: Date | null, whole: boolean): string => moment?.toISOString().slice(0, whole ? 10 : 19) ?? "";

export function mount(element: HTMLElement): () => void {
  const { url = "", base = "", object = "", language = "en", first = "1", day = "", today = "", start = "", end = "", timed } = element.dataset;
  const place = element.querySelector("[data-place]") as HTMLElement;
  const spans = [...element.querySelectorAll<HTMLElement>("[data-span-of]")];
  const narrow = innerWidth < 768;
  const say = (text: string, aloud = false): void => {
    const status = element.querySelector("[data-status]");
    if (status) status.textContent = text;
    if (aloud) document.body.dispatchEvent(new CustomEvent("toast", { detail: { text } }));
  };

  async function entries(from: string, to: string): Promise<EventInput[]> {
    const address = new URL(url, location.href);
    address.searchParams.set("from", from.slice(0, 10));
    address.searchParams.set("to", to.slice(0, 10));
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(String(answer.status));
    const told = (await answer.json()) as { entries: EventInput[]; more: string };
    const more = element.querySelector("[data-more]");
    if (more) more.textContent = told.more;
    return told.entries;
  }

  /** Tell the server when a record is now; where it refuses, everything is back. */
  async function moved(event: EventApi, revert: () => void): Promise<void> {
    const whole = event.allDay;
    const data = new FormData();
    data.set("on", String(event.extendedProps.field));
    data.set("version", String(event.extendedProps.version));
    data.set("start", written(event.start, whole));
    if (event.end) data.set("end", written(event.end, whole));
    const again = () => {
      revert();
      calendar.refetchEvents();
    };
    try {
      const address = `${base}${event.extendedProps.record}/reschedule`;
      const answer = await fetch(address, { method: "POST", body: data, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
      if (!answer.ok) {
        again();
        return say(answer.headers.get("content-type")?.startsWith("text/plain") ? await answer.text() : (element.dataset.refused ?? ""), true);
      }
      event.setExtendedProp("version", ((await answer.json()) as { version: number }).version);
      const { toast } = JSON.parse(answer.headers.get("HX-Trigger") ?? "{}") as { toast?: unknown };
      if (toast) document.body.dispatchEvent(new CustomEvent("toast", { detail: toast }));
      const when = calendar.formatDate(event.start as Date, whole ? { dateStyle: "full" } : { dateStyle: "full", timeStyle: "short" });
      say((element.dataset.moved ?? "").replace("{when}", when));
    } catch {
      again();
      say(element.dataset.refused ?? "", true);
    }
  }

  function create(from: Date, to: Date, whole: boolean): void {
    if (!element.dataset.new) return;
    const address = new URL(element.dataset.new, location.href);
    const nine = whole && timed ? 9 * 60 * 60_000 : 0; // a day is no hour: a working day begins at nine
    const until = whole && timed ? new Date(from.getTime() + nine + 2 * HALF_HOUR) : whole ? new Date(to.getTime() - DAY) : to;
    address.searchParams.set(start, written(new Date(from.getTime() + nine), !timed));
    if (end) address.searchParams.set(end, written(until, !timed));
    address.searchParams.set("back", location.pathname + location.search);
    location.assign(address);
  }

  const calendar = new Calendar(place, {
    plugins: [dayGrid, timeGrid, list, interaction],
    locales: [es, ro],
    locale: language === "en" ? "en-gb" : language, // days before months and 24 hours, as on every other page
    firstDay: Number(first),
    timeZone: "UTC",
    now: () => `${today}T${new Date().toTimeString().slice(0, 8)}`,
    nowIndicator: false,
    initialView: VIEWS[element.dataset.span ?? ""] ?? (narrow ? "listMonth" : "dayGridMonth"),
    initialDate: day,
    headerToolbar: false,
    height: narrow ? "auto" : Math.max(520, innerHeight - 200),
    direction: document.documentElement.dir === "rtl" ? "rtl" : "ltr",
    dayMaxEvents: 4,
    dayCellDidMount: ({ el }) => el.removeAttribute("aria-labelledby"), // a cell is named by all that is in it, not by its number alone
    navLinks: true,
    scrollTime: "08:00:00",
    eventTimeFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
    nextDayThreshold: "06:00:00", // what ends after midnight is of the day on which it began
    defaultTimedEventDuration: "00:30:00",
    events: ({ startStr, endStr }, done, failed) => void entries(startStr, endStr).then(done, failed),
    eventStartEditable: true,
    eventDurationEditable: Boolean(end),
    eventAllow: (span, event) => span.allDay === event?.allDay,
    selectable: Boolean(element.dataset.new),
    longPressDelay: 300,
    select: (chosen) => create(chosen.start, chosen.end, chosen.allDay),
    eventDrop: ({ event, revert }) => void moved(event, revert),
    eventResize: ({ event, revert }) => void moved(event, revert),
    eventDidMount: ({ el, event }) => {
      (el.querySelector("a") ?? el).setAttribute("title", event.title);
      el.dataset.entry = event.id;
    },
    datesSet: ({ view, startStr }) => {
      const title = element.querySelector("[data-title]");
      if (title) title.textContent = view.title;
      const name = Object.keys(VIEWS).find((each) => VIEWS[each] === view.type) ?? "month";
      spans.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.spanOf === name)));
      const address = new URL(location.href);
      address.searchParams.set("span", name);
      address.searchParams.set("day", written(calendar.getDate(), true) || startStr.slice(0, 10));
      history.replaceState(history.state, "", address);
    },
  });

  /** Shift and an arrow move the entry that has the focus by a day or, where there are hours, by half an hour; with Alt its end. */
  function key(event: KeyboardEvent): void {
    const id = (event.target as Element).closest<HTMLElement>("[data-entry]")?.dataset.entry;
    const entry = id ? calendar.getEventById(id) : null;
    if (!entry?.start || !event.shiftKey || event.ctrlKey || event.metaKey || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    if (entry.startEditable === false || entry.classNames.includes("recurs") || place.querySelector(".fc-event-dragging")) return;
    const hours = calendar.view.type.startsWith("timeGrid") && !entry.allDay;
    const sideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
    const sign = event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 1;
    const step = sign * (sideways ? DAY : hours ? HALF_HOUR : 7 * DAY);
    const [from, to, version] = [entry.start, entry.end, entry.extendedProps.version as number];
    const revert = () => {
      entry.setDates(from, to, { allDay: entry.allDay });
      entry.setExtendedProp("version", version);
    };
    if (!event.altKey) entry.moveDates({ milliseconds: step });
    else if (!end) return;
    else entry.setEnd(new Date(Math.max((to ?? from).getTime() + step, from.getTime())));
    void moved(entry, revert);
    const again = place.querySelector<HTMLElement>(`[data-entry="${CSS.escape(id as string)}"]`);
    (again?.querySelector<HTMLElement>("a") ?? again)?.focus();
  }

  let timer = 0;
  function heard(event: Event): void {
    if ((event as CustomEvent<Change>).detail.object !== object) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => calendar.refetchEvents(), 600);
  }

  function clicked(event: Event): void {
    const button = (event.target as Element).closest<HTMLElement>("[data-go], [data-span-of]");
    if (button?.dataset.spanOf) calendar.changeView(VIEWS[button.dataset.spanOf] ?? "dayGridMonth");
    else if (button?.dataset.go === "today") calendar.today();
    else if (button?.dataset.go === "prev") calendar.prev();
    else if (button?.dataset.go === "next") calendar.next();
  }

  element.querySelector("[data-plain]")?.setAttribute("hidden", "");
  element.addEventListener("click", clicked);
  place.addEventListener("keydown", key);
  document.addEventListener("trato:change", heard);
  calendar.render();
  return () => {
    document.removeEventListener("trato:change", heard);
    calendar.destroy();
  };
}
